"""The clock said plainly, one moment at a time: what SQL and the columns must agree with.

Rules of `domain` §3 (statutory terms run in working time) and their settled readings (§11). All
moments are local times of the province without zone, to the second; durations are exact.
Nothing here is fast, and nothing needs to be.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal

TermUnit = Literal["hour", "working_day", "calendar_day", "month"]
WaitRule = Literal["pause", "restart"]
DueTime = Literal["close", "same_hour"]
Wait = tuple[datetime, datetime | None]
Session = tuple[time, time]

OFFICE_HOURS: tuple[Session, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0)))


@dataclass(frozen=True)
class WorkTime:
    """The days a unit works, the sessions of each, and the parameters of the rule.

    `days`: the days worked. `sessions`: those of a day, in order; `sessions_of` those of the
    days that have others (for a day off: the hours it would have, which a term that may end on
    it is due by). `same_day_until`: last time of reception at which a same-day procedure is due
    that day. `moves_to_working_day`: a calendar term or month that ends on a day off moves on.
    `due_time`: a term in days is due at the `close` of its last day, or at the `same_hour` at
    which it started, not after that close; a same-day procedure always at the close.
    """

    days: frozenset[date]
    sessions: tuple[Session, ...] = OFFICE_HOURS
    same_day_until: time = time(15, 0)
    moves_to_working_day: bool = True
    due_time: DueTime = "close"
    sessions_of: Mapping[date, tuple[Session, ...]] = field(
        default_factory=dict[date, tuple[Session, ...]]
    )

    @cached_property
    def last_day(self) -> date:
        """The last day worked that is known."""
        return max(self.days)

    def hours_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The sessions of a day as moments, also of a day off, had it been worked."""
        hours = self.sessions_of.get(day, self.sessions)
        return [(datetime.combine(day, a), datetime.combine(day, b)) for a, b in hours]

    def sessions_from(self, day: date) -> list[tuple[datetime, datetime]]:
        """The sessions of one day as moments; none on a day off."""
        return self.hours_of(day) if day in self.days else []

    def open_of(self, day: date) -> datetime:
        """The start of the first session of a day."""
        return self.hours_of(day)[0][0]

    def close_of(self, day: date) -> datetime:
        """The end of the last session of a day."""
        return self.hours_of(day)[-1][1]

    def full_day(self, day: date) -> timedelta:
        """The working time of a whole day with the hours of `day`."""
        return sum((closes - opens for opens, closes in self.hours_of(day)), timedelta())

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`; `ValueError` past the end of the calendar."""
        asked = day
        while day < self.last_day:
            day += timedelta(days=1)
            if day in self.days:
                return day
        raise ValueError(f"the calendar ends on {self.last_day}: no working day after {asked}")


def working_time_between(start: datetime, end: datetime, work: WorkTime) -> timedelta:
    """Working time from `start` to `end`; none where `end` is not after `start`."""
    total = timedelta()
    day = start.date()
    while day <= end.date():
        for opens, closes in work.sessions_from(day):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total


def working_minutes_between(start: datetime, end: datetime, work: WorkTime) -> float:
    """Working minutes from `start` to `end`, seconds as a fraction."""
    return working_time_between(start, end, work) / timedelta(minutes=1)


def add_working_time(start: datetime, duration: timedelta, work: WorkTime) -> datetime:
    """The first moment by which `duration` of working time has passed since `start`.

    The end of a session, not the start of the next one, where both would do; `start` itself
    for no duration. `ValueError` past the end of the calendar.
    """
    if not duration:
        return start
    left = duration
    day = start.date()
    while True:
        for opens, closes in work.sessions_from(day):
            begin = max(start, opens)
            if begin < closes:
                if left <= closes - begin:
                    return begin + left
                left -= closes - begin
        day = work.next_working_day(day)


def due_date(
    accepted: datetime,
    term_value: int,
    term_unit: TermUnit,
    work: WorkTime,
    *,
    waits: Sequence[Wait] = (),
    rule: WaitRule = "pause",
) -> datetime | None:
    """When a dossier accepted at `accepted` is due; None while a wait is open.

    A wait (start, end or None) stops the clock: `pause` moves the due date by the working
    time waited, `restart` gives the full term again from the end of the wait. A wait that
    begins after the due date does not move it; overlapping waits count once; a wait that ends
    when or before it begins is none.
    """
    due = _due_without_waits(accepted, term_value, term_unit, work)
    for begin, end in merge_waits(waits):
        if begin > due:
            break
        if end is None:
            return None
        if end <= accepted:
            continue
        if rule == "pause":
            due = add_working_time(due, working_time_between(max(begin, accepted), end, work), work)
        else:
            due = _due_without_waits(end, term_value, term_unit, work)
    return due


def merge_waits(waits: Sequence[Wait]) -> list[Wait]:
    """Waits in order of time, overlapping and touching ones joined, empty ones left out.

    An open wait swallows what follows.
    """
    merged: list[Wait] = []
    told = [(begin, end) for begin, end in waits if end is None or end > begin]
    for begin, end in sorted(told, key=lambda wait: wait[0]):
        if merged:
            last_begin, last_end = merged[-1]
            if last_end is None:
                break
            if begin <= last_end:
                merged[-1] = (last_begin, None if end is None else max(last_end, end))
                continue
        merged.append((begin, end))
    return merged


def _due_without_waits(
    accepted: datetime, term_value: int, term_unit: TermUnit, work: WorkTime
) -> datetime:
    if term_unit == "hour":
        return add_working_time(accepted, timedelta(hours=term_value), work)
    start = _first_working_moment(accepted, work)
    day = start.date()
    if term_unit == "working_day" and term_value == 0:
        too_late = day == accepted.date() and accepted.time() > work.same_day_until
        return work.close_of(work.next_working_day(day) if too_late else day)
    if term_unit == "working_day":
        for _ in range(term_value):
            day = work.next_working_day(day)
    elif term_unit == "calendar_day":
        day += timedelta(days=term_value)
    else:
        day = _add_months(day, term_value)
    if work.moves_to_working_day and day not in work.days:
        day = work.next_working_day(day)
    if work.due_time == "close":
        return work.close_of(day)
    return min(datetime.combine(day, start.time()), work.close_of(day))


def _first_working_moment(accepted: datetime, work: WorkTime) -> datetime:
    """`accepted` where it is worked (a closing time is), else the opening that follows."""
    for opens, closes in work.sessions_from(accepted.date()):
        if accepted <= closes:
            return max(accepted, opens)
    return work.open_of(work.next_working_day(accepted.date()))


def _add_months(day: date, n: int) -> date:
    """The same day number `n` months on, else the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
