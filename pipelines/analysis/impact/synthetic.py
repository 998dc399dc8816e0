"""Synthetic control: the mix of untouched units that ran like the treated one before.

Abadie, Diamond & Hainmueller (2010), each series less its own mean before the change, since
levels differ (Ferman & Pinto 2021), fitted by diff-diff to all months before. The same is done
for every control as if it had been the treated one: the fan of placebos.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import numpy as np
import polars as pl

from pipelines.analysis.impact.monthly import Floats, Monthly
from pipelines.analysis.impact.placebo import MOST_ASSIGNMENTS

_LEAST_DONORS = 3


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
    whole = ~np.isnan(monthly.value).any(axis=1)
    donors = np.flatnonzero(whole & ~rows.is_treated & (rows.stack == rows.stack[row]))
    if not whole[row] or donors.size < _LEAST_DONORS:
        return None
    level = monthly.value[:, ~monthly.is_after].mean(axis=1, keepdims=True)
    left = monthly.value - level
    treated = left[row] - _mix(left, row, donors, monthly)
    controls = {
        int(rows.union[donor]): left[donor] - _mix(left, donor, donors[donors != donor], monthly)
        for donor in donors
    }
    after = monthly.is_after
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


def _mix(left: Floats, row: int, donors: Any, monthly: Monthly) -> Floats:
    """The mix of the donors (weights of 0 to 1 that sum to 1) nearest to a row before."""
    import diff_diff

    chosen = np.array([row, *donors])
    before = int((~monthly.is_after).sum())
    months = monthly.ks.size
    frame = pl.DataFrame(
        {
            "unit": np.repeat(chosen, months),
            "time": np.tile(np.arange(months), chosen.size),
            "value": left[chosen].ravel(),
            "exposed": (np.repeat(chosen, months) == row)
            & (np.tile(np.arange(months), chosen.size) >= before),
        }
    ).with_columns(pl.col("exposed").cast(pl.Int64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = cast("Any", diff_diff).SyntheticControl(
            v_method="custom", custom_v=np.ones(before), standardize="none"
        ).fit(frame.to_pandas(), "value", "exposed", "unit", "time", pre_period_outcomes="all")  # fmt: skip
    weights = cast("dict[int, float]", fitted.donor_weights)
    return np.sum([left[donor] * share for donor, share in weights.items()], axis=0)


def _error_ratio(gap: Floats, after: Any) -> float:
    """Mean squared gap after over that before (Abadie et al. 2010)."""
    before = float(np.mean(gap[~after] ** 2))
    return float(np.mean(gap[after] ** 2)) / before if before > 0 else np.inf
