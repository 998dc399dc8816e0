"""Synthetic control: the mix of untouched units that ran like the treated one before.

Abadie, Diamond & Hainmueller (2010), each series less its own mean before the change, since
levels differ (Ferman & Pinto 2021), fitted to all months before. The same is done for every
control as if it had been the treated one: the fan of placebos. diff-diff fits the same mix, in a
hundred times the time; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipelines.analysis.impact.arrays import Booleans, Floats, Integers, solve_nonnegative
from pipelines.analysis.impact.monthly import Monthly
from pipelines.analysis.impact.placebo import MOST_ASSIGNMENTS

_LEAST_DONORS = 3
_HEAVY = 1e4


@dataclass(frozen=True)
class Fan:
    """Gaps by month (own less synthetic): of the treated one, and of every control.

    `synthetic` is the treated one's counterfactual on its own level, `estimate` the mean gap
    after, `p_value` the rank of the treated one among all by the ratio of its errors after and
    before.
    """

    treated: Floats
    synthetic: Floats
    controls: dict[int, Floats]
    estimate: float
    p_value: float


def fit_synthetic(monthly: Monthly, row: int, weight: Floats) -> Fan | None:
    """One treated row against the controls of its stack that have a value in every month.

    `weight` says how months after count in the estimate. None where a month of the row is
    empty or fewer than three controls are whole.
    """
    rows = monthly.rows
    whole = np.isnan(monthly.value).sum(axis=1) == 0
    donors = np.flatnonzero(whole & ~rows.is_treated & (rows.stack == rows.stack[row]))
    if not whole[row] or donors.size < _LEAST_DONORS:
        return None
    level = monthly.value[:, ~monthly.is_after].mean(axis=1, keepdims=True)
    left = monthly.value - level
    after = monthly.is_after
    treated = left[row] - _mix(left, row, donors, after)
    controls = {
        int(rows.union[donor]): left[donor] - _mix(left, int(donor), donors[donors != donor], after)
        for donor in donors
    }
    ratios = [_error_ratio(gap, after) for gap in (treated, *controls.values())]
    p_value = float(np.mean([ratio >= ratios[0] for ratio in ratios]))
    estimate = float(treated[after] @ weight[after] / weight[after].sum())
    return Fan(treated, monthly.value[row] - treated, controls, estimate, p_value)


def pool_fans(fans: Sequence[Fan], after: Floats) -> tuple[float, float]:
    """The mean effect over several treated units, and how often as many placebos show as much.

    `after` weighs the months (0 before). The placebos are every choice of as many controls;
    with fewer controls than treated, the mean over all controls is the only one.
    """
    weight = after / after.sum()
    estimate = float(np.mean([fan.treated @ weight for fan in fans]))
    shared = set[int].intersection(*(set(fan.controls) for fan in fans))
    gaps = {
        control: float(np.mean([fan.controls[control] @ weight for fan in fans]))
        for control in sorted(shared)
    }
    sets = list(combinations(gaps.values(), min(len(fans), len(gaps))))[:MOST_ASSIGNMENTS]
    shown = [abs(float(np.mean(chosen))) >= abs(estimate) for chosen in sets]
    return estimate, (1 + sum(shown)) / (1 + len(shown))


def _mix(left: Floats, row: int, donors: Integers, is_after: Booleans) -> Floats:
    """The mix of the donors (weights of 0 to 1 that sum to 1) nearest to a row before.

    Least squares with the sum as one more, overwhelming equation.
    """
    before = left[np.ix_(donors, ~is_after)].T
    heavy = _HEAVY * max(float(np.abs(before).max()), 1e-9)
    design = np.vstack([before, np.full(donors.size, heavy)])
    weights = solve_nonnegative(design, np.append(left[row, ~is_after], heavy))
    return (weights / weights.sum()) @ left[donors]


def _error_ratio(gap: Floats, after: Booleans) -> float:
    """Mean squared gap after over that before (Abadie et al. 2010)."""
    before = float(np.mean(gap[~after] ** 2))
    return float(np.mean(gap[after] ** 2)) / before if before > 0 else np.inf
