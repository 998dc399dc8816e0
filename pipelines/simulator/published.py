"""What the province published of itself, as the simulator has to bring it about.

Values come from `reference/published_figures.csv` (figure, scope, day); the periods they stand
for are those of the reports: "2025 to 28/02" begins on 01/01/2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from pipelines.settings import settings

FIRST_DAY = date(2021, 1, 1)
COUNTED_UNTIL = date(2024, 3, 31)


@dataclass(frozen=True)
class Quota:
    """A share to be met: of the dossiers of a period that count, how many bear a mark.

    `share` is 0-1. `cells` are periods (inclusive days) that may be adjusted; the share is that
    of all dossiers from `first` to the end of the cell, so that quotas nest.
    """

    mark: str
    first: date
    last: date
    share: float
    adjusted_from: date


@dataclass(frozen=True)
class CentrePartition:
    """Early, on time and late among the dossiers the centre resolved in a period."""

    first: date
    last: date
    early: float
    on_time: float
    late: float


@cache
def _figures() -> pl.DataFrame:
    return pl.read_csv(settings().reference_dir / "published_figures.csv", infer_schema=False)


def _value(figure: str, as_of: date, scope: str) -> float:
    rows = _figures().filter(figure=figure, as_of=as_of.isoformat(), scope=scope)
    if rows.height != 1:
        raise ValueError(f"published_figures.csv: {figure} of {as_of} ({scope}): not one row")
    return float(rows["value"].item())


def quotas() -> tuple[Quota, ...]:
    """The published shares, earlier ones first; a later one adjusts only the days after them."""
    year, february, june = date(2024, 12, 31), date(2025, 2, 28), date(2025, 6, 14)
    september = date(2024, 9, 30)

    def quota(mark: str, figure: str, first: date, last: date, since: date | None = None) -> Quota:
        return Quota(mark, first, last, _value(figure, last, "province") / 100, since or first)

    march = date(2025, 3, 1)
    return (
        quota("digitized", "digitization_rate", date(2024, 1, 1), year),
        quota("digitized", "digitization_rate", date(2025, 1, 1), february),
        quota("digitized", "digitization_rate", date(2025, 1, 1), june, march),
        quota("electronic", "e_result_rate", date(2025, 1, 1), february),
        quota("electronic", "e_result_rate", date(2025, 1, 1), june, march),
        quota("online", "online_submission_rate", date(2024, 1, 1), september),
        quota("paid_online", "online_payment_rate", date(2024, 1, 1), september),
    )


def centre_partition() -> CentrePartition:
    """The centre's published partition of resolved dossiers, 2025 to 14/06."""
    day = date(2025, 6, 14)
    early, on_time, late = (
        _value(figure, day, "provincial centre") / 100
        for figure in ("early_rate", "on_time_rate", "late_rate")
    )
    return CentrePartition(date(2025, 1, 1), day, early, on_time, late)


def dossiers_published() -> int:
    """Dossiers received from 2021 to the first quarter of 2024, three levels."""
    return int(_value("dossiers_2021_to_2024Q1", COUNTED_UNTIL, "three levels"))
