"""Monthly charts of the headline metrics: of every unit, every level and the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.analysis.signals.metrics import (
    ACCEPTED,
    DIGITIZED,
    E_RESULTS,
    KEPT,
    LATE,
    ONLINE,
    OVERDUE,
    RECEIVED,
    WeeklyMetric,
)
from pipelines.analysis.signals.panel import Run, by_mart, column_of, sums_of
from pipelines.analysis.signals.spc import draw_charts
from pipelines.analysis.signals.weeks import tet_days

SERIES = ["metric", "unit_key", "level"]
"""What names a series: a unit has a key and its level, a level no key, the whole neither."""

SPC_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(SERIES, pl.String), "month_on": pl.Date, "numerator": pl.Int64,
        "denominator": pl.Int64, "value": pl.Float64, "is_grey": pl.Boolean, "is_tet": pl.Boolean,
        "phase_n": pl.Int64, "centre": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
        "is_trending": pl.Boolean, "is_outside": pl.Boolean, "is_shift": pl.Boolean,
        "is_trend": pl.Boolean, "is_near_limit": pl.Boolean, "variation": pl.String,
        "target": pl.Float64, "assurance": pl.String,
    }
)  # fmt: skip
"""A point of a chart: the figure of a month with its limits, the four rules and two verdicts."""

_SELECT = """
select unit_key, cast(date_trunc('month', {day}) as date) as month_on, {sums}
from {mart}
where {day} <= date '{last}' and {where} {at_ends}
group by all
"""
_REBASED = """
select unit.unit_key, unit.level, changed.effective_on as changed_on
from main.stg_reference__unit_changes as changed
inner join main.dim_unit as unit on unit.unit_code = changed.to_code
    and changed.effective_on between coalesce(unit.unit_valid_from, date '0001-01-01')
        and coalesce(unit.unit_valid_to, date '9999-12-31')
