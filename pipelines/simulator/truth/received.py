"""What was received: digitization, reuse, channels, accounts and payment, by day of reception."""

from __future__ import annotations

import polars as pl

from pipelines.simulator.truth.rows import count_by_month, rows_of


def received_rows(accepted: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows of the accepted dossiers of `gather_facts`."""
    counted = count_by_month(accepted, "accepted", {
        "received": pl.len(),
        "received_online": pl.col("is_online").sum(),
        "digitized": pl.col("digitized").sum(),
        "components": pl.col("components").sum(),
        "components_digitized": pl.col("components_digitized").sum(),
        "reused": pl.col("reused").sum(),
        "stored": pl.col("stored").sum(),
        "vneid": (pl.col("vneid") == 1).sum(),
        "with_fee": pl.col("has_fee").sum(),
        "paid_online": pl.col("paid_online").sum(),
        "due_sent": pl.col("due_last").is_not_null().sum(),
        "due_moved": (pl.col("due_last") != pl.col("due")).sum(),
        "waited_without_new_due": _waited_without_new_due().sum(),
    })  # fmt: skip
    counts = ("received", "received_online", "digitized", "waited_without_new_due")
    shares = {
        "digitization_rate": ("digitized", "received"),
        "digitization_item_rate": ("components_digitized", "components"),
        "online_rate": ("received_online", "received"),
        "reuse_rate": ("reused", "received"),
        "personal_store_rate": ("stored", "received"),
        "vneid_rate": ("vneid", "received"),
        "online_payment_rate": ("paid_online", "with_fee"),
        "due_moved_rate": ("due_moved", "due_sent"),
    }
    return [
        *(rows_of(counted, name, name) for name in counts),
        *(rows_of(counted, name, part, whole) for name, (part, whole) in shares.items()),
    ]


def _waited_without_new_due() -> pl.Expr:
    """A wait that ended within a life told of, no new date for any, and a date to begin with."""
    ended = pl.any_horizontal(pl.col("wait1_to", "wait2_to").is_not_null())
    anew = pl.any_horizontal(pl.col("due1", "due2").is_not_null())
    return ended & ~anew & pl.col("due_last").is_not_null()
