"""The clock said plainly, one moment at a time: what SQL and the columns must agree with.

Rules of `domain` §3 (statutory terms run in working time) and their settled readings. All
moments are local times of the province without zone; minutes may have a fraction, since times
are to the second. Nothing here is fast, and nothing needs to be.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

TermUnit = Literal["hour", "working_day", "calendar_day", "month"]
WaitRule = Literal["pause", "restart"]
Wait = tuple[datetime, datetime | None]
Session = tuple[time, time]

OFFICE_HOURS: tuple[Session, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0)))


@dataclass(frozen=True)
class WorkTime:
    """Which days are worked, the sessions of such a day, and the parameters of the rule.

    `same_day_until`: last time of reception at which a same-day procedure is due that day.
    `moves_to_working_day`: a calendar term or month that ends on a day off moves on.
    """

    days: frozenset[date]
    sessions: tuple[Session, ...] = OFFICE_HOURS
    same_day_until: time = time(15, 0)
    moves_to_working_day: bool = True

    def close_of(self, day: date) -> datetime:
        """The end of the last session of a day."""
        return datetime.combine(day, self.sessions[-1][1])

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`; `ValueError` past the end of the calendar."""
        last = max(self.days)
        while day < last:
            day += timedelta(days=1)
            if day in self.days:
                return day
        raise ValueError(f"the calendar ends on {last}: no working day after {day}")

    def sessions_from(self, day: date) -> list[tuple[datetime, datetime]]:
        """The sessions of one day as moments; none on a day off."""
        if day not in self.days:
            return []
        return [(datetime.combine(day, a), datetime.combine(day, b)) for a, b in self.sessions]


def working_minutes_between(start: datetime, end: datetime, work: WorkTime) -> float:
    """Working minutes from `start` to `end`; 0 where `end` is not after `start`."""
    total = timedelta()
    day = start.date()
    while day <= end.date():
        for opens, closes in work.sessions_from(day):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total.total_seconds() / 60


def add_working_minutes(start: datetime, minutes: float, work: WorkTime) -> datetime:
    """The first moment by which `minutes` of working time have passed since `start`.

    The end of a session, not the start of the next one, where both would do; `start` itself
    for no minutes. `ValueError` past the end of the calendar.
    """
    if minutes == 0:
        return start
    left = timedelta(minutes=minutes)
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
    minutes waited, `restart` gives the full term again from the end of the wait. A wait that
    begins after the due date does not move it; overlapping waits count once.
    """
    due = _due_without_waits(accepted, term_value, term_unit, work)
    for begin, end in _merge(waits):
        if begin > due:
            break
        if end is None:
            return None
        if end <= accepted:
            continue
        if rule == "pause":
            waited = working_minutes_between(max(begin, accepted), end, work)
            due = add_working_minutes(due, waited, work)
        else:
            due = _due_without_waits(end, term_value, term_unit, work)
    return due


def _due_without_waits(
    accepted: datetime, term_value: int, term_unit: TermUnit, work: WorkTime
) -> datetime:
    if term_unit == "hour":
        return add_working_minutes(accepted, 60 * term_value, work)
    start = _start_day(accepted, work)
    if term_unit == "working_day":
        if term_value == 0 and start == accepted.date() and accepted.time() > work.same_day_until:
            start = work.next_working_day(start)
        for _ in range(term_value):
            start = work.next_working_day(start)
        return work.close_of(start)
    last = (
        start + timedelta(days=term_value)
        if term_unit == "calendar_day"
        else _add_months(start, term_value)
    )
    if work.moves_to_working_day and last not in work.days:
        last = work.next_working_day(last)
    return work.close_of(last)


def _start_day(accepted: datetime, work: WorkTime) -> date:
    """The day that counts as the day of acceptance: not a day off, not after closing."""
    day = accepted.date()
    if day in work.days and accepted <= work.close_of(day):
        return day
    return work.next_working_day(day)


def _add_months(day: date, n: int) -> date:
    """The same day number `n` months on, else the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _merge(waits: Sequence[Wait]) -> list[Wait]:
    """Waits in order of time, overlapping ones joined; an open wait swallows what follows."""
    merged: list[Wait] = []
    for begin, end in sorted(waits, key=lambda wait: wait[0]):
        if merged:
            last_begin, last_end = merged[-1]
            if last_end is None:
                break
            if begin <= last_end:
                merged[-1] = (last_begin, None if end is None else max(last_end, end))
                continue
        merged.append((begin, end))
    return merged
