"""Inference with few treated units: how often would chance alone show as much?

The changes of the unions are regressed on the dose (1 for treated, 0 for controls), each weighed
by how exact its size lets it be. What the size does not explain, the units' own ups and downs,
is one variance for all, estimated from the scatter between units (Paule & Mandel 1982). The
error is that of Hartung & Knapp: with equal weights it is Student's t test of two samples, which
holds exactly for normal changes (Donald & Lang 2007). Where the units can be relabelled often
enough, the interval is of placebos: the statistic of every other set of units that might have
been the treated one (Conley & Taber 2011; studentised, since units differ in size: Ferman &
Pinto 2019), inverted for the effects that would not surprise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipelines.analysis.impact.arrays import (
    Booleans,
    Floats,
    find_root,
    reach_of_t,
    tail_of_t,
)
from pipelines.analysis.impact.contrasts import Contrasts

MOST_ASSIGNMENTS = 5_000
DRAWN_ASSIGNMENTS = 1_999
_SEED = 193
_LEAST_UNITS = 4
_REACH = 15.0
_STEPS = 601
_WIDENED = 10
_TIE = 1e-9


@dataclass(frozen=True)
class Inference:
    """An estimate with its interval; `placebos` are the estimates of other assignments.

    `is_by_placebo` says that interval and p-value come from them, else from Student's t.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    is_by_placebo: bool
    placebos: Floats
    assignments: Booleans | None


@dataclass(frozen=True)
class _Fit:
    """The slope on every assignment of doses, for changes `d` and fixed weights."""

    dose: Floats
    weight: Floats

    @property
    def centred(self) -> Floats:
        return self.dose - (self.dose @ self.weight / self.weight.sum())[:, None]

    @property
    def spread(self) -> Floats:
        return (self.centred**2) @ self.weight

    def slopes(self, change: Floats) -> Floats:
        """Weighted least squares slope of the change on each assignment."""
        return (self.centred * self.weight) @ change / self.spread


def infer(contrasts: Contrasts, level: float) -> Inference | None:
    """The effect of one dose; None where there are too few units or all have one dose."""
    dose = contrasts.dose
    n = dose.size
    if n < _LEAST_UNITS or np.ptp(dose) == 0:
        return None
    weight = _weights(contrasts)
    assignments = _assignments(dose)
    fit = _Fit(assignments, weight)
    slopes = fit.slopes(contrasts.change)
    centred = contrasts.change - contrasts.change @ weight / weight.sum()
    scatter = float(weight @ centred**2)
    left = max(scatter - slopes[0] ** 2 * fit.spread[0], 0.0)
    estimate, error = float(slopes[0]), float(np.sqrt(left / (n - 2) / fit.spread[0]))
    enough = len(assignments) >= math.ceil(2 / (1 - level))
    if not enough or error == 0:
        reach = reach_of_t(level, n - 2) * error
        p = tail_of_t(estimate, error, n - 2)
        return Inference(estimate, estimate - reach, estimate + reach, p, False, slopes,
                         _as_sets(assignments))  # fmt: skip
    surprise = _Surprise(fit, contrasts, slopes, error)
    low, high = _invert(surprise, estimate, error, 1 - level)
    return Inference(estimate, low, high, float(surprise(np.zeros(1))[0]), True, slopes,
                     _as_sets(assignments))  # fmt: skip


def estimate(contrasts: Contrasts) -> float | None:
    """The estimate of `infer` alone."""
    if contrasts.dose.size < _LEAST_UNITS or np.ptp(contrasts.dose) == 0:
        return None
    fit = _Fit(contrasts.dose[None, :], _weights(contrasts))
    return float(fit.slopes(contrasts.change)[0])


