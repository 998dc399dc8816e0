"""Deadline classes said plainly (domain §4), for the laws of the clock alone."""

from __future__ import annotations

from datetime import date, datetime, time

from pipelines.worktime.reference import WorkTime

EARLY, ON_TIME, LATE = range(3)
"""In the order in which they worsen."""


def by_ii06a(finished: datetime, due: datetime, work: WorkTime) -> int:
    """By date."""
    return _compare(finished.date(), due.date())


def by_instant(finished: datetime, due: datetime, work: WorkTime) -> int:
    """By the second; a finish of day precision by date."""
    if finished.time() == time(0):
        return _compare(finished.date(), due.date())
    return _compare(finished, due)


def by_half_day(finished: datetime, due: datetime, work: WorkTime) -> int:
    """By the session that holds the due moment, else the last one begun before it."""
    if finished.time() == time(0):
        return _compare(finished.date(), due.date())
    if finished > due:
        return LATE
    return EARLY if finished < _session_begun(due, work) else ON_TIME


def _session_begun(due: datetime, work: WorkTime) -> datetime:
    days = sorted(day for day in work.days if day <= due.date())[-2:]
    opens = [begin for day in days for begin, _ in work.sessions_from(day) if begin <= due]
    return max(opens)


def _compare(finished: date, due: date) -> int:
    """Two days, or two moments."""
    return EARLY if finished < due else ON_TIME if finished == due else LATE
