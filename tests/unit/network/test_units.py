"""The shops of a day, counted from the network."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.network.units import read_units, shops_on, unit_key
from pipelines.settings import settings

REFERENCE = settings().reference_dir
FOLDED = {"00691", "00721", "00769", "01021"}


@pytest.mark.parametrize(
    ("day", "province", "district", "commune"),
    [
        (date(2022, 12, 31), 1, 11, 193),
        (date(2025, 6, 14), 1, 11, 189),
        (date(2025, 6, 30), 1, 11, 189),
        (date(2025, 7, 1), 1, 0, 73),
        (date(2026, 6, 30), 1, 0, 73),
    ],
)
def test_shops_of_a_day_by_level(day: date, province: int, district: int, commune: int) -> None:
    counted = dict(shops_on(day, REFERENCE).group_by("level").len().rows())
    assert counted == {
        level: n
        for level, n in (("province", province), ("district", district), ("commune", commune))
        if n
    }


@pytest.mark.parametrize(
    ("day", "total"),
    [(date(2022, 12, 31), 205), (date(2025, 6, 14), 201), (date(2025, 7, 1), 74)],
)
def test_total_of_shops_is_the_published_one(day: date, total: int) -> None:
    assert shops_on(day, REFERENCE).height == total


def test_published_figures_of_shops_equal_the_count() -> None:
    published = pl.read_csv(REFERENCE / "published_figures.csv", infer_schema=False).filter(
        pl.col("figure") == "one_stop_shops"
    )
    assert published.height == 2
    for day, value in published.select("as_of", "value").rows():
        assert shops_on(date.fromisoformat(day), REFERENCE).height == int(value)


def test_the_four_folded_shops_leave_and_their_codes_live_on() -> None:
    before = set(shops_on(date(2022, 12, 31), REFERENCE)["unit_code"])
    after = set(shops_on(date(2025, 6, 14), REFERENCE)["unit_code"])
    assert before - after == FOLDED
    assert "00691" in set(shops_on(date(2025, 7, 1), REFERENCE)["unit_code"])


def test_a_unit_is_code_and_validity_since_codes_are_used_again() -> None:
    units = read_units(REFERENCE).with_columns(key=unit_key())
    assert units["key"].is_unique().all()
    twice = units.filter(pl.col("unit_code").is_duplicated())
    changed = twice.group_by("unit_code").agg(
        (pl.col("unit_name_vi").n_unique() > 1) | (pl.col("unit_type").n_unique() > 1)
    )
    assert changed["unit_name_vi"].sum() == 30
