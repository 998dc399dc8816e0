"""The difference of two published figures in parts that sum to it exactly."""

from __future__ import annotations

import polars as pl

from pipelines.serving.restatement.cause import CAUSES, Cause

KEYS = ("unit_code", "unit_valid_from", "metric", "definition", "period")
PARTS = ("late_data", *CAUSES)
_FIGURE = ("numerator", "denominator")


def split_differences(
    then: pl.DataFrame, between: pl.DataFrame, now: pl.DataFrame, cause: Cause
) -> pl.DataFrame:
    """The figures that are another now than they were, with the parts of each difference.

    Each frame has `KEYS`, numerator and denominator (null for a count): `then` as published,
    `between` what the same data gives today, `now` as published now. What came late is `now` less
    `between`; `between` less `then` has one `cause`. A count that has no row in `between` or
    `now` is nothing (its unit is no more); a share then has no value and its parts are empty, as
    are those of a figure that was not said then. The parts of a row sum to its difference.
    """
    whole = then.lazy().with_columns(was_said=pl.lit(True))
    for frame, suffix in ((between, "_between"), (now, "_now")):
        renamed = frame.lazy().select(
            *KEYS, *(pl.col(name).alias(f"{name}{suffix}") for name in _FIGURE)
        )
        whole = whole.join(renamed, on=KEYS, how="full", coalesce=True, nulls_equal=True)
    is_share = pl.any_horizontal(
        pl.col(f"denominator{suffix}").is_not_null() for suffix in ("", "_between", "_now")
    )
    whole = whole.with_columns(
        was_said=pl.col("was_said").fill_null(False),
        then=_value("", is_share),
        between=_value("_between", is_share),
        now=_value("_now", is_share),
    )
    other = pl.any_horizontal(
        pl.col(name).fill_null(0) != pl.col(f"{name}_now").fill_null(0) for name in _FIGURE
    )
    late, rest = pl.col("now") - pl.col("between"), pl.col("between") - pl.col("then")
    parts = dict.fromkeys(CAUSES, rest * 0.0) | {cause: rest}
    return (
        whole.filter(other)
        .with_columns(late_data=late, **parts)
        .with_columns(difference=sum((pl.col(name) for name in PARTS), pl.lit(0.0)))
        .sort("period", "unit_code", "unit_valid_from", "metric", nulls_last=True)
        .collect()
    )


def _value(suffix: str, is_share: pl.Expr) -> pl.Expr:
    above, below = pl.col(f"numerator{suffix}"), pl.col(f"denominator{suffix}")
    # a count without a row counts nothing, but what was never said is not nothing
    count = above.fill_null(0) if suffix else pl.when("was_said").then(above)
    return pl.when(is_share).then(pl.when(below > 0).then(above / below)).otherwise(count)
