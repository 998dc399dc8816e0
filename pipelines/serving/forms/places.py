"""The unit a form is about, and the place it is filled in, as the snapshot knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.serving.forms.cells import FormError
from pipelines.serving.forms.periods import Period
from pipelines.serving.metrics.snapshot import SealedSnapshot

FORMER_PROVINCE_ENDED_ON = date(2025, 6, 30)
"""The last day of the three-level network (domain §7)."""

_UNITS = """
select unit_code, unit_valid_from, unit_valid_to, unit_name_vi, district_name_vi, level
from motcua.dim_unit order by unit_code, unit_valid_from nulls first
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
class Place:
    """The province on the last day of a period; nothing of it for a log of another place."""

    province_vi: str | None
    former_vi: str | None
    communes: int

    @property
    def ground_vi(self) -> str | None:
        """The part of today's province that the data covers, in words (domain §7)."""
        if self.former_vi is None:
            return None
        return f"địa bàn {self.former_vi} cũ ({self.communes} xã, phường)"


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
        begun_by_then = bearers.filter(_is_begun(period.last_on))
        chosen = begun_by_then.tail(1) if begun_by_then.height else bearers.head(1)
    row = chosen.row(0, named=True)
    others = bearers.filter(
        _is_valid(period.first_on, period.last_on)
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


def describe_place(units: pl.DataFrame, day: date) -> Place:
    """The province in force on a day and, after its end, the one whose ground the data covers."""
    if units.filter(pl.col("level") == "open").height:
        return Place(None, None, 0)
    in_force = units.filter(_is_valid(day, day))
    ended = units.filter(pl.col("unit_valid_to") == FORMER_PROVINCE_ENDED_ON)
    former = _province(ended) if day > FORMER_PROVINCE_ENDED_ON else None
    return Place(
        _province(in_force),
        None if former is None else former.removeprefix("Tỉnh "),
        in_force.filter(pl.col("level") == "commune").height,
    )


def levels_in_force(units: pl.DataFrame, period: Period) -> set[str]:
    """The levels that had a shop in the period; areas of former districts have none.

    A log of another place brings its units itself: it has no level before its dossiers.
    """
    if units.filter(pl.col("level") == "open").height:
        return set()
    valid = units.filter(_is_valid(period.first_on, period.last_on) & (pl.col("level") != "area"))
    return set(valid["level"].to_list())


def _is_valid(first: date, last: date) -> pl.Expr:
    """Whether a unit was in force on some day of a period."""
    return _is_begun(last) & (
        pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= first)
    )


def _is_begun(day: date) -> pl.Expr:
    return pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= day)


def _read_begin(asked: str, begun: str) -> date | None:
    try:
        return date.fromisoformat(begun) if begun else None
    except ValueError:
        raise FormError(f"unit {asked}: write CODE, CODE@ or CODE@YYYY-MM-DD") from None


def _province(units: pl.DataFrame) -> str | None:
    names = units.filter(pl.col("level") == "province")["unit_name_vi"].to_list()
    return str(names[0]) if names else None


def _full_name(row: dict[str, Any]) -> str:
    """The name with its district, as long as there were districts: some names stand twice."""
    has_district = row["level"] == "commune" and row["unit_valid_from"] is None
    district = row["district_name_vi"] if has_district else None
    return ", ".join(name for name in (row["unit_name_vi"], district) if name)
