"""As of a day: what the log knew by then, under today's rules, equals a home of that day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.serving.snapshot import current_snapshot
from tests.conftest import RunMotcua
from tests.keeping.province import (
    EARLY,
    LAST,
    Province,
    midnight_after,
    pull_and_load,
    read_figures,
    run_up_to,
)

OTHER_DAYS = (date(2023, 2, 14), date(2025, 1, 1), date(2025, 7, 31), date(2026, 3, 15))


@pytest.fixture(scope="module")
def whole(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first load brought the whole history at once."""
    home = tmp_path_factory.mktemp("whole")
    pull_and_load(home, province.list_up_to(LAST, home / "list"), LAST)
    return home


def ask_as_of(day: date, home: Path, run_motcua: RunMotcua, *more: str) -> dict[str, object]:
    done = run_motcua(
        home, "metrics", "--as-of", day.isoformat(), "--format", "json", *more,
        env={"MOTCUA_NOW": midnight_after(LAST).isoformat()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_equal(
    day: date, home: Path, whole: Path, run_motcua: RunMotcua, first: date | None = None
) -> None:
    then = read_figures(current_snapshot(home / "serving").file, first=first)
    answer = ask_as_of(day, whole, run_motcua, "--metric", "received")
    assert answer["as_of"] == day.isoformat()
    file = whole / "serving" / "as-of" / f"{answer['snapshot']}.duckdb"
    assert then.filter(pl.col("numerator") > 0).height > 300
    assert_frame_equal(read_figures(file, first=first), then)


def test_every_figure_as_of_a_day_is_that_of_a_home_run_up_to_it(
    early_home: Path, whole: Path, run_motcua: RunMotcua
) -> None:
    check_equal(EARLY, early_home, whole, run_motcua, first=date(2024, 1, 1))


def test_a_day_before_everything_is_one_clear_line(whole: Path, run_motcua: RunMotcua) -> None:
    done = run_motcua(whole, "metrics", "--as-of", "2010-01-01")
    assert done.returncode == 1
    assert "nothing was known by the end of 2010-01-01" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("day", OTHER_DAYS)
def test_so_it_is_for_other_days(
    province: Province, whole: Path, tmp_path: Path, run_motcua: RunMotcua, day: date
) -> None:
    run_up_to(day, province, tmp_path, run_motcua)
    check_equal(day, tmp_path, whole, run_motcua)
