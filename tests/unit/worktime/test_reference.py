"""The worked examples of the rule, computed by hand (default parameters)."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.worktime.calendar import read_calendar, working_days
from pipelines.worktime.reference import (
    TermUnit,
    WorkTime,
    add_working_minutes,
    due_date,
    working_minutes_between,
)
from pipelines.worktime.vectorised import UNITS, WorkClock

WORK = WorkTime(working_days(read_calendar()))
CLOCK = WorkClock(read_calendar())

EXAMPLES: list[tuple[str, int, TermUnit, str]] = [
    ("2025-04-28 09:00", 3, "working_day", "2025-05-06 17:00"),
    ("2024-05-03 16:59", 1, "working_day", "2024-05-04 17:00"),
    ("2024-05-03 17:05", 1, "working_day", "2024-05-06 17:00"),
    ("2024-05-11 09:00", 2, "working_day", "2024-05-15 17:00"),
    ("2024-02-07 10:00", 5, "working_day", "2024-02-21 17:00"),
    ("2025-01-24 08:00", 1, "working_day", "2025-02-03 17:00"),
    ("2025-04-25 14:00", 2, "working_day", "2025-04-28 17:00"),
    ("2025-12-31 10:00", 1, "working_day", "2026-01-05 17:00"),
    ("2026-01-08 09:00", 2, "working_day", "2026-01-10 17:00"),
    ("2026-08-21 15:30", 1, "working_day", "2026-08-22 17:00"),
    ("2025-03-03 10:00", 5, "calendar_day", "2025-03-10 17:00"),
    ("2025-04-21 10:00", 10, "calendar_day", "2025-05-05 17:00"),
    ("2024-07-31 09:00", 2, "month", "2024-09-30 17:00"),
    ("2025-03-31 09:00", 1, "month", "2025-05-05 17:00"),
    ("2025-03-10 10:00", 4, "hour", "2025-03-10 15:30"),
    ("2025-03-14 16:00", 4, "hour", "2025-03-17 10:30"),
    ("2025-03-10 12:10", 2, "hour", "2025-03-10 15:00"),
    ("2025-03-10 06:50", 1, "hour", "2025-03-10 08:30"),
    ("2025-03-11 15:20", 0, "working_day", "2025-03-12 17:00"),
    # 15:00:00 and 17:00:00 still count for the day
    ("2025-03-11 15:00", 0, "working_day", "2025-03-11 17:00"),
    ("2025-03-11 17:00", 1, "working_day", "2025-03-12 17:00"),
]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("accepted", "term", "unit", "due"), EXAMPLES)
def test_worked_example(accepted: str, term: int, unit: TermUnit, due: str) -> None:
    assert due_date(moment(accepted), term, unit, WORK) == moment(due)
    columns = CLOCK.due_dates(
        np.array([accepted], dtype="datetime64[s]"),
        np.array([term], dtype=np.int64),
        np.array([UNITS.index(unit)], dtype=np.int64),
    )
    assert columns[0].item() == moment(due)


def test_pause_and_restart() -> None:
    accepted = moment("2025-03-10 08:00")
    wait = (moment("2025-03-12 10:00"), moment("2025-03-14 10:00"))
    assert due_date(accepted, 5, "working_day", WORK, waits=[wait]) == moment("2025-03-19 17:00")
    assert due_date(accepted, 5, "working_day", WORK, waits=[wait], rule="restart") == moment(
        "2025-03-21 17:00"
    )


def test_waits_overlapping_late_and_open() -> None:
    accepted = moment("2025-03-10 08:00")
    first = (moment("2025-03-12 10:00"), moment("2025-03-14 10:00"))
    inside = (moment("2025-03-12 14:00"), moment("2025-03-13 10:00"))
    late = (moment("2025-03-25 08:00"), None)
    expected = moment("2025-03-19 17:00")
    assert due_date(accepted, 5, "working_day", WORK, waits=[inside, first, late]) == expected
    assert due_date(accepted, 5, "working_day", WORK, waits=[(first[0], None)]) is None


def test_weekend_between_is_no_working_time() -> None:
    start, end = moment("2025-03-14 16:00"), moment("2025-03-17 08:30")
    assert working_minutes_between(start, end, WORK) == 120
    assert working_minutes_between(end, start, WORK) == 0


def test_past_the_end_of_the_calendar_is_an_error() -> None:
    with pytest.raises(ValueError, match="the calendar ends on 2027-12-31"):
        due_date(moment("2027-12-30 09:00"), 5, "working_day", WORK)


MOMENTS = st.integers(0, 8 * 365 * 86_400 - 1).map(
    lambda s: datetime(2019, 1, 1) + timedelta(seconds=s)
)


def column(*moments: datetime) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array(moments, dtype="datetime64[s]")


@given(MOMENTS, st.integers(0, 60), st.sampled_from(UNITS))
def test_columns_equal_the_reference_on_due_dates(
    accepted: datetime, term: int, unit: TermUnit
) -> None:
    term = min(term, 6) if unit == "month" else term
    got = CLOCK.due_dates(column(accepted), np.array([term]), np.array([UNITS.index(unit)]))
    assert got[0].item() == due_date(accepted, term, unit, WORK)


@given(MOMENTS, MOMENTS)
def test_columns_equal_the_reference_on_time_between(start: datetime, other: datetime) -> None:
    end = start + (other - start) % timedelta(days=20)
    got = CLOCK.between(column(start), column(end))
    assert int(got[0]) == round(working_minutes_between(start, end, WORK) * 60)


@given(MOMENTS, st.integers(0, 30 * 8 * 60))
def test_columns_equal_the_reference_on_added_time(start: datetime, minutes: int) -> None:
    got = CLOCK.add(column(start), np.array([minutes * 60]))
    assert got[0].item() == add_working_minutes(start, minutes, WORK)


@given(MOMENTS, st.integers(1, 10_000))
def test_added_time_is_the_time_between(start: datetime, minutes: int) -> None:
    end = add_working_minutes(start, minutes, WORK)
    assert working_minutes_between(start, end, WORK) == minutes
