"""The hours of the shops as data: `data/reference/working_hours.csv`, one row per session.

Columns unit_code (empty: every unit), valid_from, valid_to (inclusive, empty: open), weekday
(`workday`, or 1 Monday … 7 Sunday), opens, closes, source, note. Of the rows that hold on a
day, the first of these kinds that has any gives its sessions:

1. the unit's own for that weekday, 2. its own for a `workday`, 3. the general ones for that
weekday, 4. the general ones for a `workday`.

`workday` is every day that the calendar works: Monday to Friday and days exchanged for one. A
day of the week by number opens 6 or 7 where the calendar has a mere weekend there, and gives
other hours to 1 to 5 where they are mere workdays: on a holiday, and on a day that was exchanged
or decided about, the number says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import polars as pl

from pipelines.settings import settings
from pipelines.worktime.reference import Session

WORKDAY = "workday"
WEEKDAYS = (WORKDAY, "1", "2", "3", "4", "5", "6", "7")
MOST_SESSIONS = 2
_COLUMNS = ("unit_code", "valid_from", "valid_to", "weekday", "opens", "closes")
_KINDS_WITH_A_WEEKDAY = ("work", "weekend")


@dataclass(frozen=True)
class SessionRow:
    """One row of the file: a session, whose it is, and when it holds; `line` for messages."""

    line: int
    unit_code: str | None
    valid_from: date
    valid_to: date
    weekday: str
    opens: time
    closes: time

    @property
    def session(self) -> Session:
        """The hours alone."""
        return self.opens, self.closes

    def holds_with(self, other: SessionRow) -> bool:
        """Whether both belong to the same days of the same unit."""
        return (
            (self.unit_code, self.weekday) == (other.unit_code, other.weekday)
            and self.valid_from <= other.valid_to
            and other.valid_from <= self.valid_to
        )


def read_hours(file: Path | None = None) -> list[SessionRow]:
    """Read and check the sessions, in the order of the file.

    Raises `ValueError` with one line that names the row, the field and the rule: an unknown
    weekday, an unreadable day or time, a session that ends before it opens, sessions that
    overlap, or more than two on a day.
    """
    frame = pl.read_csv(
        file or settings().reference_dir / "working_hours.csv", infer_schema=False
    ).select(_COLUMNS)
    rows = [_parse(line, values) for line, values in enumerate(frame.iter_rows(named=True), 2)]
    for at, row in enumerate(rows):
        beside = [other for other in rows[:at] if other.holds_with(row)]
        for other in beside:
            if row.opens < other.closes and other.opens < row.closes:
                raise _fault(row.line, "opens", f"overlaps the session of row {other.line}")
            if sum(third.holds_with(other) for third in beside) >= MOST_SESSIONS:
                raise _fault(row.line, "weekday", "a day has at most two sessions")
    return rows


def sessions_of_unit(
    unit_code: str, rows: Sequence[SessionRow], calendar: pl.DataFrame
) -> tuple[frozenset[date], Mapping[date, tuple[Session, ...]]]:
    """The days that a unit works and the sessions of every day of the calendar.

    `calendar`: see `pipelines.worktime.calendar.build_calendar`. A day off has the hours that a
    `workday` would have. Raises `ValueError` naming the first day for which the file has none.
    """
    worked: set[date] = set()
    sessions: dict[date, tuple[Session, ...]] = {}
    for day, is_working, kind in calendar.select("date", "is_working_day", "kind").iter_rows():
        weekday = str(day.isoweekday()) if kind in _KINDS_WITH_A_WEEKDAY else None
        holding = [
            row
            for row in rows
            if row.unit_code in (None, unit_code) and row.valid_from <= day <= row.valid_to
        ]
        of_a_workday = [row for row in holding if row.weekday == WORKDAY]
        of_the_weekday = [row for row in holding if row.weekday == weekday]
        told = _best(of_the_weekday + (of_a_workday if is_working else []))
        if told:
            worked.add(day)
        sessions[day] = told or _best(of_a_workday)
        if not sessions[day]:
            raise ValueError(f"working_hours.csv: no row gives the hours of {day}")
    return frozenset(worked), sessions


def _best(rows: Iterable[SessionRow]) -> tuple[Session, ...]:
    """The sessions, in order of time, of the first kind of rows that has any."""
    kinds: dict[tuple[bool, bool], list[Session]] = {}
    for row in rows:
        kinds.setdefault((row.unit_code is None, row.weekday == WORKDAY), []).append(row.session)
    return tuple(sorted(kinds[min(kinds)])) if kinds else ()


def _parse(line: int, values: Mapping[str, str | None]) -> SessionRow:
    weekday = values["weekday"] or ""
    if weekday not in WEEKDAYS:
        raise _fault(line, "weekday", f"must be workday or 1 to 7, not {weekday or 'empty'}")
    row = SessionRow(
        line=line,
        unit_code=values["unit_code"] or None,
        valid_from=_day(line, "valid_from", values["valid_from"], date.min),
        valid_to=_day(line, "valid_to", values["valid_to"], date.max),
        weekday=weekday,
        opens=_time(line, "opens", values["opens"]),
        closes=_time(line, "closes", values["closes"]),
    )
    if row.valid_to < row.valid_from:
        raise _fault(line, "valid_to", "lies before valid_from")
    if row.closes <= row.opens:
        raise _fault(line, "closes", "must be later than opens")
    return row


def _day(line: int, name: str, text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise _fault(line, name, f"must be a day like 2025-07-01, not {text}") from error


def _time(line: int, name: str, text: str | None) -> time:
    try:
        return time.fromisoformat(text or "empty")
    except ValueError as error:
        raise _fault(line, name, f"must be a time like 07:30, not {text or 'empty'}") from error


def _fault(line: int, name: str, rule: str) -> ValueError:
    return ValueError(f"working_hours.csv: row {line}: {name}: {rule}")
