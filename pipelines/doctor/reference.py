"""Reference data: the calendar of working days, and whether the network of units hangs together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.network.units import BEGINNING, END, read_units
from pipelines.settings import Settings, now
from pipelines.worktime.calendar import read_calendar

_DO = "docs/runbooks/yearly-calendar.md"
_ROUNDING = 1e-6
_MERGER = "docs/runbooks/a-unit-merger.md"


def check_reference(config: Settings) -> Iterator[Finding]:
    """The calendar reaches far enough, every unit has its parent and every change its sides."""
    yield from _check_calendar(config)
    yield from check_network(config.reference_dir)


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


def check_network(reference: Path) -> Iterator[Finding]:
    """Units have parents, changes join units in force, shares of a unit add up to one."""
    units = read_units(reference)
    changes = pl.read_csv(reference / "unit_changes.csv", infer_schema=False).with_columns(
        pl.col("effective_date").str.to_date(), pl.col("share").cast(pl.Float64)
    )
    codes = units["unit_code"].implode()
    for code in units.filter(~pl.col("parent_code").is_in(codes))["unit_code"]:
        yield _split(f"units.csv: {code}: parent_code: names no unit")
    for column, day, word in (
        ("from_code", pl.col("effective_date").dt.offset_by("-1d"), "the day before"),
        ("to_code", pl.col("effective_date"), "that day"),
    ):
        in_force = changes.join(units, left_on=column, right_on="unit_code").filter(
            pl.col("unit_valid_from").fill_null(BEGINNING) <= day,
            pl.col("unit_valid_to").fill_null(END) >= day,
        )
        for change in changes.join(in_force, on="change_id", how="anti")["change_id"]:
            yield _split(f"unit_changes.csv: {change}: {column}: no unit in force on {word}")
    handed_over = changes.group_by("from_code", "effective_date", maintain_order=True).agg(
        pl.col("share").sum(), default_n=(pl.col("is_default") == "true").sum()
    )
    for code, on, share, default_n in handed_over.iter_rows():
        if abs(share - 1) > _ROUNDING:
            yield _split(f"unit_changes.csv: {code} on {on}: share: adds up to {share:g}, not 1")
        if default_n != 1:
            yield _split(f"unit_changes.csv: {code} on {on}: is_default: {default_n} successors")


def _split(what: str) -> Finding:
    return broken(what, "figures by today's boundaries would lose or double dossiers", _MERGER)
