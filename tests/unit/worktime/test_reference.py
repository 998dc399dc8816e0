"""The reference gives what the rule gives by hand, and the columns give what it gives."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.worktime.calendar import read_calendar, working_days
from pipelines.worktime.reference import (
    TermUnit,
    Wait,
    WaitRule,
    WorkTime,
    add_working_time,
    due_date,
    working_minutes_between,
    working_time_between,
)
from pipelines.worktime.vectorised import UNITS, WorkClock
from tests.unit.worktime.examples import (
    EXAMPLES,
    WORKED_DAYS,
    WORKED_FROM,
    WORKED_MINUTES,
    WORKED_UNTIL,
    Example,
    moment,
)

DAYS = working_days(read_calendar())
WORK = WorkTime(DAYS)
CLOCK = WorkClock(read_calendar())


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_worked_example(example: Example) -> None:
    due = due_date(
        example.accepted,
        example.term,
        example.unit,
        WORK,
        waits=example.waits,
        rule=example.rule,
    )
    assert due == example.due


@pytest.mark.parametrize("example", [one for one in EXAMPLES if not one.waits], ids=str)
def test_worked_example_on_columns(example: Example) -> None:
    columns = CLOCK.due_dates(
        column(example.accepted),
        np.array([example.term], dtype=np.int64),
        np.array([UNITS.index(example.unit)], dtype=np.int64),
    )
    assert columns[0].item() == example.due


def test_weekend_between_is_no_working_time() -> None:
    assert working_minutes_between(WORKED_FROM, WORKED_UNTIL, WORK) == WORKED_MINUTES
    assert working_minutes_between(WORKED_UNTIL, WORKED_FROM, WORK) == 0
    worked = working_time_between(WORKED_FROM, WORKED_UNTIL, WORK)
    assert worked / WORK.full_day(WORKED_FROM.date()) == WORKED_DAYS


MONDAY = moment("2025-03-10 08:00")
FIRST = (moment("2025-03-12 10:00"), moment("2025-03-14 10:00"))
BETWEEN = moment("2025-03-13 10:00")
DUE, PAUSED = moment("2025-03-17 17:00"), moment("2025-03-19 17:00")
WAITS = {
    "one inside another counts once": ([FIRST, (FIRST[0], BETWEEN)], PAUSED),
    "touching ones are one": ([(FIRST[0], BETWEEN), (BETWEEN, FIRST[1])], PAUSED),
    "one after the due date counts nothing": (
        [FIRST, (moment("2025-03-25 08:00"), None)],
        PAUSED,
    ),
    "an open one leaves no due date": ([(FIRST[0], None)], None),
    "one over before acceptance counts nothing": (
        [(moment("2025-03-03 08:00"), moment("2025-03-07 08:00"))],
        DUE,
    ),
    "one begun before acceptance counts from it": (
        [(moment("2025-03-03 08:00"), moment("2025-03-10 10:00"))],
        moment("2025-03-18 09:30"),
    ),
    "one that begins as the dossier falls due counts": (
        [(DUE, moment("2025-03-18 09:30"))],
        moment("2025-03-18 09:30"),
    ),
    "one that begins a second later does not": (
        [(DUE + timedelta(seconds=1), moment("2025-03-18 09:30"))],
        DUE,
    ),
    "one brought into reach by an earlier one counts": (
        [FIRST, (moment("2025-03-19 16:00"), moment("2025-03-20 08:00"))],
        moment("2025-03-20 09:00"),
    ),
}


@pytest.mark.parametrize(("waits", "due"), WAITS.values(), ids=WAITS.keys())
def test_waits(waits: list[Wait], due: datetime | None) -> None:
    assert due_date(MONDAY, 5, "working_day", WORK, waits=waits) == due
    assert due_date(MONDAY, 5, "working_day", WORK, waits=waits[::-1]) == due


@pytest.mark.parametrize("rule", ["pause", "restart"])
def test_a_wait_answered_at_once_or_before_it_began_is_none(rule: WaitRule) -> None:
    for wait in ((FIRST[0], FIRST[0]), (FIRST[1], FIRST[0])):
        assert due_date(MONDAY, 5, "working_day", WORK, waits=[wait], rule=rule) == DUE


SAME_HOUR = WorkTime(DAYS, due_time="same_hour")
SAME_HOURS = [
    ("in a session: its hour", "2025-03-10 10:05:07", 2, "working_day", "2025-03-12 10:05:07"),
    ("at closing: that hour", "2025-03-10 17:00", 1, "working_day", "2025-03-11 17:00"),
    ("after closing: the opening", "2025-03-10 17:00:01", 1, "working_day", "2025-03-12 07:30"),
    ("before opening: the opening", "2025-03-10 06:00", 1, "working_day", "2025-03-11 07:30"),
    ("at noon: the afternoon", "2025-03-10 12:00", 1, "working_day", "2025-03-11 13:00"),
    ("on a day off: the opening", "2025-03-08 10:00", 1, "working_day", "2025-03-11 07:30"),
    ("a calendar term moves with it", "2025-03-03 10:00", 5, "calendar_day", "2025-03-10 10:00"),
    ("a month too", "2025-03-31 09:00", 1, "month", "2025-05-05 09:00"),
    ("a same-day procedure: the close", "2025-03-10 10:00", 0, "working_day", "2025-03-10 17:00"),
    ("a term in hours is its own hour", "2025-03-10 10:00", 4, "hour", "2025-03-10 15:30"),
]


@pytest.mark.parametrize(
    ("accepted", "term", "unit", "due"),
    [row[1:] for row in SAME_HOURS],
    ids=[row[0] for row in SAME_HOURS],
)
def test_due_at_the_same_hour(accepted: str, term: int, unit: TermUnit, due: str) -> None:
    assert due_date(moment(accepted), term, unit, SAME_HOUR) == moment(due)


def test_the_same_hour_is_not_after_the_close_of_the_last_day() -> None:
    saturday = {date(2025, 3, 15): ((time(8, 0), time(11, 0)),)}
    shop = WorkTime(DAYS | set(saturday), due_time="same_hour", sessions_of=saturday)
    for accepted, due in (("15:30", "11:00"), ("09:10", "09:10")):
        got = due_date(moment(f"2025-03-14 {accepted}"), 1, "working_day", shop)
        assert got == moment(f"2025-03-15 {due}")


def test_a_term_that_need_not_move_ends_on_the_day_off() -> None:
    stays = WorkTime(DAYS, moves_to_working_day=False)
    assert due_date(moment("2025-03-03 10:00"), 5, "calendar_day", stays) == moment(
        "2025-03-08 17:00"
    )


def test_a_saturday_session_is_working_time_and_its_end_a_close() -> None:
    saturday = {date(2025, 3, 15): ((time(7, 30), time(11, 30)),)}
    shop = WorkTime(DAYS | set(saturday), sessions_of=saturday)
    friday = moment("2025-03-14 16:00")
    assert due_date(friday, 1, "working_day", shop) == moment("2025-03-15 11:30")
    assert due_date(friday, 6, "hour", shop) == moment("2025-03-17 08:30")
    assert due_date(moment("2025-03-15 11:31"), 0, "working_day", shop) == moment(
        "2025-03-17 17:00"
    )
    assert working_minutes_between(friday, moment("2025-03-17 07:30"), shop) == 60 + 240


def test_past_the_end_of_the_calendar_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"ends on 2027-12-31: no working day after 2027-12-31"):
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
    assert timedelta(seconds=int(got[0])) == working_time_between(start, end, WORK)


@given(MOMENTS, st.integers(0, 30 * 8 * 60))
def test_columns_equal_the_reference_on_added_time(start: datetime, minutes: int) -> None:
    got = CLOCK.add(column(start), np.array([minutes * 60]))
    assert got[0].item() == add_working_time(start, timedelta(minutes=minutes), WORK)
