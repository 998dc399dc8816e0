"""The frozen calendar is what the pinned package and the overrides give."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.settings import settings
from pipelines.worktime.calendar import (
    Override,
    build_calendar,
    calendar_csv,
    read_calendar,
    read_overrides,
    working_days,
)


def test_committed_file_equals_the_build() -> None:
    committed = (settings().reference_dir / "calendar.csv").read_text(encoding="utf-8")
    assert committed == calendar_csv()


def test_every_day_once() -> None:
    frame = read_calendar()
    assert (
        frame["date"].to_list()
        == pl.date_range(date(2019, 1, 1), date(2027, 12, 31), eager=True).to_list()
    )
    assert set(frame["kind"].to_list()) == {
        "work", "weekend", "holiday", "swap_off", "swap_work", "override",
    }  # fmt: skip


@pytest.mark.parametrize("is_worked", [True, False])
def test_unsettled_day_follows_the_override(is_worked: bool) -> None:
    day = date(2026, 11, 24)
    frame = build_calendar({day: Override(is_worked, "decided")}, 2026, 2026)
    row = frame.row(by_predicate=pl.col("date") == day, named=True)
    assert row == {
        "date": day, "is_working_day": int(is_worked), "kind": "override", "note": "decided",
    }  # fmt: skip


def test_without_override_the_package_decides() -> None:
    days = working_days(build_calendar({}, 2026, 2026))
    assert date(2026, 11, 24) not in days
    assert date(2026, 1, 2) in days
    assert date(2026, 1, 10) not in days


def test_unknown_kind_of_override_is_named(tmp_path: Path) -> None:
    file = tmp_path / "overrides.csv"
    file.write_text("date,kind,note,source\n2026-01-02,maybe,x,y\n")
    with pytest.raises(ValueError, match="2026-01-02: kind must be work or off, not maybe"):
        read_overrides(file)
