"""What is not as a source's `expect` says is told once, in one line, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.intake.sources import Source
from pipelines.warehouse.alerts import Alert, find_alerts
from tests.operating.log_of_pulls import add_pull, day, source, written_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with written_log(tmp_path) as connection:
        yield connection


def told(log: duckdb.DuckDBPyConnection, *sources: Source) -> list[Alert]:
    return find_alerts(log, sources or (source(),), day(0).date())


def test_a_first_load_tells_nothing_whatever_its_size(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=100_000, broken=4_000)
    add_pull(log, day(0), name="empty")
    assert told(log, source(max_rows=5), source("empty")) == []


def test_a_source_that_tells_nothing_for_more_than_two_periods_is_silent(
    log: duckdb.DuckDBPyConnection,
) -> None:
    for number in range(4):
        add_pull(log, day(number), accepted=9 if number == 0 else 0, unchanged=7)
        assert bool(told(log)) is (number == 3)
    [alert] = told(log)
    assert (alert.kind, alert.source, alert.since) == ("silent", "shop", day(0))
    assert alert.line == "shop: expect.every: nothing new since 2026-06-15 06:00, 1d is normal"


def test_a_source_whose_pulls_fail_is_silent_too(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=9)
    for number in (1, 2, 3):
        add_pull(log, day(number), status="failed")
    assert [alert.kind for alert in told(log)] == ["silent"]


def test_what_only_breaks_rules_is_no_silence(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=9)
    for number in (1, 2, 3):
        add_pull(log, day(number), broken=1)
    assert told(log) == []


def test_days_off_are_no_silence(log: duckdb.DuckDBPyConnection) -> None:
    # Friday's records come on Saturday morning, Monday's on Tuesday; Tuesday's would on Wednesday
    add_pull(log, day(5), accepted=9)
    for number in (6, 7, 8):
        add_pull(log, day(number))
        assert told(log) == []
    add_pull(log, day(9))
    assert [alert.kind for alert in told(log)] == ["silent"]


def test_a_monthly_source_may_be_quiet_for_two_months(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=9)
    add_pull(log, day(62))
    assert told(log, source(every="31d")) == []
    add_pull(log, day(79))
    assert [alert.kind for alert in told(log, source(every="31d"))] == ["silent"]


def test_nothing_more_is_expected_of_units_that_ended(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=9)
    add_pull(log, day(30))
    ended = source().model_copy(update={"units": ("02",)})
    going_on = source().model_copy(update={"units": ("02", "08")})
    assert told(log, ended) == []
    assert [alert.kind for alert in told(log, going_on)] == ["silent"]


@pytest.mark.parametrize(
    ("fresh", "lines"),
    [
        (4, ["shop: expect.min_rows: 4 new records within 1d, less than 5"]),
        (5, []),
        (50, []),
        (51, ["shop: expect.max_rows: 51 new records within 1d, more than 50"]),
    ],
)
def test_what_is_new_within_a_period_stays_in_its_corridor(
    log: duckdb.DuckDBPyConnection, fresh: int, lines: list[str]
) -> None:
    add_pull(log, day(0), accepted=20)
    add_pull(log, day(1), accepted=fresh - 1, unchanged=1_000, broken=1)
    assert [alert.line for alert in told(log, source(min_rows=5, max_rows=50))] == lines


def test_a_second_pull_of_the_day_belongs_to_the_same_period(
    log: duckdb.DuckDBPyConnection,
) -> None:
    add_pull(log, day(0), accepted=20)
    add_pull(log, day(1), accepted=20)
    add_pull(log, day(1.1), unchanged=20)
    assert told(log, source(min_rows=5)) == []


def test_a_pull_after_an_outage_may_bring_what_all_its_periods_may(
    log: duckdb.DuckDBPyConnection,
) -> None:
    add_pull(log, day(0), accepted=20)
    add_pull(log, day(1), status="failed")
    add_pull(log, day(3), accepted=150)
    assert told(log, source(max_rows=50)) == []
    add_pull(log, day(4), accepted=51)
    assert [alert.kind for alert in told(log, source(max_rows=50))] == ["corridor"]


def test_no_least_number_is_due_from_a_weekend(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(5), accepted=20)
    for number in (6, 7):
        add_pull(log, day(number))
        assert told(log, source(min_rows=5)) == []
    add_pull(log, day(8))
    assert [alert.kind for alert in told(log, source(min_rows=5))] == ["corridor"]


def test_a_failed_pull_is_held_against_no_corridor(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=20)
    add_pull(log, day(1), status="failed")
    assert told(log, source(min_rows=5)) == []


def test_a_quarantine_that_grows_beyond_chance_is_told(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=980, broken=20)
    add_pull(log, day(1), accepted=95, broken=5)
    assert told(log) == []
    add_pull(log, day(2), accepted=80, broken=20)
    [alert] = told(log)
    assert alert.kind == "quarantine"
    assert alert.line == (
        "shop: quarantine: 20 of 100 new records broke a rule, 25 of 1100 did in the 90 days before"
    )


def test_records_of_the_quarantine_that_are_sent_again_do_not_let_it_grow(
    log: duckdb.DuckDBPyConnection,
) -> None:
    add_pull(log, day(0), accepted=980, broken=20)
    add_pull(log, day(1), accepted=10)
    log.execute("update log.outcome set quarantined = 20, records_in = 30 where accepted = 10")
    assert told(log) == []


def test_a_source_that_is_no_longer_listed_is_not_missed(log: duckdb.DuckDBPyConnection) -> None:
    add_pull(log, day(0), accepted=9, name="gone")
    add_pull(log, day(9), name="gone")
    assert told(log) == []
