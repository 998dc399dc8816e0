"""Which unit a dossier belongs to: the code in MaHoSo, else the name; never a guess."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.network.names import find_named
from pipelines.network.units import BEGINNING, END, read_codes, read_units

_DOSSIER_CODE = r"^(.+)-\d{6}-\d{4,5}$"
_ASKED = ["edoc_code", "unit_name_vi", "_since"]
_UNIT = ["unit_code", "unit_valid_from"]


def resolve_units(frame: pl.DataFrame, reference: Path) -> pl.DataFrame:
    """Add `unit_code`, `unit_valid_from` and `is_unit_name_different` to records.

    `frame` has dossier_code, unit_name_vi (may be null, see `names`) and unit_day (the day of
    reception, else of submission). The code valid on that day wins; a record without a known
    code takes the one unit that its name says then (two stay unresolved). Both columns are null
    where neither says it (domain §7, §11 "unit"). The counter of a unit may have been folded into
    another's: the unit of the code stays (docs/adr/0023).
    """
    rows = frame.with_columns(
        edoc_code=pl.col("dossier_code").str.extract(_DOSSIER_CODE),
        _since=_since(frame["unit_day"], reference),
    )
    asked = rows.select(_ASKED).unique()
    named = _find_named(asked, reference)
    alone = named.filter(pl.len().over("unit_name_vi", "_since") == 1)
    found = (
        asked.join(_find_coded(asked, reference), on=["edoc_code", "_since"], how="left")
        .join(
            named.with_columns(is_so_named=pl.lit(value=True)),
            on=["unit_name_vi", "_since", *_UNIT],
            how="left",
            nulls_equal=True,
        )
        .join(alone, on=["unit_name_vi", "_since"], how="left", suffix="_named")
        .select(
            *_ASKED,
            pl.coalesce("unit_code", "unit_code_named"),
            pl.when(pl.col("unit_code").is_not_null())
            .then("unit_valid_from")
            .otherwise("unit_valid_from_named"),
            is_unit_name_different=pl.col("unit_code").is_not_null()
            & pl.col("unit_name_vi").is_not_null()
            & pl.col("is_so_named").is_null(),
        )
    )
    return rows.join(found, on=_ASKED, how="left", nulls_equal=True, maintain_order="left").drop(
        "edoc_code", "_since"
    )


def _since(days: pl.Series, reference: Path) -> pl.Series:
    """For each day the last one on which a unit or a code began, or was no more, by then.

    Days between two of these are alike, so that what records ask differs in little.
    """
    units, codes = read_units(reference), read_codes(reference)
    ends = [units["unit_valid_to"], codes["code_valid_to"]]
    begins = [
        units["unit_valid_from"],
        codes["code_valid_from"],
        *(end.dt.offset_by("1d") for end in ends),
    ]
    turns = pl.concat([begin.rename("day") for begin in begins]).drop_nulls().unique().sort()
    since = pl.concat([pl.Series("day", [BEGINNING]), turns])
    place = turns.search_sorted(days, side="right")
    return pl.select(pl.when(days.is_not_null()).then(since.gather(place))).to_series()


def _find_coded(asked: pl.DataFrame, reference: Path) -> pl.DataFrame:
    """The unit that each code is of: edoc_code, _since, unit_code, unit_valid_from."""
    return (
        asked.select("edoc_code", "_since")
        .unique()
        .join(read_codes(reference), on="edoc_code")
        .filter(_holds("code_valid_from", "code_valid_to"))
        .join(read_units(reference).filter(pl.col("level") != "area"), on="unit_code")
        .filter(_holds("unit_valid_from", "unit_valid_to"))
        .select("edoc_code", "_since", *_UNIT)
        .unique(["edoc_code", "_since"], keep="first", maintain_order=True)
    )


def _find_named(asked: pl.DataFrame, reference: Path) -> pl.DataFrame:
    """The units that each name may mean: unit_name_vi, _since, unit_code, unit_valid_from."""
    return (
        asked.select("unit_name_vi", "_since")
        .unique()
        .join(find_named(asked["unit_name_vi"], reference), left_on="unit_name_vi", right_on="text")
        .filter(_holds("unit_valid_from", "unit_valid_to"))
        .select("unit_name_vi", "_since", *_UNIT)
        .unique()
    )


def _holds(first: str, last: str) -> pl.Expr:
    return pl.col("_since").is_between(
        pl.col(first).fill_null(BEGINNING), pl.col(last).fill_null(END)
    )
