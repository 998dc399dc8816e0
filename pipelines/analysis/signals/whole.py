"""The whole province against its own past: there are no others to measure it by.

A straight line through the year before (Theil and Sen's, which a bad month or two do not turn), on
the scale on which the figure moves freely (log-odds of shares, logarithms of counts by working
day), carried on by one stretch. Its error is that of the same forecast in the past, so a season or
a bend it does not know makes it careful, not wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.special import chdtr, chdtri, stdtr
from scipy.stats import theilslopes  # pyright: ignore[reportUnknownVariableType]

from pipelines.analysis.signals.panel import Counts

YEAR = 13  # stretches of four weeks
LEAST_POINTS = 8
LEAST_ERRORS = 6
_KEPT = 0.8
"""Share of the errors that count: the largest may be of what goes on now."""
_CERTAIN = 0.6  # what an error without the largest is worth against one with all of them


@dataclass(frozen=True)
class Outlook:
    """The forecast of the newest point, and how rare what came is on either side."""

    expected: float
    below: float
    above: float


def look_ahead(values: Counts, usable: npt.NDArray[np.bool_], noise: Counts) -> Outlook | None:
    """Judge the newest of `values` (newest first); None where too little of the past is usable.

    `usable`: stretches that teach something (not around Tết, not empty). `noise` is the variance
    that chance alone gives each value: no forecast is trusted beyond it.
    """
    forecasts = [_carry_on(values, usable, place) for place in range(values.size)]
    errors = [
        (values[place] - forecast) ** 2
        for place, forecast in enumerate(forecasts)
        if place and usable[place] and forecast is not None
    ]
    newest = forecasts[0]
    if newest is None or not usable[0] or len(errors) < LEAST_ERRORS:
        return None
    spread = np.sqrt(max(_usual(np.sort(errors)), float(noise[0])))
    distance = float((values[0] - newest) / spread)
    freedom = max(len(errors) * _CERTAIN, 1.0)
    return Outlook(newest, float(stdtr(freedom, distance)), float(stdtr(freedom, -distance)))


def _carry_on(values: Counts, usable: npt.NDArray[np.bool_], place: int) -> float | None:
    """The line through the usable points of the year before a place, at that place."""
    before = np.arange(place + 1, min(place + 1 + YEAR, values.size))
    before = before[usable[before]]
    if before.size < LEAST_POINTS:
        return None
    line = theilslopes(values[before], before.astype(np.float64))
    slope, level = cast("tuple[float, float]", tuple(line)[:2])
    return slope * place + level


def _usual(errors: Counts) -> float:
    """The mean square of normal errors, from the smaller ones alone."""
    kept = max(int(errors.size * _KEPT), 1)
    edge = chdtri(1, 1 - kept / errors.size)
    # the mean of a squared normal below the edge, as a part of its mean
    part = chdtr(3, edge) / (kept / errors.size)
    return float(errors[:kept].mean() / part)
