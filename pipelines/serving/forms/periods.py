"""Periods of reports: the words people write and the days they stand for.

Quarters end with their last month, or on a day of it: rule `report_quarter_last_day` of
`reference/rules.csv` (domain §4, a parameter). Half-years and years are made of quarters, so
that every form begins the day after the one before it ends. Months are those of the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from pipelines.serving.calendar_periods import month_end
from pipelines.serving.metrics.snapshot import SealedSnapshot

RULE = "report_quarter_last_day"
CALENDAR = "calendar"
FORMS_OF_WORDS = "2025Q1, 2025-03, 2025H1, 2025 or 2025-01-01..2025-03-31"

Kind = Literal["month", "quarter", "half_year", "year", "range"]

_LATEST_CUT = 28  # every month has that day
_ROMAN = ("I", "II", "III", "IV")
_WORD = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|-(?P<month>0[1-9]|1[0-2]))?"
)
_DAY = r"((?:19|20)\d{2}-\d{2}-\d{2})"
_RANGE = re.compile(rf"{_DAY}\.\.{_DAY}")


class PeriodError(ValueError):
    """A period that cannot be read, or a rule of periods without sense; one sentence."""


@dataclass(frozen=True)
class QuarterCuts:
    """Where quarters end: (valid_from, value) of the rule, value `calendar` or a day 1-28."""

    values: tuple[tuple[date, str], ...] = ((date.min, CALENDAR),)

    def last_day(self, year: int, quarter: int) -> date:
        """The last day of a quarter, by the rule in force on its last day of the calendar.

        Raises `PeriodError` where the rule's value is neither `calendar` nor a day of a month.
        """
        month = 3 * quarter
        end = month_end(date(year, month, 1))
        in_force = [value for valid_from, value in sorted(self.values) if valid_from <= end]
        value = in_force[-1] if in_force else CALENDAR
        if value == CALENDAR:
            return end
        if not value.isdecimal() or not 1 <= int(value) <= _LATEST_CUT:
            raise PeriodError(
                f"rules.csv: {RULE} is '{value}'; it must be {CALENDAR} or a day 1-{_LATEST_CUT}"
            )
        return date(year, month, int(value))

    def first_day(self, year: int, quarter: int) -> date:
        """The day after the quarter before ended: no day is left out, none counted twice."""
        before = (year - 1, 4) if quarter == 1 else (year, quarter - 1)
        return self.last_day(*before) + timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A period as it was asked for, with its first and last day, both included."""

    word: str
    kind: Kind
    first_on: date
    last_on: date

    @property
    def day_before(self) -> date:
        """The day at whose end the open dossiers are carried into the period."""
        return self.first_on - timedelta(days=1)

    @property
    def title_vi(self) -> str:
        """The period in the words of a form: `Quý I năm 2025 (từ ngày … đến ngày …)`."""
        days = f"từ ngày {self.first_on:%d/%m/%Y} đến ngày {self.last_on:%d/%m/%Y}"
        year = self.word[:4]
        match self.kind:
            case "month":
                return f"Tháng {self.first_on.month} năm {year} ({days})"
            case "quarter":
                return f"Quý {_ROMAN[int(self.word[-1]) - 1]} năm {year} ({days})"
            case "half_year":
                half = "đầu" if self.word.endswith("1") else "cuối"
                return f"6 tháng {half} năm {year} ({days})"
            case "year":
                return f"Năm {year} ({days})"
            case "range":
                return f"T{days[1:]}"


def read_cuts(snapshot: SealedSnapshot) -> QuarterCuts:
    """The rule of quarters that a snapshot carries; calendar quarters where it has none."""
    if not snapshot.has_table("dim_rule"):
        return QuarterCuts()
    rows: pl.DataFrame = snapshot.run(
        "select valid_from::date as valid_from, value from motcua.dim_rule"
        f" where rule = '{RULE}' order by 1"
    )
    values = tuple((day or date.min, str(value)) for day, value in rows.iter_rows())
    return QuarterCuts(values) if values else QuarterCuts()


def read_period(word: str, cuts: QuarterCuts) -> Period:
    """The period a word stands for. Raises `PeriodError`."""
    if found := _RANGE.fullmatch(word):
        first, last = (_read_day(text, word) for text in found.groups())
        if first > last:
            raise PeriodError(f"period {word}: it ends before it begins")
        return Period(word, "range", first, last)
    found = _WORD.fullmatch(word)
    if found is None:
        raise PeriodError(f"period '{word}' cannot be read; write {FORMS_OF_WORDS}")
    year = int(found["year"])
    if found["month"]:
        month = int(found["month"])
        return Period(word, "month", date(year, month, 1), month_end(date(year, month, 1)))
    if found["quarter"]:
        return _of_quarters(word, "quarter", cuts, year, [int(found["quarter"])])
    if found["half"]:
        first = 2 * int(found["half"]) - 1
        return _of_quarters(word, "half_year", cuts, year, [first, first + 1])
    return _of_quarters(word, "year", cuts, year, [1, 2, 3, 4])


def _of_quarters(
    word: str, kind: Kind, cuts: QuarterCuts, year: int, quarters: Sequence[int]
) -> Period:
    first, last = cuts.first_day(year, quarters[0]), cuts.last_day(year, quarters[-1])
    return Period(word, kind, first, last)


def _read_day(text: str, word: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PeriodError(f"period {word}: {text} is no day of the calendar") from None
