"""Committed files equal what the generators write; the network counts its shops."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.settings import PROJECT_ROOT, settings
from pipelines.simulator.catalogue import (
    COLUMNS,
    LEVEL_COUNTS,
    build_catalogue,
    catalogue_csv,
    demand_weights,
)
from pipelines.simulator.shops import Network, system_id
from pipelines.simulator.sources import sources_yaml


def test_committed_catalogue_equals_the_generator() -> None:
    committed = (settings().reference_dir / "procedures.csv").read_text(encoding="utf-8")
    assert committed == catalogue_csv()


def test_catalogue_has_the_published_counts() -> None:
    catalogue = build_catalogue()
    assert tuple(catalogue.columns) == COLUMNS
    assert catalogue.height == 1_982
    assert catalogue.filter(level="district").height == 267
    assert catalogue["procedure_code"].n_unique() == catalogue["name_vi"].n_unique() == 1_982
    assert 38 <= catalogue["field_code"].n_unique() <= 45
    assert catalogue["procedure_code"].str.contains(r"^1\.0\d{5}$").all()
    assert catalogue["field_code"].str.contains(r"^[A-Z0-9-]{2,12}$").all()
    shares = dict(catalogue["term_unit"].value_counts(normalize=True).iter_rows())
    assert shares["working_day"] == pytest.approx(0.70, abs=0.03)
    assert shares["calendar_day"] == pytest.approx(0.25, abs=0.03)
    assert set(shares) == {"working_day", "calendar_day", "hour", "month"}
    assert catalogue.filter(term_value=0, term_unit="working_day").height > 0


def test_demand_of_each_level_adds_up() -> None:
    for level, weights in demand_weights(build_catalogue()).items():
        assert level in LEVEL_COUNTS
        assert weights.sum() == pytest.approx(1)


def test_committed_sources_equal_the_generator() -> None:
    committed = (PROJECT_ROOT / "data" / "sources.yml").read_text(encoding="utf-8")
    assert committed == sources_yaml(Network(), folder="simulated/")


@pytest.mark.parametrize(
    ("day", "shops"),
    [("2022-12-31", 205), ("2024-06-30", 205), ("2024-07-01", 201), ("2025-06-14", 201),
     ("2025-07-01", 74)],
)  # fmt: skip
def test_shops_counted_from_the_network(day: str, shops: int) -> None:
    network = Network()
    assert network.shops_on(date.fromisoformat(day)) == shops
    on_day = pl.lit(date.fromisoformat(day)).is_between(pl.col("first_day"), pl.col("last_day"))
    assert network.origins.filter(on_day)["weight"].sum() == pytest.approx(1)


def test_twelve_systems_and_two_file_shops() -> None:
    network = Network()
    assert [len(network.systems), len(network.file_shops)] == [12, 2]
    assert network.units["system"].null_count() == network.units["edoc_code"].null_count() == 0
    assert system_id("Huyện Vị Xuyên") == "vi-xuyen-district"
    assert system_id("Thành phố Hà Giang") == "ha-giang-city"
    assert system_id("Huyện Đồng Văn") == "dong-van-district"
