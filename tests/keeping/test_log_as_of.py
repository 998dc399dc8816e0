"""What the log held at a moment: by what was known, or by what this log held."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.as_of import Moment, NothingKnownError, copy_log, read_state
from pipelines.warehouse.tables import connect_writer
from tests.faults.shops import record
from tests.keeping.paper import FETCHED, PaperHome
from tests.keeping.test_erase import erase_from

LATER = "2025-03-09T01:00:00"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PaperHome:
    """Two pulls an hour apart: the second brings a version, a dossier and a bad record."""
    home = PaperHome(tmp_path_factory.mktemp("built") / "home")
    home.take(record(1), record(2))
    home.take(record(1, TrangThaiHoSo="10", NgayTra="20250307110000", updated_at=LATER),
              record(2), record(3), record(4, TrangThaiHoSo="77"))  # fmt: skip
    return home


@pytest.fixture
def home(built: PaperHome, tmp_path: Path) -> PaperHome:
    """A copy of it, to be changed."""
    return built.copy_to(tmp_path / "home")


def take_out(home: PaperHome, moment: Moment, sql: str) -> list[tuple[object, ...]]:
    target = home.root / "then.duckdb"
    target.unlink(missing_ok=True)
    copy_log(home.warehouse, target, moment)
    with duckdb.connect(str(target), read_only=True) as db:
        return db.sql(sql).fetchall()


def known_at_source(home: PaperHome) -> None:
    """As if the second pull had been a first load that speaks of the past."""
    connection = connect_writer(home.warehouse)
    connection.execute(
        "update log.outcome set known_at_rule = 'source' where pull_id = 'p0002';"
        "update log.dossier_version set known_at = source_updated_at where pull_id = 'p0002'"
    )
    connection.close()


VERSIONS = "select right(dossier_code, 1), status_code from log.dossier_version order by all"
OUTCOMES = """select pull_id, records_in, accepted, unchanged, quarantined, fetched_at, window_to
from log.outcome order by pull_id"""


def test_what_became_known_later_is_not_there(home: PaperHome) -> None:
    between = Moment(home.now)
    assert take_out(home, between, VERSIONS) == [("1", "9"), ("2", "9")]
    assert take_out(home, between, "select count(*) from log.quarantine") == [(0,)]
    assert [row[0] for row in take_out(home, between, OUTCOMES)] == ["p0001"]
    after = Moment(home.now + HOUR)
    assert len(take_out(home, after, VERSIONS)) == 4
    assert take_out(home, after, "select rule from log.quarantine") == [("unknown_code",)]
    assert len(take_out(home, after, OUTCOMES)) == 2


def test_a_first_load_that_speaks_of_the_past_is_cut_at_the_moment(home: PaperHome) -> None:
    known_at_source(home)
    moment = Moment(datetime(2025, 3, 8, 12))
    assert take_out(home, moment, VERSIONS) == [("3", "9")]
    assert take_out(home, moment, OUTCOMES) == [("p0002", 1, 1, 0, 0, moment.before, moment.before)]


def test_a_publication_could_only_draw_on_what_the_log_held(home: PaperHome) -> None:
    known_at_source(home)
    published = Moment.of_publication(FETCHED + HOUR)
    assert take_out(home, published, VERSIONS) == [("1", "9"), ("2", "9")]
    assert [row[0] for row in take_out(home, published, OUTCOMES)] == ["p0001"]


def test_nothing_known_is_one_line_that_says_since_when(home: PaperHome) -> None:
    with pytest.raises(NothingKnownError) as refused:
        read_state(home.warehouse, Moment.end_of(date(2024, 12, 31)))
    assert str(refused.value) == (
        "nothing was known by the end of 2024-12-31: the first record became known on 2025-03-20"
    )
    empty = PaperHome(home.root / "empty")
    connect_writer(empty.warehouse).close()
    with pytest.raises(NothingKnownError, match="the log is empty"):
        read_state(empty.warehouse, Moment.end_of(date(2024, 12, 31)))


def test_the_state_of_a_moment_stays_while_later_days_are_loaded(home: PaperHome) -> None:
    moment = Moment(home.now + HOUR / 2)
    before = read_state(home.warehouse, moment)
    home.take(record(8))
    assert read_state(home.warehouse, moment) == before
    assert read_state(home.warehouse, Moment(home.now + HOUR)) != before


def test_the_state_changes_when_the_log_is_mended(home: PaperHome) -> None:
    moment = Moment(home.now + HOUR)
    before = read_state(home.warehouse, moment)
    erase_from(home)
    assert read_state(home.warehouse, moment) != before
