"""Whole months around a change: which lie before, which after, which is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


def month_of(day: date) -> int:
    """The number of a month: years times twelve plus months."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a numbered month."""
    return first_day(month + 1) - timedelta(days=1)


def last_whole_month(as_of: date) -> int:
    """The last month that is over by the end of a day."""
    return month_of(as_of + timedelta(days=1)) - 1


@dataclass(frozen=True)
class Around:
    """The months around a day: `last_before` and `first_after` as numbers.

    They follow each other where the change falls on the first of a month; else the month of the
    change, which is of both kinds, lies between them and is left out.
    """

    last_before: int
    first_after: int

    @classmethod
    def of(cls, day: date) -> Around:
        """The months around a day."""
        return cls(month_of(day) - 1, month_of(day) + (day.day > 1))

    def month(self, k: int) -> int:
        """The number of the k-th month: 0 is the first after the change, -1 the last before."""
        return self.first_after + k if k >= 0 else self.last_before + 1 + k


@dataclass(frozen=True)
class Window:
    """How many months are compared, and how many before the change are known (`history`)."""

    before: int
    after: int
    history: int

    @property
    def ks(self) -> tuple[int, ...]:
        """Months since the change, from the history's first to the last after."""
        return tuple(range(-self.history, self.after))
