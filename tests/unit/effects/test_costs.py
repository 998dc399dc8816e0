"""Costs of shops as the user says them: each mistake is one line that names row, field and rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.effects.costs import UnitCostError, add_costs, hash_costs, read_costs
from pipelines.settings import settings

HEAD = "level,unit_code,cost_per_shop_month,valid_from,valid_to"


def read(home: Path, *lines: str) -> pl.DataFrame:
    (home / "unit_costs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_costs(home, settings().reference_dir)


def shops(*rows: tuple[str, str, str, date]) -> pl.DataFrame:
    names = ["unit_key", "unit_code", "level", "month_on"]
    return pl.DataFrame(list(rows), schema=names, orient="row")


def test_a_home_without_the_file_says_nothing_of_costs(tmp_path: Path) -> None:
    costs = read_costs(tmp_path, settings().reference_dir)
    assert costs.is_empty()
    assert hash_costs(tmp_path) is None
    told = add_costs(shops(("024@", "024", "district", date(2024, 1, 1))), costs)
    assert told["cost"].to_list() == [None]


def test_a_unit_goes_before_its_level_and_the_first_of_the_month_decides(tmp_path: Path) -> None:
    costs = read(
        tmp_path,
        HEAD,
        "commune,,20000000,,2024-06-30",
        "commune,,25000000,2024-07-01,",
        ",00691,31000000.5,2024-02-02,",
    )
    told = add_costs(
        shops(
            ("00691@", "00691", "commune", date(2024, 2, 1)),
            ("00691@", "00691", "commune", date(2024, 3, 1)),
            ("00715@", "00715", "commune", date(2024, 7, 1)),
            ("024@", "024", "district", date(2024, 7, 1)),
        ),
        costs,
    )
    assert told["cost"].to_list() == [20_000_000, 31_000_000.5, 25_000_000, None]


def test_a_column_of_levels_alone_is_enough(tmp_path: Path) -> None:
    costs = read(tmp_path, "level,cost_per_shop_month,valid_from,valid_to", "district,5,,")
    assert costs.select("level", "unit_code", "cost").rows() == [("district", None, 5.0)]


def test_a_row_that_is_cut_short_holds_for_ever(tmp_path: Path) -> None:
    costs = read(tmp_path, HEAD, "commune,,5")
    assert costs.select("valid_from", "valid_to").rows() == [(date.min, date.max)]


def test_other_costs_have_another_fingerprint(tmp_path: Path) -> None:
    read(tmp_path, HEAD, "commune,,1,,")
    before = hash_costs(tmp_path)
    read(tmp_path, HEAD, "commune,,2,,")
    assert hash_costs(tmp_path) not in (before, None)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("level,valid_from,valid_to", "commune,,"), "column cost_per_shop_month lacks"),
        (("cost_per_shop_month,valid_from,valid_to", "5,,"), "column level or unit_code lacks"),
        ((HEAD, "commune,00691,5,,"), "row 2: level: a row is of one level or of one unit_code"),
        ((HEAD, ",,5,,"), "row 2: level: a row is of one level or of one unit_code"),
        ((HEAD, "ward,,5,,"), "row 2: level: must be one of province, district, commune"),
        ((HEAD, ",99999,5,,"), "row 2: unit_code: is no unit of units.csv"),
        ((HEAD, "commune,,free,,"), "row 2: cost_per_shop_month: must be a number above 0"),
        ((HEAD, "commune,,0,,"), "row 2: cost_per_shop_month: must be a number above 0"),
        ((HEAD, "commune,,nan,,"), "row 2: cost_per_shop_month: must be a number above 0"),
        ((HEAD, "commune,,5,1/7/2024,"), "row 2: valid_from: must be a day like 2025-07-01"),
        ((HEAD, "commune,,5,2024-07-01,2024-06-30"), "row 2: valid_to: lies before valid_from"),
        (
            (HEAD, "commune,,5,,2024-06-30", "commune,,6,2024-06-30,"),
            "row 3: valid_from: holds for days of row 2 too",
        ),
    ],
)
def test_a_mistake_is_named_in_one_line(
    tmp_path: Path, lines: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UnitCostError) as refused:
        read(tmp_path, *lines)
    assert str(refused.value).startswith(f"unit_costs.csv: {message}")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "unit_costs.csv").write_bytes(b"\xff\xfe\x00c")
    with pytest.raises(UnitCostError, match="is no CSV in UTF-8"):
        read_costs(tmp_path, settings().reference_dir)
