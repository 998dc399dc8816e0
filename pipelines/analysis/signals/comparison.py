"""Funnels of the units of each level: the last complete month, three months and twelve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipelines.analysis.signals.funnel import draw_funnel
from pipelines.analysis.signals.intervals import wilson
from pipelines.analysis.signals.metrics import WeeklyMetric
from pipelines.analysis.signals.panel import Run

FUNNEL_SCHEMA = pl.Schema(
    {
        "metric": pl.String, "window": pl.String, "first_on": pl.Date, "last_on": pl.Date,
        "unit_key": pl.String, "level": pl.String, "numerator": pl.Int64, "denominator": pl.Int64,
        "value": pl.Float64, "wilson_lower": pl.Float64, "wilson_upper": pl.Float64,
        "is_grey": pl.Boolean, "centre": pl.Float64, "phi": pl.Float64, "lower_95": pl.Float64,
        "upper_95": pl.Float64, "lower_998": pl.Float64, "upper_998": pl.Float64,
        "verdict": pl.String,
    }
)  # fmt: skip
"""A unit in a funnel: its share with Wilson's interval, the limits at its size, the verdict."""

_IN_FORCE = """
select unit_key from main.dim_unit
where coalesce(unit_valid_to, date '9999-12-31') >= date '{last}'
    and coalesce(shop_folded_on, date '9999-12-31') > date '{last}'
"""


def compare_units(
    run: Run, months: pl.DataFrame, metrics: Sequence[WeeklyMetric], least: int
) -> pl.DataFrame:
    """The funnels of `months` (as `read_months` gives them), in the columns of `FUNNEL_SCHEMA`.

    Shares alone; the units in force at the end, each among those of its level.
    """
    if months.is_empty():
        return FUNNEL_SCHEMA.to_frame()
    last = months["month_on"].max()
    assert isinstance(last, date)
    in_force = run(_IN_FORCE.format(last=last_day(last)))
    units = months.join(in_force, on="unit_key", how="semi")
    frames: list[pl.DataFrame] = []
    for window, first in funnel_windows(last).items():
        summed = (
            units.filter(pl.col("month_on") >= first)
            .group_by("metric", "unit_key", "level")
            .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
            .filter(pl.col("denominator") > 0)
            .sort("metric", "level", "unit_key")
        )
        for metric in metrics:
            if metric.is_count:
                continue
            for (_,), group in summed.filter(metric=metric.metric).group_by(
                "level", maintain_order=True
            ):
                lower, upper = wilson("numerator", "denominator")
                frames.append(
                    draw_funnel(group, metric.direction, least).with_columns(
                        wilson_lower=lower,
                        wilson_upper=upper,
                        window=pl.lit(window),
                        first_on=pl.lit(first),
                        last_on=pl.lit(last_day(last)),
                    )
                )
    if not frames:
        return FUNNEL_SCHEMA.to_frame()
    return (
        pl.concat(frames, how="vertical_relaxed").select(FUNNEL_SCHEMA.names()).cast(FUNNEL_SCHEMA)
    )


def funnel_windows(last_month: date) -> dict[str, date]:
    """The first month of the windows that end with a month: one, three, twelve months."""
    number = last_month.year * 12 + last_month.month - 1
    firsts = {"month": number, "quarter": number - 2, "year": number - 11}
    return {name: date(value // 12, value % 12 + 1, 1) for name, value in firsts.items()}


def last_day(month: date) -> date:
    """The last day of a month given by its first."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
