"""When dossiers arrive, and at which shop: season, weekday, growth and Tết."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.simulator.published import COUNTED_UNTIL
from pipelines.simulator.trends import Floats
from pipelines.worktime.vectorised import Integers, Moments

FIRST_RECEPTION = date(2021, 1, 1)
_YEARLY_GROWTH = 0.09
_BY_MONTH = (1.0, 0.85, 1.12, 1.06, 1.05, 1.02, 0.98, 1.06, 1.04, 1.02, 0.98, 0.86)
_BY_WEEKDAY = (1.22, 1.06, 1.0, 0.95, 0.85, 0.45, 0.3)
_LONG_BREAK = 5
_DIP_BEFORE_BREAK = 0.55
_RUSH_AFTER_BREAK = 1.35
_DAYS_AROUND_BREAK = 4


@dataclass(frozen=True)
class Arrivals:
    """One entry a dossier: day of reception (`datetime64[D]`) and row of the origins."""

    days: Moments
    origins: npt.NDArray[np.int32]

    def of(self, chosen: npt.NDArray[np.bool_]) -> Arrivals:
        """The arrivals chosen by a mask."""
        return Arrivals(self.days[chosen], self.origins[chosen])


def day_weights(calendar: pl.DataFrame, until: date) -> tuple[Moments, Floats]:
    """Working days from 2021-01-01 to `until` and their weights (sum 1).

    Raises `ValueError` where there is no working day between.
    """
    days = calendar.filter(
        (pl.col("is_working_day") == 1) & pl.col("date").is_between(FIRST_RECEPTION, until)
    )["date"]
    if days.is_empty():
        raise ValueError(f"no working day from {FIRST_RECEPTION} to {until}")
    moments: Moments = days.to_numpy().astype("datetime64[D]")
    number: Integers = moments.astype(np.int64)
    weights = np.array(_BY_MONTH)[days.dt.month().to_numpy() - 1]
    weights = weights * np.array(_BY_WEEKDAY)[days.dt.weekday().to_numpy() - 1]
    weights *= (1 + _YEARLY_GROWTH) ** ((number - number[0]) / 365.25)
    breaks = np.flatnonzero(np.diff(number) > _LONG_BREAK)
    for distance in range(_DAYS_AROUND_BREAK):
        before = breaks - distance
        after = breaks + 1 + distance
        weights[before[before >= 0]] *= _DIP_BEFORE_BREAK
        weights[after[after < number.size]] *= _RUSH_AFTER_BREAK
    return moments, weights / weights.sum()


def draw_arrivals(
    rng: np.random.Generator,
    dossiers: int,
    early: int,
    calendar: pl.DataFrame,
    origins: pl.DataFrame,
    until: date,
) -> Arrivals:
    """Draw the day and the origin of every dossier, in order of the day.

    `early` of them arrive in the years whose number of dossiers is published.
    """
    days, weights = day_weights(calendar, until)
    first = days <= np.datetime64(COUNTED_UNTIL)
    counts = np.zeros(days.size, dtype=np.int64)
    for inside, number in ((first, early), (~first, dossiers - early)):
        if number and inside.any():
            counts[inside] = rng.multinomial(number, weights[inside] / weights[inside].sum())
    dossiers = int(counts.sum())
    drawn = np.repeat(days, counts)
    chance = rng.random(dossiers)
    chosen = np.zeros(dossiers, dtype=np.int32)
    edges = np.unique(origins["first_day"].to_numpy().astype("datetime64[D]"))
    regime = np.searchsorted(edges, drawn, side="right")
    for number, edge in enumerate(edges, start=1):
        day: date = edge.item()
        open_now = origins.with_row_index("row").filter(
            pl.lit(day).is_between(pl.col("first_day"), pl.col("last_day"))
        )
        cumulated = np.cumsum(open_now["weight"].to_numpy())
        inside = regime == number
        picked = np.searchsorted(cumulated / cumulated[-1], chance[inside], side="right")
        chosen[inside] = open_now["row"].to_numpy()[picked]
    return Arrivals(drawn, chosen)
