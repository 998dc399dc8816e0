"""The groups an answer must have even where nothing happened, with the reason for a blank."""

from __future__ import annotations

import polars as pl

from pipelines.serving.metrics.query import CHANNELS, MetricQuery, MetricQueryError, scope_units
from pipelines.serving.metrics.snapshot import Dimensions

MOST_GROUPS = 2_000_000
"""Groups one answer may have; more is a question for SQL, not for the metric layer."""

COLUMNS = {
    "unit": ("unit_code", "unit_valid_from"),
    "level": ("level",),
    "district": ("district_code",),
    "field": ("field_code",),
    "procedure": ("procedure_code",),
    "channel": ("channel",),
    "class_from": ("class_from",),
    "class_to": ("class_to",),
}
"""The answer's columns of each group."""

_OF_UNITS = ("unit", "level", "district")


def list_groups(
    query: MetricQuery, cells: pl.DataFrame, dimensions: Dimensions, seen: list[pl.DataFrame]
) -> pl.DataFrame:
    """Every group that is due an answer: columns of `query.by` but time, plus start, status.

    `cells` has start, first_on, last_on and is_known. A group is due where one of
    its units was valid in the cell; on today's boundaries every unit is, in every cell. Fields and
    procedures are those asked for or those in `seen` (the groups with rows). `status` is null
    where an empty group means zero, else `unit_ended` or `nothing_known`. Raises
    `MetricQueryError` above `MOST_GROUPS`.
    """
    units = scope_units(query, dimensions)
    _refuse_above_most(units.height * cells.height)
    groups = _list_unit_cells(query, units, cells)
    others: list[pl.DataFrame] = []
    if "channel" in query.by:
        others.append(pl.DataFrame({"channel": query.channels or CHANNELS}))
    if "field" in query.by or "procedure" in query.by:
        others.append(_list_catalogue(query, dimensions, seen))
    classes = group_columns(query, only=("class_from", "class_to"))
    if classes:
        others.append(pl.concat([frame.select(classes) for frame in seen]).unique())
    for other in others:
        _refuse_above_most(groups.height * other.height)
        groups = groups.join(other, how="cross")
    return groups


def group_columns(query: MetricQuery, *, only: tuple[str, ...] = tuple(COLUMNS)) -> list[str]:
    """The answer's columns of the groups asked for, in the order asked, without time."""
    return [column for name in query.by if name in only for column in COLUMNS[name]]


def _refuse_above_most(groups: int) -> None:
    if groups > MOST_GROUPS:
        raise MetricQueryError(
            f"the question has more than {MOST_GROUPS:,} groups; "
            "ask for fewer groups, fewer units or a shorter period"
        )


def _list_unit_cells(query: MetricQuery, units: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    pairs = units.join(cells, how="cross")
    columns = [*group_columns(query, only=_OF_UNITS), "start"]
    blank = pl.when(~pl.col("is_known")).then(pl.lit("nothing_known"))
    if query.boundaries == "today":
        return (
            pairs.with_columns(status=blank)
            .select(*columns, "status")
            .unique(columns, keep="first", maintain_order=True)
        )
    begun = pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= pl.col("last_on"))
    ended = (pl.col("unit_valid_to") < pl.col("first_on")).fill_null(value=False)
    rows = [pairs.filter(begun & ~ended).with_columns(status=blank)]
    if query.units or (query.level is not None and "unit" not in query.by):
        rows.append(pairs.filter(ended).with_columns(status=pl.lit("unit_ended")))
    if len(columns) == 1:
        rows.append(pairs.filter(~begun).with_columns(status=pl.lit("nothing_known")))
    return pl.concat([part.select(*columns, "status") for part in rows]).unique(
        columns, keep="first", maintain_order=True
    )


def _list_catalogue(
    query: MetricQuery, dimensions: Dimensions, seen: list[pl.DataFrame]
) -> pl.DataFrame:
    """Distinct fields and procedures with rows, and those the question names."""
    columns = group_columns(query, only=("field", "procedure"))
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    named = dimensions.procedures.filter(pl.col("procedure_code").is_in(query.procedures))
    if query.fields:
        named = named.filter(pl.col("field_code").is_in(query.fields))
    if query.fields and not query.procedures and columns == ["field_code"]:
        named = pl.DataFrame({"field_code": query.fields})
    parts = [empty, named.select(columns) if named.height else empty]
    return pl.concat([*parts, *(frame.select(columns) for frame in seen)]).unique()
