"""What can still be known of trapped dossiers: the plan as a perfect reader would see it.

A trap that ends in quarantine takes records away for good: all of the dossier, or those from
its finish on. What the truth loses by that is the difference between the figures of the plan
and of this one.
"""

from __future__ import annotations

import polars as pl

from pipelines.simulator.traps.catalogue import TRAPS, number_of


def knowable(plan: pl.DataFrame) -> pl.DataFrame:
    """The trapped plan without what no reader can know; adds `is_procedure_unknown`."""
    lost = [
        number_of(t.name)
        for t in TRAPS
        if t.outcome == "quarantined" and t.since in ("always", "accepted")
    ]
    open_still = [
        number_of(t.name) for t in TRAPS if t.outcome == "quarantined" and t.since == "closed"
    ]
    is_open = pl.col("trap").is_in(open_still)
    from_return = pl.col("trap") == number_of("finish_only_as_return")
    return plan.filter(~pl.col("trap").is_in(lost)).with_columns(
        closed=pl.when(from_return).then("returned").when(~is_open).then("closed"),
        returned=pl.when(~is_open).then("returned"),
        is_procedure_unknown=pl.col("trap") == number_of("home_made_procedure_code"),
    )


def difference(clean: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Rows of `true_rows` that are lost: clean less known, where they differ."""
    key = ["metric", "definition", "unit", "month"]
    both = clean.join(known, on=key, how="full", nulls_equal=True, coalesce=True, suffix="_known")
    return (
        both.select(
            *key,
            numerator=pl.col("numerator").fill_null(0) - pl.col("numerator_known").fill_null(0),
            denominator=pl.when(pl.coalesce("denominator", "denominator_known").is_not_null()).then(
                pl.col("denominator").fill_null(0) - pl.col("denominator_known").fill_null(0)
            ),
        )
        .filter((pl.col("numerator") != 0) | (pl.col("denominator").fill_null(0) != 0))
        .select(clean.columns)
    )
