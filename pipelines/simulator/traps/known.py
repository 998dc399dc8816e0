"""What can still be known of trapped dossiers: the plan as a perfect reader would see it.

A trap that ends in quarantine takes records away for good: all of the dossier, those from its
acceptance on, or those from its finish on. What the truth loses by that is the difference
between the figures of the plan and of this one.
"""

from __future__ import annotations

import polars as pl

from pipelines.simulator.plan import MOMENTS
from pipelines.simulator.traps.catalogue import TRAPS, Since, number_of


def knowable(plan: pl.DataFrame) -> pl.DataFrame:
    """The trapped plan without what no reader can know.

    Adds `is_procedure_unknown` and `is_told_by_day` (its moments are told as days). Lost from
    its acceptance on, a dossier that was submitted before is one that nobody answered.
    """
    from_return = pl.col("trap") == number_of("finish_only_as_return")
    is_open, is_unanswered = (
        pl.col("trap").is_in(_lost_since(since)) for since in ("closed", "accepted")
    )
    is_told = ~is_unanswered | (pl.col("submitted") < pl.col("accepted"))
    after = [name for name in MOMENTS if name not in ("submitted", "closed", "returned")]
    return plan.filter(~pl.col("trap").is_in(_lost_since("always")) & is_told).with_columns(
        *(pl.when(~is_unanswered).then(name).alias(name) for name in after),
        closed=pl.when(from_return).then("returned").when(~is_open & ~is_unanswered).then("closed"),
        returned=pl.when(~is_open & ~is_unanswered).then("returned"),
        is_procedure_unknown=pl.col("trap") == number_of("home_made_procedure_code"),
        is_told_by_day=pl.col("trap") == number_of("times_at_midnight"),
    )


def _lost_since(since: Since) -> list[int]:
    """The numbers of the traps that take a dossier's records away from an event on."""
    return [number_of(t.name) for t in TRAPS if t.outcome == "quarantined" and t.since == since]


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
