"""Today's boundaries with other shares and a change ahead: whose a dossier is, and how many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.serving.metrics import MetricLayer, MetricQuery
from tests.models.compiled import Models, Record, fetch
from tests.models.incumbents.province import REFERENCE, dossier

SPLIT, DOSSIERS = "00688", 3_000
# the split unit goes to three; two years on, one of these goes to three, another is merged
SHARES = {"00691": "0.4", "00694": "0.35", "00700": "0.25"}
THIRDS = {"00691": "0.333333", "00694": "0.333333", "00706": "0.333334"}
CHANGES = (
    f"delete from main.unit_changes where from_code = '{SPLIT}'",
    *(
        "insert into main.unit_changes by name select"
        f" 'unit_split' as kind, '{day}' as effective_date, '{code}' as from_code,"
        f" '{to}' as to_code, '{share}' as share"
        for day, code, shares in (("2025-07-01", SPLIT, SHARES), ("2027-01-01", "00691", THIRDS))
        for to, share in shares.items()
    ),
    """insert into main.unit_changes by name select 'unit_merger' as kind,
    '2027-01-01' as effective_date, '00700' as from_code, '00706' as to_code, '1' as share""",
    """update main.units set valid_to = '2026-12-31'
    where unit_code in ('00691', '00700') and valid_from = '2025-07-01'""",
    """insert into main.units by name
    select * replace ('2027-01-01' as valid_from, null as valid_to) from main.units
    where unit_code = '00691' and valid_from = '2025-07-01'""",
)
TODAY = {
    "00691@2027-01-01": Fraction(4, 10) / 3,
    "00694@2025-07-01": Fraction(35, 100) + Fraction(4, 10) / 3,
    "00706@2025-07-01": Fraction(25, 100) + Fraction(4, 10) / 3,
}
_WHERE = "select dossier_code, today_unit_key from main.fct_dossier order by all"


def dossiers() -> list[Record]:
    """Dossiers of the unit that is split, one an hour, and some of a district and the centre."""
    first = datetime(2025, 2, 3, 8)
    split = [
        dossier(
            f"000.01.24.H22-250203-{n:05d}", (first + timedelta(hours=n)).isoformat(),
            unit_code=SPLIT, status_code="9" if n % 3 else "4",
            **({"finished_at": (first + timedelta(hours=n + 30)).isoformat()} if n % 3 else {}),
        )
        for n in range(DOSSIERS)
    ]  # fmt: skip
    others = [
        dossier(f"{unit}-{n}", "2025-03-10T08:00", unit_code=unit, finished_at="2025-03-14T10:00")
        for unit in ("026", "02")
        for n in range(5)
    ]
    return split + others


@pytest.fixture(scope="module")
def home(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("split") / "motcua.duckdb"
    models.build(file, dossiers(), reference=(*REFERENCE, *CHANGES))
    return file


@pytest.fixture(scope="module")
def layer(models: Models, home: Path) -> Iterator[MetricLayer]:
    with closing(MetricLayer.open(models.publish(home))) as opened:
        yield opened


def test_nobody_is_lost_and_every_part_has_about_its_share(home: Path) -> None:
    rows = fetch(
        home,
        f"""select today_unit_key, count(*), bool_and(is_restated) from main.fct_dossier
        where unit_code = '{SPLIT}' group by 1""",
    )
    found = {str(key): int(str(count)) for key, count, _ in rows}
    assert found.keys() == TODAY.keys()
    assert sum(found.values()) == DOSSIERS
    assert {key: n / DOSSIERS for key, n in found.items()} == pytest.approx(
        {key: float(share) for key, share in TODAY.items()}, abs=0.03
    )
    assert {restated for *_, restated in rows} == {True}


def test_the_dossiers_of_a_unit_add_up_to_its_figures(home: Path, layer: MetricLayer) -> None:
    counted = fetch(
        home,
        """select today_unit_key, count(*), count(*) filter (state = 'resolved'),
            count(*) filter (closed_at is null)
        from main.fct_dossier group by 1 order by 1""",
    )
    question = MetricQuery(("received", "resolved", "open"), by=("unit",), boundaries="today")
    answer = layer.query(question).filter(pl.col("numerator") > 0)
    key = pl.col("unit_code") + "@" + pl.col("unit_valid_from").dt.to_string().fill_null("")
    wide = answer.with_columns(key=key).pivot("metric", index="key", values="numerator")
    assert wide.fill_null(0).sort("key").rows() == counted


def test_units_of_today_are_those_after_the_change_ahead(layer: MetricLayer) -> None:
    answer = layer.query(MetricQuery(("received",), by=("unit", "month"), boundaries="today"))
    units = answer.select("unit_code", "unit_valid_from").unique()
    codes = units["unit_code"].to_list()
    assert "00700" not in codes
    assert codes.count("00691") == 1
    assert len(codes) == len(set(codes))
    assert answer["status"].null_count() == answer.height
    assert layer.boundaries_from is not None
    assert layer.boundaries_from.isoformat() == "2027-01-01"


def test_a_dossier_has_the_same_successor_in_every_build(
    home: Path, models: Models, tmp_path: Path
) -> None:
    again = tmp_path / "motcua.duckdb"
    models.build(
        again, reversed(dossiers()), reference=(*REFERENCE, CHANGES[0], *reversed(CHANGES[1:4]))
    )
    # without the change of 2027 the parts of 2025 are the same: what came later only divided them
    before = dict(fetch(again, _WHERE))
    first = {code: str(before[code]).split("@")[0] for code, _ in fetch(home, _WHERE)}
    moved = {
        (first[str(code)], str(key).split("@")[0])
        for code, key in fetch(home, _WHERE)
        if str(code).startswith("000.")
    }
    assert moved == {
        ("00691", "00691"), ("00691", "00694"), ("00691", "00706"),
        ("00694", "00694"), ("00700", "00706"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def find_parts(models: Models) -> Iterator[Callable[[list[int]], list[tuple[float, float]]]]:
    """The parts that the lineage gives to successors whose shares are as the numbers given."""
    with duckdb.connect() as db:
        db.execute("attach ':memory:' as motcua; use motcua")
        db.execute(
            """create table stg_reference__units (unit_key varchar, unit_code varchar,
                level varchar, unit_valid_from date, unit_valid_to date);
            create table stg_reference__unit_changes (kind varchar, effective_on date,
                from_code varchar, to_code varchar, share double)"""
        )

        def find(weights: list[int]) -> list[tuple[float, float]]:
            db.execute("delete from stg_reference__units; delete from stg_reference__unit_changes")
            db.execute(
                "insert into stg_reference__units values ('s@', 's', 'commune', null, '2025-06-30')"
            )
            for n, weight in enumerate(weights):
                db.execute(
                    "insert into stg_reference__units values (?, ?, 'commune', '2025-07-01', null)",
                    [f"t{n:02}@", f"t{n:02}"],
                )
                db.execute(
                    "insert into stg_reference__unit_changes values"
                    " ('unit_split', '2025-07-01', 's', ?, ?)",
                    [f"t{n:02}", round(weight / sum(weights), 6)],
                )
            return db.sql(
                f"""select share_from, share_to from ({models.sql["dim_unit_successor"]})
                where unit_key = 's@' and until_on is null order by 1"""
            ).fetchall()

        yield find


@given(weights=st.lists(st.integers(0, 50), min_size=1, max_size=9).filter(any))
def test_the_parts_of_a_unit_cover_it_once_whatever_the_shares(
    find_parts: Callable[[list[int]], list[tuple[float, float]]], weights: list[int]
) -> None:
    parts = find_parts(weights)
    assert parts[0][0] == 0
    assert parts[-1][1] == 1
    assert [end for _, end in parts[:-1]] == [begin for begin, _ in parts[1:]]
    assert len(parts) <= sum(weight > 0 for weight in weights)
    assert all(begin < end for begin, end in parts)
