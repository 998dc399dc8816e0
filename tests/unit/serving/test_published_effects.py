"""An effect is said once until it changes, is taken back with a killed publication, and stays
readable when it was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.analysis.impact import Impacts
from pipelines.analysis.impact.tables import table
from pipelines.effects.kept import EstimateRun, keep
from pipelines.serving.impact import (
    HISTORY_SCHEMA,
    read_effect_history,
    read_impact_tables,
    read_unit_changes,
)
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.publication import withdraw_unfinished
from pipelines.serving.published_effects import find_news, say_news
from pipelines.serving.snapshot import announce
from pipelines.warehouse.tables import connect_writer

FIRST = datetime(2025, 6, 2, 6)
RUN = EstimateRun(date(2025, 6, 1), FIRST, "a run", "rules", "network", None, "whole")
CHANGE = {
    "impact_id": "shop-1", "kind": "shop_merger", "effective_on": date(2024, 7, 1),
    "date_is_assumed": True, "name_vi": "Phường", "name_en": "Ward",
    "before_from": date(2023, 7, 1), "after_to": date(2025, 5, 1), "status": "ok",
}  # fmt: skip
EFFECT = {
    "impact_id": "shop-1", "outcome": "online_rate", "estimator": "placebo", "is_headline": True,
    "unit": "share", "estimate": 0.03, "low": 0.01, "high": 0.05, "verdict": "better",
}  # fmt: skip


@dataclass
class House:
    """A warehouse that publishes effects, and the snapshots it left."""

    folder: Path
    connection: duckdb.DuckDBPyConnection
    published: int = 0

    def publish(self, *effects: dict[str, Any], change: dict[str, Any] = CHANGE) -> Path:
        """Keep the estimates and publish them as the step and the publication do."""
        tables = {
            "imp_change": [table("imp_change", [change])],
            "imp_effect": [table("imp_effect", list(effects))],
        }
        keep(self.connection, Impacts.of(tables), RUN)
        version = f"motcua-{self.published}"
        file = self.folder / f"{version}.duckdb"
        self.connection.execute(f"attach '{file}' as snapshot")
        for name in ("imp_change", "imp_effect", "imp_run"):
            self.connection.execute(f"create table snapshot.main.{name} as from motcua.main.{name}")
        self.connection.execute(
            "create table snapshot.main.srv_published_effect as from log.published_effect"
        )
        find_news(self.connection, version, FIRST + timedelta(days=self.published))
        self.connection.execute("detach snapshot")
        say_news(self.connection)
        self.published += 1
        return file

    def said(self) -> list[tuple[object, ...]]:
        return self.connection.sql(
            "select snapshot, outcome, estimate from log.published_effect order by all"
        ).fetchall()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    connection = connect_writer(tmp_path / "motcua.duckdb")
    yield House(tmp_path, connection)
    connection.close()


def history(file: Path) -> list[tuple[object, ...]]:
    snapshot = SealedSnapshot(file)
    try:
        rows = read_effect_history(snapshot)
    finally:
        snapshot.close()
    assert rows.schema == HISTORY_SCHEMA
    return rows.select("snapshot", "effective_on", "estimate", "stands").rows()


def test_what_is_still_so_is_not_said_again(house: House) -> None:
    house.publish(EFFECT)
    house.publish(EFFECT)
    house.publish(EFFECT | {"estimate": 0.03 + 1e-13})
    assert house.said() == [("motcua-0", "online_rate", 0.03)]


@pytest.mark.parametrize(
    "changed",
    [
        {"estimate": 0.031},
        {"low": None, "high": None},
        {"verdict": "undetermined"},
        {"estimate": None, "status": "too_few"},
        {"is_headline": False},
    ],
)
def test_what_is_another_is_said_again_and_the_first_stays_readable(
    house: House, changed: dict[str, Any]
) -> None:
    house.publish(EFFECT)
    file = house.publish(EFFECT | changed)
    now = changed.get("estimate", 0.03)
    assert [row[::2] for row in history(file)] == [("motcua-0", 0.03), ("motcua-1", now)]
    assert [row[3] for row in history(file)] == [False, True]


def test_a_change_on_another_day_is_said_again_though_its_figures_are_the_same(
    house: House,
) -> None:
    house.publish(EFFECT)
    file = house.publish(EFFECT, change=CHANGE | {"effective_on": date(2024, 8, 1)})
    assert [row[1] for row in history(file)] == [date(2024, 7, 1), date(2024, 8, 1)]


def test_an_effect_that_is_no_longer_said_does_not_stand(house: House) -> None:
    house.publish(EFFECT, EFFECT | {"outcome": "late_rate"})
    file = house.publish(EFFECT)
    snapshot = SealedSnapshot(file)
    rows = read_effect_history(snapshot).select("outcome", "stands").rows()
    snapshot.close()
    assert rows == [("late_rate", False), ("online_rate", True)]


def test_a_snapshot_holds_what_it_says_itself(house: House) -> None:
    file = house.publish(EFFECT)
    assert history(file) == [("motcua-0", date(2024, 7, 1), 0.03, True)]


def test_what_a_killed_publication_said_is_taken_back(house: House) -> None:
    house.publish(EFFECT)
    house.publish(EFFECT | {"estimate": 0.04})
    announce(house.folder, "motcua-1")
    withdraw_unfinished(house.connection, house.folder)
    assert house.said() == [("motcua-0", "online_rate", 0.03)]
    house.publish(EFFECT | {"estimate": 0.04})
    assert [row[0] for row in house.said()] == ["motcua-0", "motcua-2"]


def test_a_warehouse_without_estimates_says_nothing(house: House) -> None:
    house.connection.execute(f"attach '{house.folder / 'none.duckdb'}' as snapshot")
    find_news(house.connection, "motcua-none", FIRST)
    say_news(house.connection)
    assert house.said() == []


def test_an_old_snapshot_has_typed_tables_without_rows(tmp_path: Path) -> None:
    file = tmp_path / "old.duckdb"
    duckdb.connect(str(file)).close()
    snapshot = SealedSnapshot(file)
    try:
        tables = read_impact_tables(snapshot)
        assert tables.run is None
        assert tables.effect.is_empty()
        assert tables.effect.schema["estimate"] == pl.Float64
        assert read_unit_changes(snapshot).is_empty()
        assert read_effect_history(snapshot).is_empty()
    finally:
        snapshot.close()
