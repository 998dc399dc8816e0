"""Pattern traps: what no single record shows, in a share of a system's dossiers.

Each is a way in which systems in use spoil a field for good (domain, section 2): truth cannot
be had back, the reader can only find the pattern and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

_TIMES = (
    "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi",
)  # fmt: skip
_LAST_OF_BOTH = 12  # days that may also be months


@dataclass(frozen=True)
class PatternTrap:
    """A pattern in one system: its name, and the share of dossiers that carry it (0-1).

    Constant flags begin on a day (the newest dossiers carry them), all others are strewn.
    """

    system: str
    name: str
    share: float = 1.0


def _constant(field: str, value: str) -> Callable[[], dict[str, pl.Expr]]:
    return lambda: {field: pl.lit(value)}


def _each_time(change: Callable[[pl.Expr], pl.Expr]) -> Callable[[], dict[str, pl.Expr]]:
    def columns() -> dict[str, pl.Expr]:
        return {
            name: pl.when(pl.col(name) == "").then(pl.lit("")).otherwise(change(pl.col(name)))
            for name in _TIMES
        }

    return columns


def _swapped(time: pl.Expr) -> pl.Expr:
    """Read as month/day where that can be, as a lenient parser does."""
    text = time.str
    day, month = text.slice(6, 2), text.slice(4, 2)
    swapped = text.slice(0, 4) + day + month + text.slice(8)
    return pl.when(day.cast(pl.Int64) <= _LAST_OF_BOTH).then(swapped).otherwise(time)


def _strictly_swapped(time: pl.Expr) -> pl.Expr:
    """Always read as month/day: days after the twelfth become no date at all."""
    text = time.str
    return text.slice(0, 4) + text.slice(6, 2) + text.slice(4, 2) + text.slice(8)


def _without_afternoon(time: pl.Expr) -> pl.Expr:
    """Two in the afternoon told as two o'clock."""
    hour = time.str.slice(8, 2).cast(pl.Int64)
    told = pl.when(hour > _LAST_OF_BOTH).then(hour - _LAST_OF_BOTH).otherwise(hour)
    return time.str.slice(0, 8) + told.cast(pl.String).str.zfill(2) + time.str.slice(10)


def _submission_as_reception() -> dict[str, pl.Expr]:
    received = pl.col("NgayTiepNhan")
    return {"NgayNopHoSo": pl.when(received == "").then("NgayNopHoSo").otherwise(received)}


PATTERNS: Mapping[str, Callable[[], dict[str, pl.Expr]]] = {
    "constant_vneid": _constant("TaiKhoanDuocXacThucVoiVNeID", "1"),
    "constant_payment": _constant("DuocThanhToanTrucTuyen", "1"),
    "reception_equals_submission": _submission_as_reception,
    "day_month_swap": _each_time(_swapped),
    "days_never_exceed_12": _each_time(_strictly_swapped),
    "hours_never_exceed_12": _each_time(_without_afternoon),
    "midnight_only": _each_time(lambda time: time.str.slice(0, 8) + "000000"),
}


def parse_pattern(text: str, systems: list[str]) -> PatternTrap:
    """`system=name` or `system=name:share`. `ValueError` names what is not known."""
    system, _, rest = text.partition("=")
    name, _, share = rest.partition(":")
    if system not in systems:
        raise ValueError(f"pattern {text!r}: system: {system!r} is not one of {', '.join(systems)}")
    if name not in PATTERNS:
        raise ValueError(f"pattern {text!r}: name: {name!r} is not one of {', '.join(PATTERNS)}")
    try:
        value = float(share) if share else 1.0
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise ValueError(f"pattern {text!r}: share: {share!r} is not a number over 0 and up to 1")
    return PatternTrap(system, name, value)


def draw_carriers(
    rng: np.random.Generator, plan: pl.DataFrame, patterns: list[PatternTrap]
) -> pl.DataFrame:
    """The numbered plan with a column `pattern_<name>` for each pattern of its system."""
    columns: list[pl.Series] = []
    for trap in patterns:
        if trap.name.startswith("constant"):
            mask = np.arange(plan.height) >= plan.height * (1 - trap.share)
        else:
            mask = rng.random(plan.height) < trap.share
        columns.append(pl.Series(f"pattern_{trap.name}", mask))
    return plan.with_columns(columns)


def spoil(records: pl.DataFrame, joined: pl.DataFrame, patterns: list[PatternTrap]) -> pl.DataFrame:
    """Records of a slice as a system with these patterns tells them; `joined` stands beside."""
    for trap in patterns:
        mark = f"pattern_{trap.name}"
        records = (
            records.with_columns(joined[mark])
            .with_columns(
                pl.when(pl.col(mark)).then(value).otherwise(field).alias(field)
                for field, value in PATTERNS[trap.name]().items()
            )
            .drop(mark)
        )
    return records