where changed.kind = 'shop_merger'
union
select null, unit.level, changed.effective_on
from main.stg_reference__unit_changes as changed
cross join (select distinct level from main.dim_unit union select null) as unit
where changed.kind in ('unit_merger', 'unit_split', 'unit_abolished')
"""
_RULES = """
select distinct valid_from from main.dim_rule where valid_from > date '0001-01-01'
"""


def list_charted(headline_digitization: str) -> tuple[WeeklyMetric, ...]:
    """The metrics that have a chart: shares, and two counts."""
    return (
        LATE, KEPT, ACCEPTED, DIGITIZED[headline_digitization], E_RESULTS, ONLINE, RECEIVED,
        replace(OVERDUE, denominator=None),
    )  # fmt: skip


def read_months(run: Run, metrics: Sequence[WeeklyMetric], data_as_of: date) -> pl.DataFrame:
    """metric, unit_key, level, month_on, numerator, denominator of complete months.

    A month in which a unit had nothing has a row too, from its first to its last. Levels and the
    whole are sums of the units.
    """
    last = (data_as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    units = run(
        "select unit_key, level, unit_valid_from, unit_valid_to from main.dim_unit"
        " where level <> 'area'"
    )
    told = pl.concat([_read(run, same, last) for same in by_mart(metrics)]).join(
        units.select("unit_key", "level"), on="unit_key"
    )
    counts = [pl.col("numerator").sum(), pl.col("denominator").sum()]
    levels = told.group_by("metric", "level", "month_on").agg(counts)
    whole = told.group_by("metric", "month_on").agg(counts)
    together = pl.concat([told, levels, whole], how="diagonal").select(
        *SERIES, "month_on", "numerator", "denominator"
    )
    return _fill(together, last.replace(day=1))


def chart_months(
    run: Run,
    months: pl.DataFrame,
    metrics: Sequence[WeeklyMetric],
    least: int,
) -> pl.DataFrame:
    """The charts of `read_months`, in the columns of `SPC_SCHEMA`.

    `least` is the denominator below which a share is grey.
    """
    if months.is_empty():
        return SPC_SCHEMA.to_frame()
    counts = [metric.metric for metric in metrics if metric.is_count]
    calendar = run("select day_on, is_working_day, note from main.dim_calendar")
    tet = pl.Series("tet", tet_days(calendar), dtype=pl.Date).dt.truncate("1mo").unique()
    is_count = pl.col("metric").is_in(counts)
    points = months.with_columns(
        value=pl.when(is_count)
        .then(pl.col("numerator").cast(pl.Float64))
        .when(pl.col("denominator") > 0)
        .then(pl.col("numerator") / pl.col("denominator")),
        is_grey=~is_count & (pl.col("denominator") < least),
        is_tet=pl.col("month_on").is_in(tet.implode()),
        denominator=pl.when(~is_count).then("denominator"),
    ).sort(*SERIES, "month_on")
    charted = _lay_charts(points, _read_changes(run))
    directions = {metric.metric: str(metric.direction) for metric in metrics}
    return _judge(charted, directions, counts, run).select(SPC_SCHEMA.names()).cast(SPC_SCHEMA)


def _read(run: Run, metrics: Sequence[WeeklyMetric], last: date) -> pl.DataFrame:
    first = metrics[0]
    at_ends = f"and {first.day} = last_day({first.day})" if first.is_balance else ""
    told = run(
        _SELECT.format(
            day=first.day, sums=sums_of(metrics), mart=first.mart, last=last, where=first.where,
            at_ends=at_ends,
        )
    )  # fmt: skip
    return pl.concat(
        told.select(
            pl.lit(metric.metric).alias("metric"),
            "unit_key",
            "month_on",
            numerator=column_of(metric, "num"),
            denominator=pl.lit(0, dtype=pl.Int64)
            if metric.is_count
            else pl.col(column_of(metric, "den")),
        )
        for metric in metrics
    )


def _fill(told: pl.DataFrame, last_month: date) -> pl.DataFrame:
    """Rows of zeros for the months in which a series that goes on had nothing.

    A series whose last count is older than a year has ended.
    """
    span = told.group_by(SERIES).agg(first=pl.col("month_on").min(), ended=pl.col("month_on").max())
    goes_on = pl.col("ended") > last_month - timedelta(days=365)
    every = (
        span.with_columns(until=pl.when(goes_on).then(pl.lit(last_month)).otherwise("ended"))
        .with_columns(month_on=pl.date_ranges("first", "until", "1mo"))
        .explode("month_on")
        .select(*SERIES, "month_on")
    )
    return every.join(told, on=[*SERIES, "month_on"], how="left", nulls_equal=True).with_columns(
        pl.col("numerator", "denominator").fill_null(0)
    )


def _read_changes(run: Run) -> pl.DataFrame:
    """unit_key, level, month_on in which a known change falls; rules change for all."""
    changes = run(_REBASED).with_columns(month_on=pl.col("changed_on").dt.truncate("1mo"))
    rules = run(_RULES).select(month_on=pl.col("valid_from").dt.truncate("1mo"))
    return pl.concat([changes.select("unit_key", "level", "month_on"), rules], how="diagonal")


def _lay_charts(points: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Charts of all series at once, on a grid of series × month, and back into rows."""
    series = points.select(SERIES).unique(maintain_order=True).with_row_index("series")
    first = points["month_on"].min()
    assert isinstance(first, date)
    placed = points.join(series, on=SERIES, nulls_equal=True, maintain_order="left").with_columns(
        month=(pl.col("month_on").dt.year() - first.year) * 12
        + pl.col("month_on").dt.month().cast(pl.Int32)
        - first.month
    )
    shape = (series.height, int(placed["month"].max() or 0) + 1)  # pyright: ignore[reportArgumentType]
    at = (placed["series"].to_numpy(), placed["month"].to_numpy())
    values, usable = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    values[at] = placed["value"].fill_null(0.0).to_numpy()
    fit = ~pl.col("is_grey") & ~pl.col("is_tet") & pl.col("value").is_not_null()
    usable[at] = placed.select(fit).to_series().to_numpy()
    rebased = np.zeros(shape, dtype=np.bool_)
    everywhere = changes.filter(pl.col("unit_key").is_null() & pl.col("level").is_null())
    marked = pl.concat(
        [
            placed.join(
                changes.select("unit_key", "level", "month_on").unique(),
                on=["unit_key", "level", "month_on"],
                how="semi",
                nulls_equal=True,
            ),
            placed.join(everywhere, on="month_on", how="semi"),
        ]
    )
    rebased[marked["series"].to_numpy(), marked["month"].to_numpy()] = True
    chart = draw_charts(values, usable, rebased)
    limits = {"centre": chart.centre, "lower": chart.lower, "upper": chart.upper}
    marks = {
        "is_trending": chart.is_trending, "is_outside": chart.outside, "is_shift": chart.shift,
        "is_trend": chart.trend, "is_near_limit": chart.near_limit, "is_above": chart.is_above,
    }  # fmt: skip
    return placed.with_columns(
        *(pl.Series(name, values[at]).fill_nan(None) for name, values in limits.items()),
        *(pl.Series(name, values[at]) for name, values in marks.items()),
        phase_n=pl.Series(chart.phase[at]),
    ).drop("series", "month")


