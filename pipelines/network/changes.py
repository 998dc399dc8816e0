"""Which unit followed which: `unit_changes.csv` with the home's edits, both sides by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from pipelines.network.change_list import edits_stamp, read_change_rows
from pipelines.network.units import in_force, read_units, unit_key

MONTHS_AROUND = 12
"""How far from a change a figure may still be told by the other unit's boundaries."""


@dataclass(frozen=True)
class Change:
    """One unit handed over to another on a day; keys as `code@first day of validity`."""

    kind: str
    effective_on: date
    from_key: str
    to_key: str


def with_sides(changes: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Changes with `from_key` and `to_key`: the unit in force on the day before, and on the day.

    A change is left out where a side names no unit then.
    """
    keyed = units.with_columns(unit_key=unit_key())
    before = _in_force(changes, keyed, "from_code", pl.col("effective_on").dt.offset_by("-1d"))
    both = _in_force(
        before.rename({"unit_key": "from_key"}), keyed, "to_code", pl.col("effective_on")
    )
    return both.rename({"unit_key": "to_key"})


def read_changes(reference: Path) -> tuple[Change, ...]:
    """Every change whose two sides are units of `units.csv`, in the order of the list."""
    return _read_changes(reference, edits_stamp())


@lru_cache(maxsize=4)
def _read_changes(reference: Path, _edits: tuple[Path, int | None]) -> tuple[Change, ...]:
    both = with_sides(read_change_rows(reference), read_units(reference))
    rows = both.select("kind", "effective_on", "from_key", "to_key").iter_rows()
    return tuple(Change(*row) for row in rows)


def changes_around(key: str, month_on: date, reference: Path) -> tuple[Change, ...]:
    """The changes of a unit, to it or from it, within `MONTHS_AROUND` of a month."""
    return tuple(
        change
        for change in read_changes(reference)
        if key in (change.from_key, change.to_key)
        and abs(_month(change.effective_on) - _month(month_on)) <= MONTHS_AROUND
    )


def _in_force(frame: pl.DataFrame, units: pl.DataFrame, code: str, day: pl.Expr) -> pl.DataFrame:
    return (
        frame.join(
            units.select("unit_code", "unit_key", "unit_valid_from", "unit_valid_to"),
            left_on=code,
            right_on="unit_code",
            maintain_order="left",
        )
        .filter(in_force(day))
        .drop("unit_valid_from", "unit_valid_to")
    )


def _month(day: date) -> int:
    return day.year * 12 + day.month
