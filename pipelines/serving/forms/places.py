"""The unit a form is about, and the place it is filled in, as the snapshot knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.serving.forms.cells import FormError
from pipelines.serving.forms.periods import Period
from pipelines.serving.ground import is_begun, is_valid
from pipelines.serving.metrics.snapshot import SealedSnapshot

_UNITS = """
select unit_code, unit_valid_from, unit_valid_to, unit_name_vi, district_name_vi, level
from motcua.dim_unit order by unit_code, unit_valid_from nulls first
"""
_PREDECESSORS = """
select former.unit_name_vi, former.district_name_vi, former.level, former.unit_valid_from,
    lineage.is_restated
from motcua.dim_unit_successor as lineage
inner join motcua.dim_unit as former on lineage.unit_key = former.unit_key
where lineage.until_on is null and lineage.successor_key = getvariable('mc_unit')
    and lineage.unit_key <> lineage.successor_key
order by former.unit_code, former.unit_valid_from nulls first
"""


@dataclass(frozen=True)
class FormUnit:
    """One unit exactly: its code and the first day of its validity (None: from the beginning).

    `others` are units that bore the same code within the period asked, as (name, valid_from,
    valid_to).
    """

    code: str
    valid_from: date | None
    valid_to: date | None
    name_vi: str
    level: str
    others: tuple[tuple[str, date | None, date | None], ...] = ()

    @property
    def key(self) -> str:
        """The unit as `CODE@YYYY-MM-DD`, or `CODE@` where it was there from the beginning."""
        return f"{self.code}@{self.valid_from or ''}"


@dataclass(frozen=True)
class TodaysBoundaries:
    """What a form on today's boundaries says of them.

    `since` is the day from which they are in force, `is_planned` that it lies after the data.
    `predecessors` are the names of the former units whose dossiers the unit has, `divided` of those
    the ones whose dossiers it shares with others.
    """

    since: date | None
    is_planned: bool
    predecessors: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()


def read_units(snapshot: SealedSnapshot) -> pl.DataFrame:
    """Units with validity: code, valid_from, valid_to, name, name of the district, level."""
    return snapshot.run(_UNITS)


def find_unit(units: pl.DataFrame, asked: str, period: Period) -> FormUnit:
    """The unit of `CODE`, `CODE@` or `CODE@YYYY-MM-DD`.

    A code alone means the unit in force on the period's last day, else the last that bore it
    before, else the first to bear it.
    Raises `FormError` for a code or validity that nobody had.
    """
    code, at, begun = asked.partition("@")
    bearers = units.filter(pl.col("unit_code") == code)
    if bearers.is_empty():
        raise FormError(f"unit {asked}: no unit bears that code")
    if at:
        chosen = bearers.filter(pl.col("unit_valid_from").eq_missing(_read_begin(asked, begun)))
        if chosen.is_empty():
            known = ", ".join(f"{code}@{day or ''}" for day in bearers["unit_valid_from"])
            raise FormError(f"unit {asked}: no unit of that code began then; known: {known}")
    else:
        begun_by_then = bearers.filter(is_begun(period.last_on))
        chosen = begun_by_then.tail(1) if begun_by_then.height else bearers.head(1)
    row = chosen.row(0, named=True)
    others = bearers.filter(
        is_valid(period.first_on, period.last_on)
        & pl.col("unit_valid_from").ne_missing(row["unit_valid_from"])
    )
    return FormUnit(
        code,
        row["unit_valid_from"],
        row["unit_valid_to"],
        _full_name(row),
        row["level"],
        tuple(others.select("unit_name_vi", "unit_valid_from", "unit_valid_to").iter_rows()),
    )


def find_unit_of_today(units: pl.DataFrame, asked: str) -> FormUnit:
    """The unit on today's boundaries of `CODE` or `CODE@YYYY-MM-DD`, which the layer knows."""
    code = asked.partition("@")[0]
    row = units.filter(pl.col("unit_code") == code, pl.col("unit_valid_to").is_null()).row(
        0, named=True
    )
    return FormUnit(code, row["unit_valid_from"], None, _full_name(row), row["level"])


def read_boundaries(
    snapshot: SealedSnapshot, since: date | None, as_of: date, unit: FormUnit | None
) -> TodaysBoundaries:
    """What to say of today's boundaries, in force `since`, and of a unit's predecessors."""
    is_planned = since is not None and since > as_of
    if unit is None:
        return TodaysBoundaries(since, is_planned)
    former = snapshot.run(_PREDECESSORS, {"mc_unit": unit.key}).to_dicts()
    return TodaysBoundaries(
        since,
        is_planned,
        tuple(_full_name(row) for row in former),
        tuple(_full_name(row) for row in former if row["is_restated"]),
    )


def levels_in_force(units: pl.DataFrame, period: Period) -> set[str]:
    """The levels that had a shop in the period; areas of former districts have none.

    A log of another place brings its units itself: it has no level before its dossiers.
    """
    if units.filter(pl.col("level") == "open").height:
        return set()
    valid = units.filter(is_valid(period.first_on, period.last_on) & (pl.col("level") != "area"))
    return set(valid["level"].to_list())


def _read_begin(asked: str, begun: str) -> date | None:
    try:
        return date.fromisoformat(begun) if begun else None
    except ValueError:
        raise FormError(f"unit {asked}: write CODE, CODE@ or CODE@YYYY-MM-DD") from None


def _full_name(row: dict[str, Any]) -> str:
    """The name with its district, as long as there were districts: some names stand twice."""
    has_district = row["level"] == "commune" and row["unit_valid_from"] is None
    district = row["district_name_vi"] if has_district else None
    return ", ".join(name for name in (row["unit_name_vi"], district) if name)
