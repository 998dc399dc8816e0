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
    })  # fmt: skip
    counts = ("received", "received_online", "digitized")
    shares = {
        "digitization_rate": ("digitized", "received"),
        "digitization_item_rate": ("components_digitized", "components"),
        "online_rate": ("received_online", "received"),
        "reuse_rate": ("reused", "received"),
        "personal_store_rate": ("stored", "received"),
        "vneid_rate": ("vneid", "received"),
        "online_payment_rate": ("paid_online", "with_fee"),
    }
    return [
        *(rows_of(counted, name, name) for name in counts),
        *(rows_of(counted, name, part, whole) for name, (part, whole) in shares.items()),
    ]
