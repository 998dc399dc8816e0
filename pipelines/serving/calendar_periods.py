"""Months, quarters and years of the calendar: their names and their days."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

Grain = Literal["month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("month", "quarter", "year")

_NAME = re.compile(r"(?P<year>\d{4})(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


class PeriodError(ValueError):
    """A name that is no period; one sentence."""


@dataclass(frozen=True)
class CalendarPeriod:
    """A calendar month (`2025-03`), quarter (`2025Q1`) or year (`2025`); days are inclusive."""

    name: str
    grain: Grain
    first_on: date
    last_on: date


def parse_period(name: str) -> CalendarPeriod:
    """The period of that name. Raises `PeriodError`."""
    found = _NAME.fullmatch(name)
    if found is None or found["year"] == "0000":
        raise PeriodError(f"'{name}' is no period; write 2025-03, 2025Q1 or 2025")
    year = int(found["year"])
    if found["month"]:
        return _make(name, "month", year, int(found["month"]), 1)
    if found["quarter"]:
        return _make(name, "quarter", year, 3 * int(found["quarter"]) - 2, 3)
    return _make(name, "year", year, 1, 12)


def period_at(grain: Grain, day: date) -> CalendarPeriod:
    """The period of a grain in which a day lies."""
    quarter = (day.month + 2) // 3
    names = {"month": f"{day:%Y-%m}", "quarter": f"{day.year}Q{quarter}", "year": f"{day.year}"}
    return parse_period(names[grain])


def list_periods(grain: Grain, first: date, last: date) -> tuple[CalendarPeriod, ...]:
    """The periods of a grain from the one of `first` to the one of `last`, the newest first."""
    months = [(y, m) for y in range(first.year, last.year + 1) for m in range(1, 13)]
    days = [date(y, m, 1) for y, m in months if (first.year, first.month) <= (y, m)]
    found = {period_at(grain, day): None for day in days if day <= last}
    return tuple(reversed(found))


def month_end(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _make(name: str, grain: Grain, year: int, month: int, months: int) -> CalendarPeriod:
    last = month_end(date(year, month + months - 1, 1))
    return CalendarPeriod(name, grain, date(year, month, 1), last)
