"""Reference data that run out: the calendar of working days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.settings import Settings, now
from pipelines.worktime.calendar import read_calendar

_DO = "docs/runbooks/yearly-calendar.md"


def check_reference(config: Settings) -> Iterator[Finding]:
    """The calendar holds every day up to the end of next year: due dates reach that far."""
    today = now().date()
    try:
        last = read_calendar(config.reference_dir / "calendar.csv")["date"].max()
    except (pl.exceptions.PolarsError, OSError):
        yield broken("data/reference/calendar.csv cannot be read", "no due date is computed", _DO)
        return
    needed = date(today.year + 1, 12, 31)
    if not isinstance(last, date) or last < needed:
        yield warning(
            f"the calendar of working days ends on {last}, it should reach {needed}",
            "a due date after its end cannot be computed",
            _DO,
        )
