"""Periods a page can show, and the same period a year before."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.serving.calendar_periods import PeriodError, parse_period

PERIODS = ("month", "quarter", "year", "months12", "last_year")
"""This month, this quarter, this year, twelve months (all up to the data's day), last year.

Besides these a calendar period (`2025-03`, `2025Q1`, `2025`) and a stretch of whole months
(`2025-01..2025-03`) may be named.
"""

DEFAULT_PERIOD = "year"
SPAN = "span"
"""The choice that stands for months of one's own."""
_DAY = timedelta(days=1)
_BETWEEN = ".."


@dataclass(frozen=True)
class Period:
    """Inclusive days."""

    first_on: date
    last_on: date


def find_period(name: str | None, as_of: date) -> Period:
    """The period of that name on data up to `as_of`; an unknown name means the default."""
    match name:
        case "month":
            return Period(as_of.replace(day=1), as_of)
        case "quarter":
            return Period(date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1), as_of)
        case "months12":
            return Period(year_before(as_of) + _DAY, as_of)
        case "last_year":
            return Period(date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31))
        case _:
            named = None if name is None else named_months(name)
            if named is None or named.first_on > as_of:
                return Period(date(as_of.year, 1, 1), as_of)
            return Period(named.first_on, min(named.last_on, as_of))


def whole_period(name: str, as_of: date) -> Period:
    """The period of that name with all its days: a month, quarter or year begun ends after `as_of`.

    Twelve months up to a day are no calendar period and stay as they are.
    """
    begun = find_period(name, as_of)
    months = {"month": 1, "quarter": 3, "year": 12}.get(name)
    if months is None:
        return named_months(name) or begun
    after = begun.first_on.year * 12 + begun.first_on.month - 1 + months
    return Period(begun.first_on, date(after // 12, after % 12 + 1, 1) - _DAY)


def named_months(name: str) -> Period | None:
    """All days of a calendar period or of `first month..last month`; None for any other name."""
    first, between, last = name.partition(_BETWEEN)
    try:
        begins, ends = parse_period(first), parse_period(last or first)
    except PeriodError:
        return None
    is_months = begins.grain == ends.grain == "month"
    if between and not (last and is_months and begins.first_on <= ends.first_on):
        return None
    return Period(begins.first_on, ends.last_on)


def name_months(first: date, last: date) -> str:
    """The name of the stretch from one month to another, whichever is the earlier."""
    first, last = sorted((first, last))
    return f"{first:%Y-%m}{_BETWEEN}{last:%Y-%m}"


def months_of(period: Period) -> tuple[date, date]:
    """The first days of the first and the last month that a period touches."""
    return period.first_on.replace(day=1), period.last_on.replace(day=1)


def same_period_last_year(period: Period) -> Period:
    """The period to compare with: whole months compare with whole months, leap years too."""
    return Period(year_before(period.first_on - _DAY) + _DAY, year_before(period.last_on))


def year_before(day: date) -> date:
    """The same day a year earlier; the last day of a month stays the last day of its month."""
    last = monthrange(day.year - 1, day.month)[1]
    is_month_end = (day + _DAY).day == 1
    return day.replace(year=day.year - 1, day=last if is_month_end else min(day.day, last))


def last_whole_month(day: date) -> date:
    """The first day of the last month that is complete on `day`."""
    return ((day + _DAY).replace(day=1) - _DAY).replace(day=1)
