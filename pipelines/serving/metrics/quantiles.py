"""Quantiles of the time dossiers took: what a sum over groups cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

import polars as pl

from pipelines.serving.metrics.groups import group_columns
from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.metrics.registry import MetricSpec
from pipelines.serving.metrics.snapshot import SealedSnapshot, Value

_NEVER = date.max
_COLUMNS = {
    "unit": ("unit.unit_code", "unit.unit_valid_from"),
    "level": ("dossier.level",),
    "district": ("unit.district_code",),
    "field": ("dossier.field_code",),
    "procedure": ("dossier.procedure_code",),
    "channel": ("dossier.channel",),
}
_FILTERS = {
    "mc_units": "dossier.unit_key",
    "mc_today_units": "dossier.today_unit_key",
    "mc_level": "dossier.level",
    "mc_fields": "dossier.field_code",
    "mc_procedures": "dossier.procedure_code",
    "mc_channels": "dossier.channel",
}
_OWN_UNIT = {"as_was": "unit_key", "today": "today_unit_key"}
_DAYS = "dossier.working_minutes / dossier.full_day_minutes"


def ask_quantiles(
    snapshot: SealedSnapshot,
    query: MetricQuery,
    specs: Sequence[MetricSpec],
    cells: pl.DataFrame,
    filters: dict[str, Value],
) -> pl.DataFrame:
    """The groups of a question that have resolved dossiers with a known working time.

    Columns: those of the groups, start (first day of the cell), count (dossiers) and for each
    metric its value in working days: working minutes over the minutes of a full day of the
    unit, interpolated between two dossiers (`quantile_cont`). Dossiers are counted on the day
    of finish; those of a source without a Vietnamese calendar have no working time.
    """
    variables: dict[str, Value] = filters | {
        "mc_from": cast("date | None", cells["first_on"].min()) or _NEVER,
        "mc_to": cast("date | None", cells["last_on"].max()) or _NEVER,
    }
    columns = [column for name in query.by if name in _COLUMNS for column in _COLUMNS[name]]
    day = "cast(dossier.finished_at as date)"
    start = (
        "getvariable('mc_from')"
        if query.grain is None
        else f"cast(date_trunc('{query.grain}', {day}) as date)"
    )
    values = [f"quantile_cont({_DAYS}, {spec.quantile}) as {spec.name}" for spec in specs]
    groups = [*columns, f"{start} as start"]
    conditions = [
        "dossier.state = 'resolved'",
        "dossier.working_minutes is not null",
        f"{day} between getvariable('mc_from') and getvariable('mc_to')",
        *(_condition(name, variables[name]) for name in _FILTERS if name in variables),
    ]
    sql = (
        f"select {', '.join(groups)}, count(*) as dossiers_n, {', '.join(values)}"
        " from motcua.fct_dossier as dossier"
        " left join motcua.dim_unit as unit"
        f" on dossier.{_OWN_UNIT[query.boundaries]} = unit.unit_key"
        f" where {' and '.join(conditions)} group by all"
    )
    return snapshot.run(sql, variables)


def complete_quantile(
    query: MetricQuery, spec: MetricSpec, found: pl.LazyFrame, due: pl.LazyFrame
) -> pl.LazyFrame:
    """One quantile for every group due and every group with rows, in the shape of an answer.

    The numerator is null: a quantile divides nothing. Over nothing the value is null.
    """
    keys = [*group_columns(query), "start"]
    rows = found.select(
        *keys, pl.col("dossiers_n").cast(pl.Int64), pl.col(spec.name).cast(pl.Float64)
    )
    whole = due.join(rows, on=keys, how="full", coalesce=True, nulls_equal=True)
    is_found = pl.col("dossiers_n").is_not_null()
    return whole.select(
        pl.lit(spec.name).alias("metric"),
        pl.lit(None, dtype=pl.String).alias("definition"),
        *keys,
        numerator=pl.lit(None, dtype=pl.Int64),
        denominator=pl.when(is_found | pl.col("status").is_null()).then(
            pl.col("dossiers_n").fill_null(0)
        ),
        value=pl.col(spec.name),
        status=pl.when(~is_found).then(pl.col("status")),
    )


def _condition(name: str, value: Value) -> str:
    variable = f"getvariable('{name}')"
    column = _FILTERS[name]
    if isinstance(value, list):
        return f"{column} in (select unnest({variable}))"
    return f"{column} = {variable}"