def _judge(
    charted: pl.DataFrame, directions: Mapping[str, str], counts: Sequence[str], run: Run
) -> pl.DataFrame:
    targets = run(
        "select metric, cast(target as double) as target, valid_from, valid_to from main.dim_target"
    )
    is_signal = pl.any_horizontal("is_outside", "is_shift", "is_trend", "is_near_limit")
    direction = pl.col("metric").replace_strict(directions, return_dtype=pl.String)
    is_good = pl.col("is_above") == (direction == "up")
    is_share = ~pl.col("metric").is_in(list(counts))
    with_target = (
        charted.join(targets, on="metric", how="left", maintain_order="left")
        .with_columns(
            target=pl.when(
                (pl.col("valid_from").fill_null(date.min) <= pl.col("month_on"))
                & (pl.col("valid_to").fill_null(date.max) >= pl.col("month_on"))
            ).then("target")
        )
        .sort("target", nulls_last=True, maintain_order=True)
        .unique([*SERIES, "month_on"], keep="first", maintain_order=True)
        .drop("valid_from", "valid_to")
        .sort(*SERIES, "month_on")
    )
    return (
        with_target.with_columns(
            lower=pl.col("lower").clip(lower_bound=0.0),
            upper=pl.when(is_share).then(pl.col("upper").clip(upper_bound=1.0)).otherwise("upper"),
            variation=pl.when(~is_signal)
            .then(None)
            .when(direction == "none")
            .then(pl.lit("changed"))
            .when(is_good)
            .then(pl.lit("better"))
            .otherwise(pl.lit("worse")),
        )
        .with_columns(assurance=assure(direction))
        .drop("is_above")
    )


def assure(direction: pl.Expr) -> pl.Expr:
    """Whether a process as it is meets the target: always, by chance, or never.

    Of columns lower, upper and target. A second answer beside the signal: a steady process may
    steadily miss.
    """
    above, below = pl.col("lower") >= pl.col("target"), pl.col("upper") < pl.col("target")
    not_above, beyond = pl.col("upper") <= pl.col("target"), pl.col("lower") > pl.col("target")
    is_up = direction == "up"
    return (
        pl.when(pl.col("lower").is_null() | pl.col("target").is_null())
        .then(None)
        .when(pl.when(is_up).then(above).otherwise(not_above))
        .then(pl.lit("consistently_met"))
        .when(pl.when(is_up).then(below).otherwise(beyond))
        .then(pl.lit("consistently_missed"))
        .otherwise(pl.lit("hit_or_miss"))
    )
