"""What must hold for any dossier: working time adds up, and waiting never makes it due earlier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

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
    working_time_between,
)
from tests.unit.worktime.classes import by_half_day, by_ii06a, by_instant

DAYS = working_days(read_calendar())
SATURDAYS = {
    day: ((time(7, 30), time(11, 30)),)
    for day in (date(2025, 1, 4) + timedelta(weeks=week) for week in range(80))
    if day not in DAYS and (day.month, day.day) not in ((1, 25), (2, 1), (2, 14), (2, 21))
}
OFFICE = {
    due_time: WorkTime(DAYS, due_time=due_time, moves_to_working_day=moves)
    for due_time, moves in (("close", True), ("same_hour", False))
}
SATURDAY_SHOP = WorkTime(DAYS | set(SATURDAYS), sessions_of=SATURDAYS)
WORKS = st.sampled_from([*OFFICE.values(), SATURDAY_SHOP])

# a year with Tết, swapped Saturdays and overrides; often on the edge of a session
_FIRST = datetime(2025, 1, 1)
_EDGES = (0, 27_000, 41_400, 46_800, 54_000, 61_200)
SECONDS = st.one_of(
    st.integers(0, 86_399), st.sampled_from([e + d for e in _EDGES for d in (0, 1)])
)
MOMENTS = st.builds(
    lambda day, second: _FIRST + timedelta(days=day, seconds=second), st.integers(0, 400), SECONDS
)
TERMS: st.SearchStrategy[tuple[int, TermUnit]] = st.one_of(
    st.tuples(st.integers(0, 40), st.sampled_from(["hour", "working_day", "calendar_day"])),
    st.tuples(st.integers(0, 3), st.just("month")),
)
RULES: st.SearchStrategy[WaitRule] = st.sampled_from(["pause", "restart"])
END_OF_TIME = datetime.max


@st.composite
def waits_after(draw: st.DrawFn, accepted: datetime, can_be_open: bool) -> Wait:
    """A wait near a dossier: from a little before its acceptance to well past its due date."""
    begin = accepted + timedelta(days=draw(st.integers(-3, 60)), seconds=draw(SECONDS))
    if can_be_open and draw(st.integers(0, 9)) == 0:
        return begin, None
    return begin, begin + timedelta(days=draw(st.integers(0, 20)), seconds=draw(SECONDS))


@given(MOMENTS, st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=2), WORKS)
def test_working_time_is_additive_and_monotone(
    start: datetime, steps: list[int], work: WorkTime
) -> None:
    middle = start + timedelta(seconds=steps[0])
    end = middle + timedelta(seconds=steps[1])
    whole = working_time_between(start, end, work)
    before = working_time_between(start, middle, work)
    assert before + working_time_between(middle, end, work) == whole
    assert timedelta() <= before <= whole <= end - start


@given(MOMENTS, st.integers(1, 30 * 86_400), st.integers(0, 86_400), WORKS)
def test_added_time_is_the_time_between_and_monotone(
    start: datetime, seconds: int, more: int, work: WorkTime
) -> None:
    duration = timedelta(seconds=seconds)
    end = add_working_time(start, duration, work)
    assert working_time_between(start, end, work) == duration
    assert working_time_between(start, end - timedelta(seconds=1), work) < duration
    assert end <= add_working_time(start, duration + timedelta(seconds=more), work)
    assert end <= add_working_time(start + timedelta(seconds=more), duration, work)


@given(MOMENTS, TERMS, st.integers(0, 10 * 86_400), WORKS)
def test_who_is_accepted_later_is_never_due_earlier(
    accepted: datetime, term: tuple[int, TermUnit], later: int, work: WorkTime
) -> None:
    due = due_date(accepted, *term, work)
    due_later = due_date(accepted + timedelta(seconds=later), *term, work)
    assert due is not None
    assert due_later is not None
    assert due <= due_later


@given(st.data(), MOMENTS, TERMS, RULES, WORKS)
def test_adding_a_wait_never_makes_a_dossier_due_earlier(
    data: st.DataObject,
    accepted: datetime,
    term: tuple[int, TermUnit],
    rule: WaitRule,
    work: WorkTime,
) -> None:
    waits = data.draw(st.lists(waits_after(accepted, can_be_open=True), max_size=4))
    added = data.draw(waits_after(accepted, can_be_open=True))
    before = due_date(accepted, *term, work, waits=waits, rule=rule) or END_OF_TIME
    after = due_date(accepted, *term, work, waits=[*waits, added], rule=rule) or END_OF_TIME
    assert before <= after


@given(st.data(), MOMENTS, TERMS, RULES, WORKS)
def test_the_order_in_which_waits_are_told_says_nothing(
    data: st.DataObject,
    accepted: datetime,
    term: tuple[int, TermUnit],
    rule: WaitRule,
    work: WorkTime,
) -> None:
    waits = data.draw(st.lists(waits_after(accepted, can_be_open=True), max_size=4))
    turned = data.draw(st.permutations(waits))
    assert due_date(accepted, *term, work, waits=waits, rule=rule) == due_date(
        accepted, *term, work, waits=turned, rule=rule
    )


Rule = Callable[[datetime, datetime, WorkTime], int]


@pytest.mark.parametrize("class_of", [by_ii06a, by_half_day, by_instant])
@given(data=st.data(), accepted=MOMENTS, term=TERMS, rule=RULES, work=WORKS)
def test_adding_a_wait_never_worsens_the_class_of_a_finish(
    class_of: Rule,
    data: st.DataObject,
    accepted: datetime,
    term: tuple[int, TermUnit],
    rule: WaitRule,
    work: WorkTime,
) -> None:
    waits = data.draw(st.lists(waits_after(accepted, can_be_open=False), max_size=3))
    added = data.draw(waits_after(accepted, can_be_open=False))
    before = due_date(accepted, *term, work, waits=waits, rule=rule)
    after = due_date(accepted, *term, work, waits=[*waits, added], rule=rule)
    assert before is not None
    assert after is not None
    # the finish is drawn near one of the due dates, where the class turns
    near = data.draw(st.sampled_from([before, after]))
    finished = near + timedelta(
        days=data.draw(st.integers(-1, 1)), seconds=data.draw(st.sampled_from([-19_000, -1, 0, 1]))
    )
    if data.draw(st.booleans()):
        finished = datetime.combine(finished.date(), time(0))
    assert class_of(finished, after, work) <= class_of(finished, before, work)


def restarting_too_readily(
    accepted: datetime, term: tuple[int, TermUnit], work: WorkTime, waits: Sequence[Wait]
) -> datetime:
    """A defect planted: the term runs again from the last wait told, not the last to end."""
    due = due_date(accepted, *term, work)
    assert due is not None
    for _, end in sorted(waits):
        assert end is not None
        due = due_date(end, *term, work)
        assert due is not None
    return due


def test_the_law_sees_a_clock_that_does_not_join_waits() -> None:
    long_wait = (datetime(2025, 3, 11, 9), datetime(2025, 3, 28, 9))
    inside = (datetime(2025, 3, 12, 9), datetime(2025, 3, 13, 9))
    accepted, term = datetime(2025, 3, 10, 8), (5, "working_day")
    alone = restarting_too_readily(accepted, term, SATURDAY_SHOP, [long_wait])
    both = restarting_too_readily(accepted, term, SATURDAY_SHOP, [long_wait, inside])
    assert both < alone
    waits = [long_wait, inside]
    assert due_date(accepted, *term, SATURDAY_SHOP, waits=waits, rule="restart") == alone
