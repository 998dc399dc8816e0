"""The shops through time, and every dossier at exactly one that was open when it came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.network.units import shops_on
from pipelines.settings import settings
from pipelines.warehouse.tables import connect_reader

REFERENCE = settings().reference_dir
SINCE_EVER, FOR_EVER = "date '0001-01-01'", "date '9999-12-31'"
OPEN = f"""{{day}} between coalesce(shop.shop_valid_from, {SINCE_EVER})
    and coalesce(shop.shop_valid_to, {FOR_EVER})"""
# a submission that was not accepted counts on the day on which it came
DAY = "cast(coalesce(dossier.received_at, dossier.submitted_at) as date)"


@pytest.fixture(scope="module")
def warehouse(published_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("day", "province", "district", "commune"),
    [
        ("2022-12-31", 1, 11, 193),
        ("2024-06-30", 1, 11, 193),
        ("2024-07-01", 1, 11, 189),
        ("2025-06-14", 1, 11, 189),
        ("2025-06-30", 1, 11, 189),
        ("2025-07-01", 1, 0, 73),
        ("2026-06-30", 1, 0, 73),
    ],
)
def test_the_shops_of_a_day_are_those_of_the_lists(
    warehouse: duckdb.DuckDBPyConnection, day: str, province: int, district: int, commune: int
) -> None:
    then = OPEN.format(day=f"date '{day}'")
    found = warehouse.sql(f"select unit_code, level from dim_shop as shop where {then}").fetchall()
    levels = [level for _, level in found]
    counted = tuple(levels.count(level) for level in ("province", "district", "commune"))
    assert counted == (province, district, commune)
    listed = shops_on(date.fromisoformat(day), REFERENCE)
    assert sorted(code for code, _ in found) == listed["unit_code"].to_list()


def test_a_folded_shop_says_into_which_and_that_its_day_is_assumed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    folded = warehouse.sql(
        """select unit_key, shop_valid_to, shop_folded_on, folded_into_key, is_folded_on_assumed
        from dim_shop where shop_folded_on is not null order by unit_key"""
    ).fetchall()
    day, last = date(2024, 7, 1), date(2024, 6, 30)
    into = {"00691@": "024@", "00721@": "026@", "00769@": "027@", "01021@": "032@"}
    assert folded == [(key, last, day, taker, True) for key, taker in into.items()]


def test_three_communes_are_split_and_193_become_73(warehouse: duckdb.DuckDBPyConnection) -> None:
    [counted] = warehouse.sql(
        """select count(distinct from_code), count(distinct to_code),
        count(distinct from_code) filter (where kind = 'unit_split')
        from stg_reference__unit_changes as change
        where kind in ('unit_merger', 'unit_split') and effective_on = date '2025-07-01'
            and from_code <> '02'"""
    ).fetchall()
    assert counted == (193, 73, 3)


STRETCHES = {
    "before the shop mergers": f"{DAY} < date '2024-07-01'",
    "between the mergers": f"{DAY} between date '2024-07-01' and date '2025-06-30'",
    "since the network is new": f"{DAY} >= date '2025-07-01'",
}


@pytest.mark.parametrize("stretch", STRETCHES)
def test_every_dossier_was_received_at_exactly_one_open_shop(
    warehouse: duckdb.DuckDBPyConnection, stretch: str
) -> None:
    shops = warehouse.sql(
        f"""select shops_n, count(*) from (
            select count(shop.unit_key) as shops_n
            from fct_dossier as dossier
            left join dim_shop as shop
                on dossier.unit_key = shop.unit_key and {OPEN.format(day=DAY)}
            where {STRETCHES[stretch]}
            group by dossier.dossier_key
        ) group by shops_n"""
    ).fetchall()
    assert [n for n, _ in shops] == [1]
    assert shops[0][1] > 500


def test_a_shop_folded_earlier_would_leave_dossiers_without_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    [(n,)] = warehouse.sql(
        f"""select count(*) from fct_dossier as dossier
        inner join dim_shop as shop on dossier.unit_key = shop.unit_key
        where {DAY} >= shop.shop_folded_on - interval 6 month"""
    ).fetchall()
    assert n > 0
