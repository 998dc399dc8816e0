"""Which unit a dossier belongs to: the code in MaHoSo, else the name; never a guess."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.network.units import BEGINNING, END, read_codes, read_units

_DOSSIER_CODE = r"^(.+)-\d{6}-\d{4,5}$"


def resolve_units(frame: pl.DataFrame, reference: Path) -> pl.DataFrame:
    """Add `unit_code`, `unit_valid_from` and `is_unit_name_different` to records.

    `frame` has dossier_code, unit_name_vi (may be null) and unit_day (the day of reception,
    else of submission). The code valid on that day wins; a record without a known code takes
    the one unit of that name valid then (a name that exists twice stays unresolved). Both
    columns are null where neither says it (domain §7, §11 "unit").
    """
    rows = frame.with_row_index("_row").with_columns(
        edoc_code=pl.col("dossier_code").str.extract(_DOSSIER_CODE)
    )
    valid = (
        pl.col("unit_valid_from").fill_null(BEGINNING) <= pl.col("unit_day"),
        pl.col("unit_valid_to").fill_null(END) >= pl.col("unit_day"),
    )
    units = read_units(reference).filter(pl.col("level") != "area")
    by_code = (
        rows.select("_row", "edoc_code", "unit_day")
        .join(read_codes(reference), on="edoc_code")
        .filter(
            pl.col("code_valid_from").fill_null(BEGINNING) <= pl.col("unit_day"),
            pl.col("code_valid_to").fill_null(END) >= pl.col("unit_day"),
        )
        .join(units, on="unit_code")
        .filter(*valid)
        .select("_row", "unit_code", "unit_valid_from", name_by_code="unit_name_vi")
        .unique("_row", keep="first", maintain_order=True)
    )
    by_name = (
        rows.select("_row", "unit_name_vi", "unit_day")
        .join(units, on="unit_name_vi")
        .filter(*valid)
        .filter(pl.len().over("_row") == 1)
        .select("_row", named_code="unit_code", named_from="unit_valid_from")
    )
    return (
        rows.join(by_code, on="_row", how="left", maintain_order="left")
        .join(by_name, on="_row", how="left", maintain_order="left")
        .with_columns(
            is_unit_name_different=pl.col("unit_code").is_not_null()
            & pl.col("unit_name_vi").is_not_null()
            & (pl.col("unit_name_vi") != pl.col("name_by_code")),
            unit_valid_from=pl.when(pl.col("unit_code").is_not_null())
            .then("unit_valid_from")
            .otherwise("named_from"),
            unit_code=pl.coalesce("unit_code", "named_code"),
        )
        .drop("_row", "edoc_code", "name_by_code", "named_code", "named_from")
    )
