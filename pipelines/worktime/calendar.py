"""The calendar of working days, frozen as `data/reference/calendar.csv`.

Sources, the later wins: Saturday and Sunday off; the public holidays of the `holidays`
package for Viet Nam with its swapped working Saturdays; `calendar_overrides.csv`, which holds
what an official letter decided and the package does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import holidays
import polars as pl

from pipelines.settings import settings

FIRST_YEAR = 2019
LAST_YEAR = 2027
_SATURDAY = 5
_SWAPPED_OFF = "Ngày nghỉ (thay cho"


@dataclass(frozen=True)
class Override:
    """A decision about one day: worked or not, and why (the note is shown to readers)."""

    is_working_day: bool
    note: str


def read_overrides(file: Path | None = None) -> dict[date, Override]:
    """Read `calendar_overrides.csv` (date, kind `work` or `off`, note).

    Raises `ValueError` naming the day when the kind is neither `work` nor `off`.
    """
    frame = pl.read_csv(
        file or settings().reference_dir / "calendar_overrides.csv", infer_schema=False
    )
    result: dict[date, Override] = {}
    for day, kind, note in frame.select("date", "kind", "note").iter_rows():
        if kind not in ("work", "off"):
            raise ValueError(f"calendar_overrides.csv: {day}: kind must be work or off, not {kind}")
        result[date.fromisoformat(day)] = Override(kind == "work", note)
    return result


def build_calendar(
    overrides: Mapping[date, Override],
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
) -> pl.DataFrame:
    """Every day of the years given: date, is_working_day (0/1), kind, note.

    Kinds: work, weekend, holiday, swap_off and swap_work (a day exchanged for another),
    override. A note is null where there is nothing to say.
    """
    years = range(first_year, last_year + 1)
    public = holidays.country_holidays("VN", years=years, language="vi")
    swapped_in: set[date] = set(public.weekend_workdays)
    days: list[date] = []
    working: list[int] = []
    kinds: list[str] = []
    notes: list[str | None] = []
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        is_working, kind, note = _describe(day, public.get(day), day in swapped_in)
        if day in overrides:
            is_working, kind = overrides[day].is_working_day, "override"
            note = overrides[day].note
        days.append(day)
        working.append(int(is_working))
        kinds.append(kind)
        notes.append(note)
        day += timedelta(days=1)
    return pl.DataFrame(
        {"date": days, "is_working_day": working, "kind": kinds, "note": notes},
        schema={
            "date": pl.Date,
            "is_working_day": pl.Int8,
            "kind": pl.String,
            "note": pl.String,
        },
    )


def _describe(day: date, holiday: str | None, is_swapped_in: bool) -> tuple[bool, str, str | None]:
    if is_swapped_in:
        return True, "swap_work", "Ngày làm bù"
    if holiday is not None:
        return False, "swap_off" if holiday.startswith(_SWAPPED_OFF) else "holiday", holiday
    if day.weekday() >= _SATURDAY:
        return False, "weekend", None
    return True, "work", None


def calendar_csv() -> str:
    """The text of `data/reference/calendar.csv` as the pinned package builds it."""
    return build_calendar(read_overrides()).write_csv(None)


def write_calendar(file: Path | None = None) -> None:
    """Freeze the calendar; the difference of the file is then reviewed like code."""
    target = file or settings().reference_dir / "calendar.csv"
    target.write_text(calendar_csv(), encoding="utf-8")


def read_calendar(file: Path | None = None) -> pl.DataFrame:
    """The frozen calendar (see `build_calendar` for the columns), sorted by date, no gap."""
    return pl.read_csv(
        file or settings().reference_dir / "calendar.csv",
        schema={"date": pl.Date, "is_working_day": pl.Int8, "kind": pl.String, "note": pl.String},
    ).sort("date")


def working_days(calendar: pl.DataFrame) -> frozenset[date]:
    """The days of a calendar frame that are worked."""
    return frozenset(calendar.filter(pl.col("is_working_day") == 1)["date"].to_list())
