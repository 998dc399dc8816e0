"""A dossier's unit: the code valid on the day, else the one unit of that name; never a guess."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.network.resolve import resolve_units
from pipelines.settings import settings

REFERENCE = settings().reference_dir
OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)


def resolve(code: str, name: str | None, day: date | None) -> tuple[object, object, object]:
    """Unit code, valid from, and whether code and name disagree."""
    frame = pl.DataFrame(
        {"dossier_code": [code], "unit_name_vi": [name], "unit_day": [day]},
        schema={"dossier_code": pl.String, "unit_name_vi": pl.String, "unit_day": pl.Date},
    )
    return resolve_units(frame, REFERENCE).select(
        "unit_code", "unit_valid_from", "is_unit_name_different"
    ).row(0)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "name", "day", "unit"),
    [
        ("000.00.30.H22-250303-0001", None, OLD, ("030", None, False)),
        ("000.00.30.H22-250303-0001", "Huyện Vị Xuyên", OLD, ("030", None, False)),
        ("000.00.30.H22-250303-0001", "Huyện Đồng Văn", OLD, ("030", None, True)),
        ("000.00.30.H22-250303-0001", "UBND H. Vị Xuyên", OLD, ("030", None, False)),
        ("000.00.30.H22-250303-0001", "UBND H. Đồng Văn", OLD, ("030", None, True)),
        ("000.00.30.H22-250303-0001", "unlisted:0123456789ab", OLD, ("030", None, True)),
        ("999.99.99.H22-250303-0001", "Xã Tả Lủng, Huyện Mèo Vạc", OLD, ("00796", None, False)),
        ("000.00.30.H22-250303-0001", None, NEW, (None, None, False)),
        ("000.00.30.H22-250303-0001", "Huyện Vị Xuyên", NEW, (None, None, False)),
        ("000.02.24.H22-250303-0001", None, OLD, ("00691", None, False)),
        ("999.99.99.H22-250303-0001", "Phường Trần Phú", OLD, ("00691", None, False)),
        ("999.99.99.H22-250303-0001", "Phường Hà Giang 2", NEW, ("00691", NEW, False)),
        ("999.99.99.H22-250303-0001", "Phường Hà Giang 2", OLD, (None, None, False)),
        ("999.99.99.H22-250303-0001", "Xã Lũng Cú", OLD, ("00715", None, False)),
        ("999.99.99.H22-250303-0001", "Xã Lũng Cú", NEW, ("00715", NEW, False)),
        ("999.99.99.H22-250303-0001", "Xã Tả Lủng", OLD, (None, None, False)),
        ("999.99.99.H22-250303-0001", "unlisted:0123456789ab", OLD, (None, None, False)),
        ("999.99.99.H22-250303-0001", None, OLD, (None, None, False)),
        ("000.00.30.H22-250303-0001", None, None, (None, None, False)),
        ("no code at all", "Huyện Vị Xuyên", OLD, ("030", None, False)),
        ("000.00.71.H60-250703-0001", None, NEW, ("01246", NEW, False)),
        ("000.00.71.H60-250703-0001", None, OLD, (None, None, False)),
        ("000.00.00.H22-250303-0001", None, OLD, ("02", None, False)),
    ],
)
def test_the_unit_is_that_of_the_code_on_the_day_else_of_the_name(
    code: str, name: str | None, day: date | None, unit: tuple[object, object, object]
) -> None:
    assert resolve(code, name, day) == unit


def test_the_doubled_name_is_told_apart_by_the_code() -> None:
    codes = pl.read_csv(REFERENCE / "unit_codes.csv", infer_schema=False)
    for unit in ("00742", "00796"):
        edoc = codes.filter(pl.col("unit_code") == unit)["edoc_code"][0]
        assert resolve(f"{edoc}-250303-0001", "Xã Tả Lủng", OLD) == (unit, None, False)
        # the name with a district says which of the two: here the code says otherwise
        is_other = unit != "00742"
        named = "UBND xã Tả Lủng - Đồng Văn"
        assert resolve(f"{edoc}-250303-0001", named, OLD) == (unit, None, is_other)


def test_a_code_goes_on_after_its_counter_was_folded_into_another() -> None:
    ward = ("00691", None, False)
    for day in (date(2024, 6, 30), date(2024, 7, 1), OLD):
        assert resolve("000.02.24.H22-240701-0001", "Phường Trần Phú", day) == ward
    assert resolve("000.02.24.H22-250701-0001", "Phường Trần Phú", NEW) == (None, None, False)


def test_rows_keep_their_order_and_number() -> None:
    units = ["000.00.30.H22", "nothing", "000.00.24.H22", "000.00.30.H22"]
    frame = pl.DataFrame(
        {
            "dossier_code": [f"{unit}-250303-{n:04d}" for n, unit in enumerate(units)],
            "unit_name_vi": pl.Series([None] * 4, dtype=pl.String),
            "unit_day": [OLD] * 4,
        }
    )
    found = resolve_units(frame, REFERENCE)
    assert found["dossier_code"].to_list() == frame["dossier_code"].to_list()
    assert found["unit_code"].to_list() == ["030", None, "024", "030"]
