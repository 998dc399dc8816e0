"""The bench of the clock measures the product's models, and its limit is one."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipelines.worktime.bench import ClockTimes, measure_clock
from tests.conftest import RunMotcua

PARTS = {"calendar", "terms", "merging_of_waits", "waiting", "working_time"}


def test_the_answer_adds_up_and_the_exit_status_says_whether_the_limit_holds(
    tmp_path: Path, run_motcua: RunMotcua
) -> None:
    done = run_motcua(tmp_path, "bench", "clock", "--dossiers", "2000", "--format", "json")
    answer = json.loads(done.stdout)
    rules = answer.pop("rules")
    restart = rules.pop("restart_instead")
    assert isinstance(restart, float)
    assert set(rules) == PARTS
    assert answer["seconds"] == pytest.approx(sum(rules.values()), abs=0.05)
    assert {name: answer[name] for name in ("bench", "dossiers", "limit")} == {
        "bench": "clock", "dossiers": 2000, "limit": 5,
    }  # fmt: skip
    # 1.2 waits each, on average
    assert 2200 < answer["waits"] < 2600
    assert done.returncode == (1 if answer["ratio"] > answer["limit"] else 0), done.stderr


def test_every_dossier_of_the_bench_has_its_due_date_and_working_time(tmp_path: Path) -> None:
    times = measure_clock(1500, tmp_path)
    assert set(times.parts) == PARTS
    assert min(times.parts.values()) > 0
    with duckdb.connect(tmp_path / "motcua.duckdb") as connection:
        told = connection.execute(
            "select count(*), count(due_first_at), count(working_seconds), "
            "count(*) filter (where due_computed_at > due_first_at) > 300 "
            "from int_dossier_due join clock_working_time using (source, dossier_code)"
        ).fetchone()
    assert told == (1500, 1500, 1500, True)


def test_the_ratio_is_the_clock_over_the_copy() -> None:
    assert ClockTimes(10, 12, 6.0, 1.5, {}, 0.0).ratio == 4
