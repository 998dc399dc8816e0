"""Rows of truth: metric by definition by unit by month, with numerator and denominator."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

SCHEMA = {
    "metric": pl.String,
    "definition": pl.String,
    "unit": pl.Int32,
    "month": pl.Int32,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
}


def month_number(moment: pl.Expr) -> pl.Expr:
    """Months since year 0."""
    return moment.dt.year() * 12 + moment.dt.month().cast(pl.Int32) - 1


def count_by_month(facts: pl.DataFrame, anchor: str, counts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """unit, month of the moment `anchor`, and each count; without those that have no moment."""
    return (
        facts.filter(pl.col(anchor).is_not_null())
        .group_by("unit", month=month_number(pl.col(anchor)))
        .agg(expression.cast(pl.Int64).alias(name) for name, expression in counts.items())
    )


def rows_of(
    counted: pl.DataFrame,
    metric: str,
    numerator: str,
    denominator: str | None = None,
    definition: str | None = None,
) -> pl.DataFrame:
    """The rows of one metric from a frame of unit, month and counts; none where all is 0."""
    over = pl.lit(None) if denominator is None else pl.col(denominator)
    shown = pl.col(numerator) > 0 if denominator is None else pl.col(denominator) > 0
    return (
        counted.filter(shown)
        .select(
            pl.lit(metric).alias("metric"),
            pl.lit(definition, dtype=pl.String).alias("definition"),
            "unit",
            "month",
            pl.col(numerator).alias("numerator"),
            over.cast(pl.Int64).alias("denominator"),
        )
        .with_columns(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    )
