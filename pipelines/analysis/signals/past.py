"""A unit against its own past: the forecast, its error, and how far weeks differ by themselves.

The forecast of a stretch is the unit's usual odds against the others', times what the others did.
Its error is not assumed: the same forecast is made for every stretch of the past, and what it
misses beyond chance is the over-dispersion. Slow drift, weeks that hang together and seasons of
its own all end up in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipelines.analysis.signals.panel import Counts
from pipelines.analysis.signals.standard import bounded_logit
from pipelines.analysis.signals.weeks import WEEKS

HALF_LIFE_WEEKS = 24.0
"""A stretch half a year ago counts half."""
LEAST_WEEKS = 24
"""Weeks of a past below which nothing can be said."""
# a squared error counts for so many variances at most: old events are no noise
_CAP, _OWN_CAP = 36.0, 9.0
_LEAST_COMMON = 0.002
GAP_WEEKS = 8
"""The past ends so many weeks before what is judged: what began lately is no part of the usual."""
_TINY = 1e-9


@dataclass(frozen=True)
class Forecast:
    """By unit: the mean expected in the newest stretch, the spread of the count about it.

    `rho` is the correlation within (shares) or the squared coefficient of variation (counts),
    the error of the forecast included. `stretches` is how many there were to learn from.
    """

    mean: Counts
    rho: Counts
    stretches: Counts


@dataclass(frozen=True)
class _Learned:
    """Sums over the past of each stretch, weighted by age: unit × stretch."""

    x: Counts
    n: Counts
    standard: Counts
    squares: Counts
    pairs: Counts
    stretches: Counts


def forecast_shares(x: Counts, n: Counts, expected: Counts, known: Counts, weeks: int) -> Forecast:
    """Forecast the numerator of the newest stretch.

    All by unit × stretch, the newest first: counts, the expectation by the others, and 1 where the
    stretch is of the unit's past (0: before it began). `weeks` is a stretch's length.
    """
    learned = _learn(x * known, n * known, expected * known, weeks)
    weight = _prior_dossiers(x, n, expected, known)
    usual = learned.standard / np.maximum(learned.n, _TINY)
    own = (learned.x + weight * usual) / (learned.n + weight)
    # without dossiers of its own in the past it is as the others are
    shift = np.where(learned.n > 0, bounded_logit(own) - bounded_logit(usual), 0.0)
    by_others = expected / np.maximum(n, _TINY)
    share = expit(bounded_logit(by_others) + shift)
    chance = share * (1 - share)
    base = n * chance
    size = (learned.n + weight) ** 2
    fixed = n**2 * chance * (learned.squares + weight) / size
    free = base * (n - 1) + n**2 * chance * learned.pairs / size
    error = (x - n * share) ** 2
    usable = (known > 0) & (n > 1) & (learned.stretches >= LEAST_WEEKS // weeks)
    rho = _spread(error, base + fixed, free, _settled(usable, weeks))
    total = base + fixed + rho[:, None] * free
    room = np.maximum(base * (n - 1), _TINY)
    within = np.clip((total - base) / room, 0.0, 0.9)
    return Forecast((n * share)[:, 0], within[:, 0], learned.stretches[:, 0])


def forecast_counts(x: Counts, volume: Counts, known: Counts, weeks: int) -> Forecast:
    """Forecast a count as the unit's usual part of what the others received in the stretch."""
    learned = _learn(x * known, volume * known, volume * known, weeks)
    part = learned.x / np.maximum(learned.n, _TINY)
    mean = part * volume
    # the part is as uncertain as the counts it was learned from
    fixed = np.where(learned.x > 0, mean**2 / np.maximum(learned.x, _TINY), 0.0)
    error = (x - mean) ** 2
    usable = (known > 0) & (mean > 0) & (learned.stretches >= LEAST_WEEKS // weeks)
    rho = _spread(error, mean + fixed, mean**2, _settled(usable, weeks))
    total = fixed + rho[:, None] * mean**2
    return Forecast(mean[:, 0], (total / np.maximum(mean**2, _TINY))[:, 0], learned.stretches[:, 0])


def _learn(x: Counts, n: Counts, standard: Counts, weeks: int) -> _Learned:
    keep = 0.5 ** (weeks / HALF_LIFE_WEEKS)
    gap = GAP_WEEKS // weeks
    parts = np.stack([x, n, standard, n, n * (n - 1), (n > 0).astype(np.float64)])
    keeps = np.array([keep, keep, keep, keep**2, keep**2, 1.0])[:, None]
    sums = np.zeros_like(parts)
    running = np.zeros(parts.shape[:2])
    for place in range(parts.shape[2] - 1 - gap, -1, -1):
        sums[:, :, place] = running
        running = keeps * running + parts[:, :, place + gap]
    return _Learned(*sums)


def _prior_dossiers(x: Counts, n: Counts, expected: Counts, known: Counts) -> Counts:
    """How many dossiers the others' share counts for: few where units lastingly differ."""
    past = _settled(known > 0, WEEKS).astype(np.float64)
    total, number, standard = ((part * past).sum(axis=1) for part in (x, n, expected))
    share = standard / np.maximum(number, _TINY)
    chance = number * share * (1 - share)
    between = np.sum((total - standard) ** 2 - chance) / np.maximum(
        np.sum(chance * np.maximum(number - 1, 0)), _TINY
    )
    return np.clip(1 / np.maximum(between, _TINY) - 1, 5.0, 300.0)


def _settled(usable: npt.NDArray[np.bool_], weeks: int) -> npt.NDArray[np.bool_]:
    """Without what is judged and the gap before it."""
    past = usable.copy()
    past[:, : 1 + GAP_WEEKS // weeks] = False
    return past


def _spread(error: Counts, fixed: Counts, free: Counts, past: npt.NDArray[np.bool_]) -> Counts:
    """By unit the rho for which squared errors are `fixed + rho·free`, over its past stretches.

    All stretches of all units give what is common. A unit's own is drawn towards it by what either
    knows, and is never below it: a quiet past is no reason to cry out.
    """
    common = 0.0
    for _ in range(4):
        weight, above = _weigh(error, fixed, free, past, common, _CAP)
        common = max(float(above.sum() / max((weight * free).sum(), _TINY)), 0.0)
    weight, above = _weigh(error, fixed, free, past, common, _OWN_CAP)
    known = (weight * free).sum(axis=1)
    # a squared error has a variance of twice the square of what it estimates
    certain = known / 2
    prior = 1 / max(common, _LEAST_COMMON) ** 2
    own = above.sum(axis=1) / np.maximum(known, _TINY)
    return np.maximum((certain * own + prior * common) / (certain + prior), common)


def _weigh(
    error: Counts,
    fixed: Counts,
    free: Counts,
    past: npt.NDArray[np.bool_],
    rho: float,
    cap: float,
) -> tuple[Counts, Counts]:
    variance = np.maximum(fixed + rho * free, _TINY)
    weight = np.where(past, free / variance**2, 0.0)
    return weight, weight * (np.minimum(error, cap * variance) - fixed)
