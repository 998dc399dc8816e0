"""Units and shops with validity (domain §7): the key is (code, validity), never the code."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from pipelines.network.change_list import read_change_rows

SHOP_LEVELS = ("province", "district", "commune")
BEGINNING = date(1, 1, 1)
END = date(9999, 12, 31)


def unit_key(code: str = "unit_code", valid_from: str = "unit_valid_from") -> pl.Expr:
    """`code@valid_from`, the key of a unit; the day is empty for "since ever"."""
    day = pl.col(valid_from).dt.to_string("%Y-%m-%d").fill_null("")
    return pl.col(code) + "@" + day


def in_force(day: date | pl.Expr) -> pl.Expr:
    """Whether a unit (`unit_valid_from`, `unit_valid_to`; null: open) was there on a day."""
    begun = pl.col("unit_valid_from").fill_null(BEGINNING) <= day
    return begun & (pl.col("unit_valid_to").fill_null(END) >= day)


@cache
def read_units(reference: Path) -> pl.DataFrame:
    """`units.csv`: unit_code, unit_name_vi, level, unit_type, parent_code, unit_valid_from/to."""
    return pl.read_csv(reference / "units.csv", infer_schema=False).select(
        "unit_code",
        unit_name_vi="name_vi",
        level="level",
        unit_type="unit_type",
        parent_code="parent_code",
        unit_valid_from=pl.col("valid_from").str.to_date(),
        unit_valid_to=pl.col("valid_to").str.to_date(),
    )


@cache
def read_codes(reference: Path) -> pl.DataFrame:
    """`unit_codes.csv` (synthetic): edoc_code, unit_code, code_valid_from/to."""
    return pl.read_csv(reference / "unit_codes.csv", infer_schema=False).select(
        "edoc_code",
        "unit_code",
        code_valid_from=pl.col("valid_from").str.to_date(),
        code_valid_to=pl.col("valid_to").str.to_date(),
    )


def shops_on(day: date, reference: Path) -> pl.DataFrame:
    """The shops of a day: units of the three levels, less those folded into another by then.

    Columns unit_code, unit_name_vi, level. 205 at the end of 2022, 201 in June 2025 (Báo Hà
    Giang, 14/06/2025), counted here from `units.csv` and the changes.
    """
    folded = (
        read_change_rows(reference)
        .filter(pl.col("kind") == "shop_merger", pl.col("effective_on") <= day)
        .select(unit_code="from_code", folded_on="effective_on")
    )
    return (
        read_units(reference)
        .filter(
            pl.col("level").is_in(SHOP_LEVELS),
            in_force(day),
        )
        .join(folded, on="unit_code", how="left")
        # the code of a folded shop's unit is used again for another unit in 07/2025
        .filter(
            pl.col("folded_on").is_null()
            | (pl.col("unit_valid_from").fill_null(BEGINNING) > pl.col("folded_on"))
        )
        .select("unit_code", "unit_name_vi", "level")
        .sort("unit_code")
    )
