"""What was resolved, returned or closed in another way, by the day on which that happened."""

from __future__ import annotations

import polars as pl

from pipelines.simulator.course import REFUSED, STOPPED, WITHDRAWN
from pipelines.simulator.truth.rows import count_by_month, rows_of


def resolved_rows(resolved: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows of the resolved dossiers of `gather_facts`: results and full digitization."""
    known = ~pl.col("is_procedure_unknown")
    has_result_due = known & pl.col("bears_result")
    counted = count_by_month(resolved, "closed", {
        "resolved": pl.len(),
        "result_unknown": (~known).sum(),
        "known": known.sum(),
        "due": has_result_due.sum(),
        "electronic": (has_result_due & pl.col("electronic")).sum(),
        "full": (known & pl.col("digitized")
                 & (~pl.col("bears_result") | pl.col("electronic"))).sum(),
        "lenient": ((known & ~pl.col("bears_result")) | pl.col("electronic")).sum(),
    })  # fmt: skip
    return [
        rows_of(counted, "resolved", "resolved"),
        rows_of(counted, "result_unknown", "result_unknown"),
        rows_of(counted, "e_result_rate", "electronic", "due"),
        rows_of(counted, "e_result_rate_lenient", "lenient", "resolved"),
        rows_of(counted, "digitization_full_rate", "full", "known"),
    ]


def returned_rows(resolved: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows of the resolved dossiers of `gather_facts` whose result was handed over."""
    by_post = (pl.col("by_post_return") == 1).sum()
    counted = count_by_month(resolved, "returned", {"returned": pl.len(), "by_post": by_post})
    return [
        rows_of(counted, "returned", "returned"),
        rows_of(counted, "postal_return_rate", "by_post", "returned"),
    ]


def closed_rows(accepted: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows of the accepted dossiers of `gather_facts` that ended without being resolved."""
    names = {"withdrawn": WITHDRAWN, "refused": REFUSED, "stopped": STOPPED}
    counts = {name: (pl.col("outcome") == outcome).sum() for name, outcome in names.items()}
    counted = count_by_month(accepted, "closed", counts)
    return [rows_of(counted, name, name) for name in names]
