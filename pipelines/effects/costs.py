"""What shops cost, where the user says it: `unit_costs.csv` in the home.

Columns level or unit_code (one of them in each row), cost_per_shop_month, valid_from, valid_to
(inclusive, empty: open). A row of the unit goes before one of its level; the row in force on the
first day of a month gives the cost of that month. Without the file nothing is said of costs.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.network.units import SHOP_LEVELS, read_units

FILE: Final = "unit_costs.csv"
_NEEDED: Final = ("cost_per_shop_month", "valid_from", "valid_to")
_SCHEMA: Final = pl.Schema(
    {
        "level": pl.String,
        "unit_code": pl.String,
        "cost": pl.Float64,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    }
)


class UnitCostError(ValueError):
    """A file of costs that cannot be used; one line that names row, field and rule."""


@dataclass(frozen=True)
class _Row:
    line: int
    level: str | None
    unit_code: str | None
    cost: float
    valid_from: date
    valid_to: date

    def clashes(self, other: _Row) -> bool:
        return (
            (self.level, self.unit_code) == (other.level, other.unit_code)
            and self.valid_from <= other.valid_to
            and other.valid_from <= self.valid_to
        )


def read_costs(home: Path, reference: Path) -> pl.DataFrame:
    """The costs of a home: level, unit_code, cost (per shop and month), valid_from, valid_to.

    No rows where the home has no file. Raises `UnitCostError`: a column that lacks, a row with
    both or neither of level and unit_code, one that nobody knows, a cost that is no number above
    0, a day that is none, two rows of one unit or level for the same days.
    """
    file = home / FILE
    if not file.exists():
        return _SCHEMA.to_frame()
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            names = [str(name).strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            lines = [(reader.line_num, line) for line in reader]
    except (UnicodeDecodeError, csv.Error):
        raise UnitCostError(f"{FILE}: is no CSV in UTF-8") from None
    lacking = [name for name in _NEEDED if name not in names]
    lacking += [] if {"level", "unit_code"} & set(names) else ["level or unit_code"]
    if lacking:
        raise UnitCostError(f"{FILE}: column {lacking[0]} lacks")
    codes = frozenset(read_units(reference)["unit_code"].to_list())
    rows: list[_Row] = []
    for number, line in lines:
        row = _parse(number, line, codes)
        for other in rows:
            if row.clashes(other):
                raise _fault(number, "valid_from", f"holds for days of row {other.line} too")
        rows.append(row)
    told = [(r.level, r.unit_code, r.cost, r.valid_from, r.valid_to) for r in rows]
    return pl.DataFrame(told, schema=_SCHEMA, orient="row")


def hash_costs(home: Path) -> str | None:
    """A fingerprint of the file; None without one."""
    file = home / FILE
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.exists() else None


def add_costs(shops: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """Shops by month (unit_key, unit_code, level, month_on) with `cost`, null where unsaid."""
    months = shops.select("unit_key", "unit_code", "level", "month_on")
    own = _in_force(months, costs.filter(pl.col("unit_code").is_not_null()), "unit_code")
    general = _in_force(months, costs.filter(pl.col("level").is_not_null()), "level")
    keys = ["unit_key", "month_on"]
    return (
        shops.join(own, on=keys, how="left", maintain_order="left")
        .join(general, on=keys, how="left", suffix="_of_level", maintain_order="left")
        .with_columns(cost=pl.coalesce("cost", "cost_of_level"))
        .drop("cost_of_level")
    )


def _in_force(months: pl.DataFrame, costs: pl.DataFrame, by: str) -> pl.DataFrame:
    held = months.join(costs.select(by, "cost", "valid_from", "valid_to"), on=by)
    on = pl.col("month_on").is_between(pl.col("valid_from"), pl.col("valid_to"))
    return held.filter(on).select("unit_key", "month_on", "cost")


def _parse(line: int, values: Mapping[str, str | None], codes: frozenset[str]) -> _Row:
    told = {str(name): (value or "").strip() for name, value in values.items() if name}
    level, code = told.get("level") or None, told.get("unit_code") or None
    if (level is None) == (code is None):
        raise _fault(line, "level", "a row is of one level or of one unit_code")
    if level is not None and level not in SHOP_LEVELS:
        raise _fault(line, "level", f"must be one of {', '.join(SHOP_LEVELS)}")
    if code is not None and code not in codes:
        raise _fault(line, "unit_code", "is no unit of units.csv")
    row = _Row(
        line,
        level,
        code,
        _number(line, told["cost_per_shop_month"]),
        _day(line, "valid_from", told["valid_from"], date.min),
        _day(line, "valid_to", told["valid_to"], date.max),
    )
    if row.valid_to < row.valid_from:
        raise _fault(line, "valid_to", "lies before valid_from")
    return row


def _number(line: int, text: str) -> float:
    try:
        cost = float(text)
    except ValueError:
        cost = math.nan
    if not (math.isfinite(cost) and cost > 0):
        raise _fault(line, "cost_per_shop_month", "must be a number above 0, like 45000000")
    return cost


def _day(line: int, field: str, text: str, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise _fault(line, field, "must be a day like 2025-07-01") from None


def _fault(line: int, field: str, rule: str) -> UnitCostError:
    return UnitCostError(f"{FILE}: row {line}: {field}: {rule}")
