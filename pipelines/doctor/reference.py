"""Reference data: the calendar of working days, and whether the network of units hangs together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.network.check import find_faults
from pipelines.network.faults import NetworkError
from pipelines.settings import Settings, now
from pipelines.worktime.calendar import read_calendar

_DO = "docs/runbooks/yearly-calendar.md"
_MERGER = "docs/runbooks/a-unit-merger.md"


def check_reference(config: Settings) -> Iterator[Finding]:
    """The calendar reaches far enough, and the lists of the network hang together."""
    yield from _check_calendar(config)
    yield from check_network(config)


def _check_calendar(config: Settings) -> Iterator[Finding]:
    """Every day up to the end of next year is there: due dates reach that far."""
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


def check_network(config: Settings) -> Iterator[Finding]:
    """The lists of units, codes and changes hang together: else nothing is computed."""
    try:
        faults = [str(fault) for fault in find_faults(config)]
    except NetworkError as error:
        faults = str(error).splitlines()
    for line in faults:
        yield broken(line, "nothing is computed from lists that contradict themselves", _MERGER)
