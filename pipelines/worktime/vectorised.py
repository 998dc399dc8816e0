"""The clock on columns: the same rule as `reference`, by look-ups on cumulated working seconds.

Moments are NumPy `datetime64[s]` (local time), durations whole working seconds as `int64`.
Working time between two moments is the difference of two look-ups; a due date is the inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Moments: TypeAlias = npt.NDArray[np.datetime64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]

_DAY = 86_400
UNITS = ("hour", "working_day", "calendar_day", "month")


@dataclass(frozen=True)
class Hours:
    """The two sessions of a working day and the same-day limit, in seconds after midnight."""

    opens: int = 7 * 3600 + 1800
    noon_from: int = 11 * 3600 + 1800
    noon_to: int = 13 * 3600
    closes: int = 17 * 3600
    same_day_until: int = 15 * 3600

    @property
    def morning(self) -> int:
        """Working seconds of the first session."""
        return self.noon_from - self.opens

    @property
    def day(self) -> int:
        """Working seconds of a full day."""
        return self.morning + self.closes - self.noon_to


class WorkClock:
    """Working time over one calendar. Moments outside the calendar raise `ValueError`."""

    def __init__(self, calendar: pl.DataFrame, hours: Hours | None = None) -> None:
        """Index the calendar (columns date, is_working_day; every day once, in order)."""
        self.hours = hours or Hours()
        first: date = calendar["date"][0]
        self._first = int(np.datetime64(first, "D").astype(np.int64))
        self._working: Booleans = calendar["is_working_day"].to_numpy() == 1
        self._cumulated: Integers = np.concatenate(
            ([0], np.cumsum(self._working.astype(np.int64) * self.hours.day))
        )
        self._worked_days: Integers = np.flatnonzero(self._working).astype(np.int64)
        # for each day, how many working days lie before it
        self._rank: Integers = np.concatenate(([0], np.cumsum(self._working.astype(np.int64))))

    @property
    def last(self) -> int:
        """Working seconds in the whole calendar."""
        return int(self._cumulated[-1])

    def elapsed(self, moments: Moments) -> Integers:
        """Working seconds from the first day of the calendar to each moment."""
        day, second = self._split(moments)
        h = self.hours
        worked = np.clip(second - h.opens, 0, h.morning) + np.clip(
            second - h.noon_to, 0, h.closes - h.noon_to
        )
        return self._cumulated[day] + np.where(self._working[day], worked, 0)

    def moment_at(self, seconds: Integers) -> Moments:
        """The first moment by which so many working seconds have passed (inverse of `elapsed`).

        At the end of a session that end, not the start of the next one; seconds must be > 0.
        """
        day = np.searchsorted(self._cumulated, seconds, side="left") - 1
        self._check(day)
        left = seconds - self._cumulated[day]
        h = self.hours
        second = np.where(left <= h.morning, h.opens + left, h.noon_to + left - h.morning)
        return self._join(day, second)

    def between(self, start: Moments, end: Moments) -> Integers:
        """Working seconds from start to end, 0 where end is not after start."""
        return np.maximum(self.elapsed(end) - self.elapsed(start), 0)

    def add(self, start: Moments, seconds: Integers) -> Moments:
        """As `reference.add_working_time`, in seconds; start itself where seconds is 0."""
        moved = self.moment_at(np.maximum(self.elapsed(start) + seconds, 1))
        return np.where(seconds == 0, start.astype("datetime64[s]"), moved)

    def next_working_day(self, days: Moments) -> Moments:
        """The first working day after each day (`datetime64[D]`)."""
        index = days.astype("datetime64[D]").astype(np.int64) - self._first
        self._check(index)
        return self._day_of_rank(self._rank[index + 1])

    def opening(self, moments: Moments) -> Moments:
        """The opening time of the day of each moment, worked or not."""
        day, _ = self._split(moments)
        return self._join(day, np.full_like(day, self.hours.opens))

    def closing(self, moments: Moments) -> Moments:
        """The closing time of the day of each moment, worked or not."""
        day, _ = self._split(moments)
        return self._join(day, np.full_like(day, self.hours.closes))

    def is_working_day(self, moments: Moments) -> Booleans:
        """Whether the day of each moment is worked."""
        day, _ = self._split(moments)
        return self._working[day]

    def due_dates(self, accepted: Moments, term_value: Integers, term_unit: Integers) -> Moments:
        """Due dates without waits; `term_unit` is the position in `UNITS`.

        Waits are added by `add` (pause) or by calling this again from their end (restart).
        """
        day, second = self._split(accepted)
        starts_that_day = self._working[day] & (second <= self.hours.closes)
        start_rank = np.where(starts_that_day, self._rank[day], self._rank[day + 1])
        too_late = (term_value == 0) & starts_that_day & (second > self.hours.same_day_until)
        by_days = self._day_of_rank(
            start_rank
            + np.maximum(term_value * (term_unit == 1), 0)
            + (too_late & (term_unit == 1))
        )
        start = self._day_of_rank(start_rank)
        by_calendar = self._roll(start + term_value * (term_unit == 2))
        by_month = self._roll(_add_months(start, term_value * (term_unit == 3)))
        due_day = np.select(
            [term_unit == 1, term_unit == 2], [by_days, by_calendar], default=by_month
        )
        at_close = self.closing(due_day)
        by_hours = self.add(accepted, term_value * 3600 * (term_unit == 0))
        return np.where(term_unit == 0, by_hours, at_close)

    def _roll(self, days: Moments) -> Moments:
        """Each day itself where it is worked, else the next working day."""
        index = days.astype(np.int64) - self._first
        self._check(index)
        return self._day_of_rank(self._rank[index])

    def _day_of_rank(self, rank: Integers) -> Moments:
        if rank.size and int(rank.max()) >= self._worked_days.size:
            raise ValueError("the calendar ends before the last of these days")
        return (self._worked_days[rank] + self._first).astype("datetime64[D]")

    def _split(self, moments: Moments) -> tuple[Integers, Integers]:
        seconds = moments.astype("datetime64[s]").astype(np.int64)
        day = seconds // _DAY - self._first
        self._check(day)
        return day, seconds % _DAY

    def _join(self, day: Integers, second: Integers) -> Moments:
        return ((day + self._first) * _DAY + second).astype("datetime64[s]")

    def _check(self, day: Integers) -> None:
        if day.size and (int(day.min()) < 0 or int(day.max()) >= self._working.size):
            raise ValueError("a moment lies outside the calendar")


def _add_months(days: Moments, n: Integers) -> Moments:
    """The same day number n months on, else the last of that month."""
    month = days.astype("datetime64[M]")
    number = days.astype(np.int64) - month.astype("datetime64[D]").astype(np.int64)
    target = month + n
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - target.astype(
        "datetime64[D]"
    ).astype(np.int64)
    return target.astype("datetime64[D]") + np.minimum(number, length - 1)
