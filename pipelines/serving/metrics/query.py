"""A question to the metric layer, and what makes it a good one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import polars as pl

from pipelines.serving.calendar_periods import GRAINS as CALENDAR_GRAINS
from pipelines.serving.calendar_periods import period_at
from pipelines.serving.metrics.boundaries import (
    BOUNDARIES,
    Boundaries,
    list_units,
    name_successors,
    named_units,
)
from pipelines.serving.metrics.registry import Registry
from pipelines.serving.metrics.snapshot import Dimensions

GRAINS = ("day", "week", "month", "quarter", "year")
GROUPS = ("unit", "level", "district", "field", "procedure", "channel")
CLASS_GROUPS = ("class_from", "class_to")
"""Groups of the metrics that compare two definitions."""
CHANNELS = ("1", "2", "3")
"""KenhThucHien of the national record: in person, online, public post."""

_LISTED = 20


class MetricQueryError(ValueError):
    """A question that cannot be answered; one sentence that says why and lists the choices."""


@dataclass(frozen=True)
class MetricQuery:
    """What is asked. Empty filters mean everything; days are inclusive, on a metric's anchor.

    `by` takes `GROUPS` (`CLASS_GROUPS` where a metric declares them) and at most one of `GRAINS`.
    `units` are unit codes, of which every validity is meant, or keys of one unit: the code, `@`
    and the first day of its validity, if it has one. `definition` is the deadline rule of the
    metrics that depend on one. `boundaries` says whose a dossier is: the unit's that received it,
    or that of today to which it would belong; then units of today alone can be asked for.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    level: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    definition: str = "ii06a"
    fields: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    boundaries: Boundaries = "as_was"

    @property
    def grain(self) -> str | None:
        """The grain of time asked for."""
        return next((name for name in self.by if name in GRAINS), None)

    @property
    def period(self) -> str | None:
        """The grain asked for, else the calendar period that the days asked for are exactly."""
        if self.grain is not None:
            return self.grain
        if self.date_from is None or self.date_to is None:
            return None
        periods = (period_at(grain, self.date_from) for grain in CALENDAR_GRAINS)
        days = (self.date_from, self.date_to)
        return next((p.grain for p in periods if (p.first_on, p.last_on) == days), None)


def check_query(query: MetricQuery, registry: Registry, dimensions: Dimensions) -> None:
    """Raise `MetricQueryError` unless every name and value of the question is known."""
    if not query.metrics:
        raise MetricQueryError(f"no metric asked; choose from {_join(registry.published)}")
    for spec in registry.computed:
        if spec.command is not None and spec.name in query.metrics:
            raise MetricQueryError(f"{spec.name} is answered by `{spec.command}`, not here")
    _check("metric", query.metrics, registry.published)
    _check_groups(query, registry)
    if len(set(query.by)) < len(query.by):
        raise MetricQueryError(f"a group is named twice in {_join(query.by)}")
    if sum(name in GRAINS for name in query.by) > 1:
        raise MetricQueryError(f"at most one grain of time may be asked: {_join(GRAINS)}")
    _check("definition", (query.definition,), registry.definitions)
    _check_periods(query, registry)
    _check_units(query, dimensions)
    _check("field", query.fields, dimensions.fields)
    _check("procedure", query.procedures, _values(dimensions.procedures, "procedure_code"))
    _check("channel", query.channels, CHANNELS)
    if query.date_from and query.date_to and query.date_from > query.date_to:
        raise MetricQueryError(f"the period ends on {query.date_to}, before {query.date_from}")
    if scope_units(query, dimensions).is_empty():
        raise MetricQueryError(f"no unit of level {query.level} is among {_join(query.units)}")


def scope_units(query: MetricQuery, dimensions: Dimensions) -> pl.DataFrame:
    """The rows of `list_units` that the question is about.

    As it was, the areas of abolished districts count only when asked for: they have no shop.
    """
    units = list_units(query.boundaries, dimensions)
    if query.units:
        units = named_units(query.units, units)
    if query.level is not None:
        return units.filter(pl.col("level") == query.level)
    if query.units or query.boundaries == "today":
        return units
    return units.filter(pl.col("level") != "area")


def _check_units(query: MetricQuery, dimensions: Dimensions) -> None:
    _check("boundaries", (query.boundaries,), BOUNDARIES)
    if query.boundaries == "today" and dimensions.successors is None:
        raise MetricQueryError(
            "this snapshot was published before series by today's boundaries were kept:"
            " run `motcua run` first"
        )
    known, units = dimensions.units, list_units(query.boundaries, dimensions)
    _check("unit", query.units, _values(known, "unit_code") | _values(known, "unit_key"))
    for name in query.units:
        if named_units([name], units).is_empty():
            raise MetricQueryError(
                f"unit {name} is not on today's boundaries; its dossiers are those of"
                f" {_join(name_successors(name, dimensions))}"
            )
    if query.level is not None:
        _check("level", (query.level,), _values(units, "level"))


def _check_groups(query: MetricQuery, registry: Registry) -> None:
    _check("group", query.by, (*GROUPS, *CLASS_GROUPS, *GRAINS))
    for name in query.metrics:
        spec = registry.specs[name]
        for group in query.by:
            if group in CLASS_GROUPS and group not in spec.groups:
                raise MetricQueryError(f"{name} cannot be asked by {group}")


def _check_periods(query: MetricQuery, registry: Registry) -> None:
    """A definition that is a property of dossier and period is refused for other stretches."""
    periods = registry.definitions[query.definition].periods
    bound = [name for name in query.metrics if registry.specs[name].has_periods]
    if periods and bound and query.period not in periods:
        raise MetricQueryError(
            f"{bound[0]} under {query.definition} is a property of a dossier and a period: "
            f"ask by {', '.join(periods[:-1])} or {periods[-1]}, "
            "or for the days of exactly one of them"
        )


def _values(frame: pl.DataFrame, column: str) -> set[str]:
    return set(frame[column].to_list())


def _check(what: str, asked: Iterable[str], known: Collection[str]) -> None:
    for value in asked:
        if value not in known:
            raise MetricQueryError(f"unknown {what} '{value}'; {_choices(value, known)}")


def _choices(value: str, known: Collection[str]) -> str:
    if len(known) <= _LISTED:
        return f"choose from {_join(known)}"
    near = get_close_matches(value, sorted(known), n=5, cutoff=0) or sorted(known)[:5]
    return f"nearest of the {len(known)} known: {_join(near)}"


def _join(values: Iterable[str]) -> str:
    """Names in their own order where they have one, else sorted."""
    return ", ".join(sorted(values) if isinstance(values, AbstractSet) else values)
