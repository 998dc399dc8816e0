"""What the estimators are given: shops by month, and quantiles of the dossiers themselves."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import polars as pl
import pytest

from pipelines.effects.costs import read_costs
from pipelines.effects.given import Given, Times, ask_of, read_given
from pipelines.effects.what_if import ChangeError, move_change
from pipelines.settings import PROJECT_ROOT, settings

NO_COSTS = read_costs(PROJECT_ROOT / "tests", settings().reference_dir)
MONDAYS = pl.DataFrame(
    {"day_on": [date(2024, 6, 24), date(2024, 7, 1), date(2024, 7, 8), date(2025, 7, 7)]}
)
UNITS = pl.DataFrame(
    [
        ("1@", "1", None, date(2025, 6, 30), "commune"),
        ("2@", "2", None, date(2025, 6, 30), "district"),
        ("1@2025-07-01", "1", date(2025, 7, 1), None, "commune"),
        ("area-2@2025-07-01", "area-2", date(2025, 7, 1), None, "area"),
    ],
    schema={
        "unit_key": pl.String, "unit_code": pl.String, "unit_valid_from": pl.Date,
        "unit_valid_to": pl.Date, "level": pl.String,
    },
    orient="row",
)  # fmt: skip
CHANGES = pl.DataFrame(
    [
        ("shop-1", "shop_merger", date(2024, 7, 1), "1@", "2@"),
        ("unit-1-1", "unit_merger", date(2025, 7, 1), "1@", "1@2025-07-01"),
        ("abolish-2", "unit_abolished", date(2025, 7, 1), "2@", "area-2@2025-07-01"),
    ],
    schema=["change_id", "kind", "effective_on", "from_key", "to_key"],
    orient="row",
).with_columns(date_is_assumed=pl.lit(False))
GIVEN = Given(pl.DataFrame(), CHANGES, UNITS, MONDAYS, NO_COSTS, date(2025, 12, 31))


def open_days(given: Given) -> dict[tuple[str, date], int]:
    return {(key, month): n for key, month, n, _ in given.shops.iter_rows()}


def test_a_shop_is_open_while_its_unit_is_there_and_its_counter_its_own() -> None:
    june, july, later = date(2024, 6, 1), date(2024, 7, 1), date(2025, 7, 1)
    assert open_days(GIVEN) == {
        ("1@", june): 1,
        ("2@", june): 1,
        ("2@", july): 2,
        ("1@2025-07-01", later): 1,
    }


def test_on_another_day_the_folded_shop_is_open_until_then() -> None:
    moved, name = move_change(GIVEN, "shop-1", date(2024, 7, 8))
    assert name == "shop-1"
    assert open_days(moved)["1@", date(2024, 7, 1)] == 1
    assert moved.units.filter(unit_key="1@")["shop_folded_on"].to_list() == [date(2024, 7, 8)]
    assert moved.changes.filter(change_id="shop-1")["date_is_assumed"].to_list() == [True]


@pytest.mark.parametrize(
    ("impact", "on", "moved", "name"),
    [
        ("shop-1", date(2024, 8, 1), {"shop-1"}, "shop-1"),
        ("shop-mergers", date(2024, 8, 1), {"shop-1"}, "shop-mergers"),
        ("network-2025-07-01", date(2025, 8, 1), {"unit-1-1", "abolish-2"}, "network-2025-08-01"),
    ],
)
def test_a_change_is_moved_with_all_that_is_estimated_with_it(
    impact: str, on: date, moved: set[str], name: str
) -> None:
    given, told = move_change(GIVEN, impact, on)
    assert told == name
    assert set(given.changes.filter(effective_on=on)["change_id"]) == moved


@pytest.mark.parametrize(
    ("impact", "message"),
    [
        ("unit-1-1", "change unit-1-1: .* name network-2025-07-01"),
        ("network-2025-06-30", "change network-2025-06-30: there is none"),
        ("shop-9", "change shop-9: there is none"),
    ],
)
def test_a_change_that_is_not_estimated_is_refused(impact: str, message: str) -> None:
    with pytest.raises(ChangeError, match=message):
        move_change(GIVEN, impact, date(2024, 8, 1))


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    """A catalog `motcua` with three resolved dossiers of a unit, and what must not count."""
    db = duckdb.connect()
    db.execute("attach ':memory:' as motcua")
    db.execute(
        "create table motcua.fct_dossier (unit_key varchar, state varchar, finished_at timestamp,"
        " working_minutes bigint, full_day_minutes bigint)"
    )
    at = datetime(2024, 6, 30, 16)
    rows = [
        ("u", "resolved", at, 480, 480),
        ("u", "resolved", datetime(2024, 6, 1), 840, 420),
        ("v", "resolved", at, 1440, 480),
        ("u", "resolved", datetime(2024, 7, 1), 9600, 480),
        ("u", "resolved", at, None, 480),
        ("u", "open", at, 9600, 480),
        ("w", "resolved", at, 9600, 480),
    ]
    db.executemany("insert into motcua.fct_dossier values (?, ?, ?, ?, ?)", rows)
    return db


def test_quantiles_are_of_the_days_of_the_units_within_the_days(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    times = Times(ask_of(marts))
    june = (date(2024, 6, 1), date(2024, 6, 30))
    assert times(["u", "v"], *june, [0.0, 0.5, 1.0]) == (3, [1.0, 2.0, 3.0])
    assert times(["u"], *june, [0.5]) == (2, [1.5])
    assert times(["x"], *june, [0.5]) == (0, [])


def test_without_a_dossier_there_is_a_panel_without_rows(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute(
        """use motcua; create table imp_panel (month_on date, unit_key varchar, level varchar,
            procedure_code varchar, received_n bigint);
        create table dim_calendar as
            select date '2024-07-01' as day_on, true as is_working_day;
        create table dim_unit (unit_key varchar, unit_code varchar, unit_valid_from date,
            unit_valid_to date, unit_name_vi varchar, level varchar, unit_type varchar,
            parent_code varchar, district_code varchar, district_name_vi varchar);
        create table dim_unit_change (change_id varchar, kind varchar, effective_on date,
            date_is_assumed boolean, from_key varchar, to_key varchar, share double)"""
    )
    given = read_given(ask_of(marts), NO_COSTS, date(2024, 7, 1))
    assert given.panel.is_empty()
    assert given.shops.is_empty()
    assert given.units.columns[-1] == "shop_folded_on"
