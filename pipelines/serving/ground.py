"""The province that a snapshot is of, and the part of today's province that its data covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.serving.metrics.snapshot import SealedSnapshot

FORMER_PROVINCE_ENDED_ON = date(2025, 6, 30)
"""The last day of the three-level network (domain §7)."""


@dataclass(frozen=True)
class Place:
    """The province on a day; nothing of it for a log of another place.

    `communes` are counted among the units in force.
    """

    province_vi: str | None
    former_vi: str | None
    communes: int

    @property
    def ground_vi(self) -> str | None:
        """The part of today's province that the data covers, in words (domain §7)."""
        if self.former_vi is None:
            return None
        return f"địa bàn {self.former_vi} cũ ({self.communes} xã, phường)"


def describe_place(units: pl.DataFrame, day: date) -> Place:
    """The province in force on a day and, after its end, the one whose ground the data covers.

    `units` has unit_name_vi, level, unit_valid_from and unit_valid_to.
    """
    if units.filter(pl.col("level") == "open").height:
        return Place(None, None, 0)
    in_force = units.filter(is_valid(day, day))
    ended = units.filter(pl.col("unit_valid_to") == FORMER_PROVINCE_ENDED_ON)
    former = _province(ended) if day > FORMER_PROVINCE_ENDED_ON else None
    return Place(
        _province(in_force),
        None if former is None else former.removeprefix("Tỉnh "),
        in_force.filter(pl.col("level") == "commune").height,
    )


def read_place(snapshot: SealedSnapshot, day: date) -> Place:
    """The place of a snapshot on a day."""
    units = "select unit_name_vi, level, unit_valid_from, unit_valid_to from motcua.dim_unit"
    return describe_place(snapshot.run(units), day)


def is_valid(first: date, last: date) -> pl.Expr:
    """Whether a unit was in force on some day of a period."""
    return is_begun(last) & (pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= first))


def is_begun(day: date) -> pl.Expr:
    """Whether a unit had begun by a day."""
    return pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= day)


def _province(units: pl.DataFrame) -> str | None:
    names = units.filter(pl.col("level") == "province")["unit_name_vi"].to_list()
    return str(names[0]) if names else None
