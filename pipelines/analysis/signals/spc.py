"""XmR charts of monthly figures: is a change real, by the four rules of NHS Making Data Count.

The limits lie 2.66 mean moving ranges about the mean of a phase. A phase begins at a known change
(a merger, other rules) after which enough points follow. Grey points (too few dossiers) and the
months of Tết take no part in limits, runs or signals. A phase with a trend is judged on what is
left of a straight line through the twelve points before each one: growth itself is no signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.analysis.signals.panel import Counts

Marks = npt.NDArray[np.bool_]
SCALE = 2.66
"""3 / 1.128: three standard deviations from the mean moving range of two."""
SHIFT = TREND = 7
"""Points in a row on one side of the mean, or going one way."""
LEAST_POINTS = 8
"""Points from which on a phase has limits; with fewer the phase before goes on."""
YEAR = 12
TRENDING = 0.5
"""Part of the variance that a straight line explains from which on a phase has a trend."""
_TINY = 1e-12


@dataclass(frozen=True)
class Chart:
    """Series × month: limits (NaN where there are none), phases from 0, and the four rules.

    `centre` is the mean, or the trend where `is_trending`; `near_limit` is two of three in the
    outer third. Marks lie on every point that makes up the pattern.
    """

    centre: Counts
    lower: Counts
    upper: Counts
    phase: npt.NDArray[np.int64]
    is_trending: Marks
    outside: Marks
    shift: Marks
    trend: Marks
    near_limit: Marks
    is_above: Marks


def draw_charts(values: Counts, usable: Marks, rebased: Marks) -> Chart:
    """Chart many series at once.

    `values`: series × month, oldest first; `usable`: neither grey, nor Tết, nor empty; `rebased`: a
    known change falls into the month.
    """
    phase = find_phases(usable, rebased)
    centre = np.full_like(values, np.nan)
    half = np.full_like(values, np.nan)
    trending = np.zeros(values.shape, dtype=np.bool_)
    for number in range(int(phase.max(initial=0)) + 1):
        here = phase == number
        points = usable & here
        is_enough = points.sum(axis=1) >= LEAST_POINTS
        line, has_trend = _centre_of(values, points)
        residual = np.where(points, values - line, np.nan)
        reach = SCALE * _mean_moving_range(residual, points)
        shown = here & is_enough[:, None]
        centre = np.where(shown, line, centre)
        half = np.where(shown, reach[:, None], half)
        trending |= shown & has_trend[:, None]
    judged = usable & ~np.isnan(centre)
    away = np.where(judged, values - centre, 0.0)
    # a change of phase breaks a run
    return Chart(
        centre=centre,
        lower=centre - half,
        upper=centre + half,
        phase=phase,
        is_trending=trending,
        outside=judged & (np.abs(away) > half + _TINY),
        shift=_runs(np.sign(away), judged, phase, SHIFT),
        trend=_one_way(away, judged, phase),
        near_limit=_near(away, half, judged, phase),
        is_above=away > 0,
    )


def find_phases(usable: Marks, rebased: Marks) -> npt.NDArray[np.int64]:
    """The phase of each month: a new one at a known change with `LEAST_POINTS` usable to come.

    They must come before the next change that begins a phase of its own.
    """
    phase = np.zeros(usable.shape, dtype=np.int64)
    ahead = np.zeros(usable.shape[0], dtype=np.int64)
    begins = np.zeros(usable.shape, dtype=np.bool_)
    for month in range(usable.shape[1] - 1, -1, -1):
        ahead = ahead + usable[:, month]
        begins[:, month] = rebased[:, month] & (ahead >= LEAST_POINTS)
        ahead = np.where(begins[:, month], 0, ahead)
    begins[:, 0] = False
    return np.cumsum(begins, axis=1, out=phase)


def _centre_of(values: Counts, points: Marks) -> tuple[Counts, Marks]:
    """The centre line of a phase for every month, and which series have a trend in it."""
    months = np.broadcast_to(np.arange(values.shape[1], dtype=np.float64), values.shape)
    _, _, part = _fit(values, months, points)
    has_trend = (part >= TRENDING) & (points.sum(axis=1) >= YEAR)
    count = np.maximum(points.sum(axis=1), 1)
    mean = np.where(points, values, 0.0).sum(axis=1) / count
    line = np.broadcast_to(mean[:, None], values.shape).copy()
    if has_trend.any():
        line[has_trend] = _trailing(values[has_trend], points[has_trend])
    return line, has_trend


def _trailing(values: Counts, points: Marks) -> Counts:
    """At every month the straight line through the twelve points before it; the first twelve share
    the line through themselves."""
    months = np.broadcast_to(np.arange(values.shape[1], dtype=np.float64), values.shape)
    place = np.cumsum(points, axis=1)
    first = points & (place <= YEAR)
    slope, level, _ = _fit(values, months, first)
    line = level[:, None] + slope[:, None] * months
    for month in range(values.shape[1]):
        before = place[:, month] - points[:, month]
        window = points & (place > (before - YEAR)[:, None]) & (place <= before[:, None])
        slope, level, _ = _fit(values, months, window)
        line[:, month] = np.where(before >= YEAR, level + slope * month, line[:, month])
    return line


def _fit(values: Counts, months: Counts, points: Marks) -> tuple[Counts, Counts, Counts]:
    """Slope, level and part of the variance explained of a least-squares line, by series."""
    count = np.maximum(points.sum(axis=1), 1)
    x = np.where(points, months, 0.0)
    y = np.where(points, values, 0.0)
    x_mean, y_mean = x.sum(axis=1) / count, y.sum(axis=1) / count
    dx = np.where(points, months - x_mean[:, None], 0.0)
    dy = np.where(points, values - y_mean[:, None], 0.0)
    xx, xy, yy = (dx * dx).sum(axis=1), (dx * dy).sum(axis=1), (dy * dy).sum(axis=1)
    slope = xy / np.maximum(xx, _TINY)
    part = xy**2 / np.maximum(xx * yy, _TINY)
    return slope, y_mean - slope * x_mean, np.where(yy > _TINY, part, 0.0)


def _mean_moving_range(residual: Counts, points: Marks) -> Counts:
    """The mean distance of a usable point from the usable one before it."""
    last = np.full(residual.shape[0], np.nan)
    total, number = np.zeros(residual.shape[0]), np.zeros(residual.shape[0])
    for month in range(residual.shape[1]):
        here = points[:, month]
        step = np.abs(residual[:, month] - last)
        known = here & ~np.isnan(step)
        total += np.where(known, step, 0.0)
        number += known
        last = np.where(here, residual[:, month], last)
    return total / np.maximum(number, 1)


def _runs(sides: Counts, judged: Marks, phase: npt.NDArray[np.int64], length: int) -> Marks:
    """Marks of runs of at least `length` judged points on one side; points left out are skipped."""
    forward = _run_length(sides, judged, phase)
    backward = _run_length(sides[:, ::-1], judged[:, ::-1], phase[:, ::-1])[:, ::-1]
    return judged & (sides != 0) & (forward + backward - 1 >= length)


def _run_length(sides: Counts, judged: Marks, phase: npt.NDArray[np.int64]) -> Counts:
    length = np.zeros_like(sides)
    side, at, run = (np.zeros(sides.shape[0]) for _ in range(3))
    for month in range(sides.shape[1]):
        here = judged[:, month]
        goes_on = (sides[:, month] == side) & (phase[:, month] == at)
        run = np.where(here, np.where(goes_on, run + 1, 1), run)
        side = np.where(here, sides[:, month], side)
        at = np.where(here, phase[:, month], at)
        length[:, month] = run
    return length


def _one_way(away: Counts, judged: Marks, phase: npt.NDArray[np.int64]) -> Marks:
    """Marks of points of which `TREND` in a row each lie beyond the one before, one way."""
    marks = np.zeros(away.shape, dtype=np.bool_)
    points = _last_points(judged, phase, TREND)
    for month, (places, complete) in enumerate(points):
        chosen = np.take_along_axis(away, places, axis=1)
        steps = np.diff(chosen, axis=1)
        found = complete & ((steps > 0).all(axis=1) | (steps < 0).all(axis=1)) & judged[:, month]
        _mark(marks, places, found)
    return marks


def _near(away: Counts, half: Counts, judged: Marks, phase: npt.NDArray[np.int64]) -> Marks:
    """Marks of points in the outer third of one side, of which two of three in a row lie there."""
    marks = np.zeros(away.shape, dtype=np.bool_)
    edge = np.where(np.isnan(half), np.inf, half) * 2 / 3 + _TINY
    for side in (1, -1):
        beyond = judged & (side * away > edge)
        for month, (places, complete) in enumerate(_last_points(judged, phase, 3)):
            inside = np.take_along_axis(beyond, places, axis=1)
            found = complete & judged[:, month] & (inside.sum(axis=1) >= 2)
            _mark(marks, places, found, inside)
    return marks


def _last_points(
    judged: Marks, phase: npt.NDArray[np.int64], count: int
) -> list[tuple[npt.NDArray[np.int64], Marks]]:
    """For each month the places of the last `count` judged points and whether there are so many."""
    places = np.zeros((judged.shape[0], count), dtype=np.int64)
    number = np.zeros(judged.shape[0], dtype=np.int64)
    at = np.full(judged.shape[0], -1, dtype=np.int64)
    found: list[tuple[npt.NDArray[np.int64], Marks]] = []
    for month in range(judged.shape[1]):
        here = judged[:, month]
        number = np.where(here & (phase[:, month] != at), 0, number)
        at = np.where(here, phase[:, month], at)
        moved = np.concatenate((places[:, 1:], np.full((places.shape[0], 1), month)), axis=1)
        places = np.where(here[:, None], moved, places)
        number = number + here
        found.append((places, number >= count))
    return found


def _mark(
    marks: Marks, places: npt.NDArray[np.int64], found: Marks, only: Marks | None = None
) -> None:
    chosen = found[:, None] if only is None else found[:, None] & only
    numbers = np.arange(places.shape[0], dtype=np.int64)[:, None]
    rows = np.broadcast_to(numbers, places.shape)
    chosen = np.broadcast_to(chosen, places.shape)
    marks[rows[chosen], places[chosen]] = True
