"""Interrupted time series: the whole against its own trend and seasons before.

Nothing is compared with anything else, so whatever else changed in those months is in it too.
Segmented regression (Wagner et al. 2002) with an effect for every month of the year and errors
of Newey & West, by pyfixest.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import (
    Booleans,
    Floats,
    Integers,
    reach_of_t,
    tail_of_t,
)

LEAST_BEFORE = 24
_LAG = 3


@dataclass(frozen=True)
class Interrupted:
    """The mean distance from the continued trend over the months after, and that trend."""

    estimate: float
    low: float
    high: float
    p_value: float
    expected: Floats


def fit_interrupted(
    months: Integers, value: Floats, weight: Floats, is_after: Booleans, level: float
) -> Interrupted | None:
    """`months` are numbered calendar months, ascending; None with fewer than 24 before.

    Level and slope may both change; the estimate is their effect half-way through the months
    after, which is its mean over them. `expected` is what the fit says without the change.
    """
    known = ~np.isnan(value) & (weight > 0)
    if int((known & ~is_after).sum()) < LEAST_BEFORE or int((known & is_after).sum()) < 3:
        return None
    since = np.where(is_after, months - months[is_after & known].mean(), 0.0)
    frame = pl.DataFrame(
        {
            "value": value,
            "time": (months - months[0]).astype(np.float64),
            "step": months,
            "after": is_after.astype(np.float64),
            "since": since,
            "season": months % 12,
            "weight": weight,
        }
    ).filter(pl.Series(known))
    import pyfixest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = cast("Any", pyfixest).feols(
            "value ~ time + after + since + C(season)",
            frame.to_pandas(),
            weights="weight",
            vcov="NW",
            vcov_kwargs={"time_id": "step", "lag": _LAG},
        )
    coefficients = cast("dict[str, float]", fitted.coef().to_dict())
    estimate, error = coefficients["after"], float(fitted.se()["after"])
    freedom = frame.height - len(coefficients)
    reach = reach_of_t(level, freedom) * error
    seasons = np.array(
        [coefficients.get(f"C(season)[{season}]", _seasonal(coefficients, season))
         for season in months % 12]
    )  # fmt: skip
    constant = coefficients["Intercept"] + coefficients["time"] * (months - months[0])
    return Interrupted(
        estimate,
        estimate - reach,
        estimate + reach,
        tail_of_t(estimate, error, freedom),
        constant + seasons,
    )


def _seasonal(coefficients: dict[str, float], season: int) -> float:
    return coefficients.get(f"C(season)[T.{season}]", 0.0)
