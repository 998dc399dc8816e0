"""The weeks that are looked at: four of them against two years before, and where Tết lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

WEEKS = 4
"""Weeks that are judged together: a share needs dossiers, and most units see ten a week."""
BLOCKS = 40
"""The judged stretch and the 39 of the same length before it: three years."""
AROUND_TET = timedelta(days=14)
"""People stay away before Tết and come together after it: so far around it a stretch is marked."""
_TET = r"(?i)\btết\b"
_NEW_YEAR = r"(?i)dương lịch"


@dataclass(frozen=True)
class Weeks:
    """Full ISO weeks that end on `last_on` (a Sunday), counted back from 0."""

    last_on: date

    @classmethod
    def of(cls, data_as_of: date) -> Weeks:
        """The weeks that were over by the end of a day."""
        return cls(data_as_of - timedelta(days=data_as_of.isoweekday() % 7))

    @property
    def first_on(self) -> date:
        """The first day of the oldest week."""
        return self.last_on - timedelta(weeks=WEEKS * BLOCKS) + timedelta(days=1)

    @property
    def judged_from(self) -> date:
        """The first day of the weeks that are judged."""
        return self.last_on - timedelta(weeks=WEEKS) + timedelta(days=1)

    def starts(self, length: int) -> list[date]:
        """The first day of every stretch of `length` weeks, the newest first."""
        count = WEEKS * BLOCKS // length
        newest = self.last_on + timedelta(days=1)
        return [newest - timedelta(weeks=length * (place + 1)) for place in range(count)]

    def working_days(self, calendar: pl.DataFrame, length: int) -> npt.NDArray[np.float64]:
        """Working days of every stretch; `calendar`: day_on, is_working_day, note."""
        worked = calendar.filter(pl.col("is_working_day"))["day_on"].to_numpy()
        edges = np.array(self.starts(length), dtype="datetime64[D]")
        ends = edges + np.timedelta64(7 * length, "D")
        days = np.sort(worked.astype("datetime64[D]"))
        return (np.searchsorted(days, ends) - np.searchsorted(days, edges)).astype(np.float64)

    def touch_tet(self, calendar: pl.DataFrame, length: int) -> npt.NDArray[np.bool_]:
        """Which stretches lie around Tết."""
        tet = tet_days(calendar)
        return np.array(
            [
                any(
                    start - AROUND_TET <= day < start + timedelta(weeks=length) + AROUND_TET
                    for day in tet
                )
                for start in self.starts(length)
            ],
            dtype=np.bool_,
        )


def tet_days(calendar: pl.DataFrame) -> list[date]:
    """The days off of the lunar new year, as the frozen calendar names them."""
    return calendar.filter(
        ~pl.col("is_working_day")
        & pl.col("note").str.contains(_TET)
        & ~pl.col("note").str.contains(_NEW_YEAR)
    )["day_on"].to_list()
