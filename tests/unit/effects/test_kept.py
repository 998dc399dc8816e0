"""When estimates are made anew, and that all of a run's stand or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.analysis.impact import Impacts
from pipelines.analysis.impact.tables import table
from pipelines.effects.kept import IMPACT_TABLES, EstimateRun, keep, read_run, why_due
from pipelines.warehouse.tables import connect_writer

RUN = EstimateRun(
    date(2025, 6, 1), datetime(2025, 6, 2, 6), "a run", "rules", "network", None, "whole"
)


def impacts(*ids: str) -> Impacts:
    rows = [
        {"impact_id": name, "kind": "shop_merger", "effective_on": date(2024, 7, 1)} for name in ids
    ]
    return Impacts.of({"imp_change": [table("imp_change", rows)]})


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({}, None),
        ({"data_as_of_on": date(2025, 6, 7)}, None),
        ({"data_as_of_on": date(2025, 6, 8)}, "the data has moved on"),
        ({"data_as_of_on": date(2025, 5, 1)}, "the data has moved on"),
        ({"run_id": "another", "estimated_at": datetime(2026, 1, 1)}, None),
        ({"network_hash": "moved"}, "another network"),
        ({"rules_hash": "other"}, "other rules"),
        ({"costs_hash": "given"}, "other costs"),
        ({"whole_id": "another"}, "all was computed anew"),
    ],
)
def test_estimates_stand_until_something_they_rest_on_is_another(
    now: dict[str, object], why: str | None
) -> None:
    assert why_due(RUN, replace(RUN, **now), 7) == why  # pyright: ignore[reportArgumentType]


def test_the_first_estimates_are_due() -> None:
    assert why_due(None, RUN, 7) == "there are none yet"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect_writer(tmp_path / "motcua.duckdb")
    yield connection
    connection.close()


def test_new_estimates_take_the_place_of_those_before(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert read_run(warehouse) is None
    keep(warehouse, impacts("shop-1", "shop-2"), RUN)
    later = replace(RUN, data_as_of_on=date(2025, 7, 1))
    keep(warehouse, impacts("shop-2"), later)
    assert read_run(warehouse) == later
    assert warehouse.sql("select impact_id from main.imp_change").fetchall() == [("shop-2",)]
    names = warehouse.sql("select table_name from duckdb_tables() where table_name like 'imp_%'")
    assert {str(name) for (name,) in names.fetchall()} == set(IMPACT_TABLES)


def test_estimates_that_cannot_be_kept_whole_leave_those_before(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    keep(warehouse, impacts("shop-1"), RUN)
    broken = replace(impacts("shop-2"), pretrend=pl.DataFrame())
    with pytest.raises(duckdb.Error):
        keep(warehouse, broken, replace(RUN, run_id="broken"))
    assert read_run(warehouse) == RUN
    assert warehouse.sql("select impact_id from main.imp_change").fetchall() == [("shop-1",)]