def _weights(contrasts: Contrasts) -> Floats:
    """One over the variance of each change: the chance of few dossiers, and the units' own."""
    design = np.column_stack([np.ones(contrasts.dose.size), contrasts.dose])
    freedom = contrasts.dose.size - 2

    def excess(own: float) -> float:
        weight = 1 / (own + contrasts.chance)
        root = np.sqrt(weight)
        solved = np.linalg.lstsq(design * root[:, None], contrasts.change * root)[0]
        return float(weight @ (contrasts.change - design @ solved) ** 2) - freedom

    if contrasts.chance.min() <= 0:
        return np.ones(contrasts.dose.size)
    if excess(0.0) <= 0:
        own = 0.0
    else:
        most = float(np.var(contrasts.change)) * contrasts.dose.size
        own = find_root(excess, 0.0, max(most, 1e-12)) if excess(most) < 0 else most
    return 1 / (own + contrasts.chance)


def _assignments(dose: Floats) -> Floats:
    """Doses as they might have fallen; the true assignment first, each other one once."""
    if set(dose.tolist()) <= {0.0, 1.0}:
        treated = int(dose.sum())
        if math.comb(dose.size, treated) <= MOST_ASSIGNMENTS:
            sets = np.array(list(combinations(range(dose.size), treated)))
            every = np.zeros((len(sets), dose.size))
            np.put_along_axis(every, sets, 1.0, axis=1)
            others = every[(every != dose).any(axis=1)]
            return np.vstack([dose, others])
    rng = np.random.default_rng(_SEED)
    drawn = rng.permuted(np.tile(dose, (DRAWN_ASSIGNMENTS, 1)), axis=1)
    return np.vstack([dose, drawn])


def _as_sets(assignments: Floats) -> Booleans | None:
    is_set = np.isin(assignments[0], (0.0, 1.0)).all()
    return assignments.astype(np.bool_) if is_set else None


class _Surprise:
    """The p-value of each of several effects: the share of assignments that show as much."""

    def __init__(self, fit: _Fit, contrasts: Contrasts, slopes: Floats, error: float) -> None:
        n = contrasts.dose.size
        dose = contrasts.dose
        self._slopes, self._spread, self._n = slopes, fit.spread, n
        self._per_effect = fit.slopes(dose)
        total = fit.weight.sum()
        change = contrasts.change - contrasts.change @ fit.weight / total
        centred = dose - dose @ fit.weight / total
        self._square = float(fit.weight @ change**2)
        self._cross = float((fit.weight * change) @ centred)
        self._dose_square = float(fit.weight @ centred**2)
        self._estimate, self._error = float(slopes[0]), error

    def __call__(self, effects: Floats) -> Floats:
        observed = np.abs(self._estimate - effects) / self._error
        slopes = self._slopes[:, None] - self._per_effect[:, None] * effects
        scatter = self._square - 2 * effects * self._cross + effects**2 * self._dose_square
        left = np.maximum(scatter - slopes**2 * self._spread[:, None], 0.0)
        error = np.sqrt(left / (self._n - 2) / self._spread[:, None])
        with np.errstate(divide="ignore", invalid="ignore"):
            shown = np.where(error > 0, np.abs(slopes) / error, np.inf)
        return (shown >= observed * (1 - _TIE)).mean(axis=0)


def _invert(
    surprise: _Surprise, estimate: float, error: float, alpha: float
) -> tuple[float, float]:
    """The outermost effects on either side whose p-value is above alpha."""
    reach = _REACH * error
    for _ in range(_WIDENED):
        if surprise(np.array([estimate - reach, estimate + reach])).max() <= alpha:
            break
        reach *= 2
    grid = np.linspace(estimate - reach, estimate + reach, _STEPS)
    kept = np.flatnonzero(surprise(grid) > alpha)
    step = float(grid[1] - grid[0])
    ends: list[float] = []
    for inside, sign in ((grid[kept[0]], -1.0), (grid[kept[-1]], 1.0)):
        within, beyond = float(inside), float(inside) + sign * step
        for _ in range(20):
            middle = (within + beyond) / 2
            if surprise(np.array([middle]))[0] > alpha:
                within = middle
            else:
                beyond = middle
        ends.append(within)
    return ends[0], ends[1]
