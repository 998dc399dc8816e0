"""Fixed effects by pyfixest, and the same thing asked of diff-diff.

Both packages are imported when asked, for they are slow to load.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import reach_of_t, tail_of_t
from pipelines.analysis.impact.monthly import Monthly

_LEAST_CLUSTERS = 4


@dataclass(frozen=True)
class Regression:
    """A coefficient with its clustered interval, and what diff-diff says of the same."""

    estimate: float
    low: float | None
    high: float | None
    p_value: float | None
    second_opinion: float | None


@dataclass(frozen=True)
class EventMonth:
    """The effect of a month since the change, against the last month before it."""

    month_k: int
    estimate: float
    low: float | None
    high: float | None


def fit_did(monthly: Monthly, level: float) -> Regression | None:
    """Difference in differences with union and month effects, weighted by dossiers.

    Clustered by union (CR1, Student's t). With a handful of clusters such intervals are too
    narrow (Bertrand, Duflo & Mullainathan 2004; Conley & Taber 2011), so they are not the ones
    a claim rests on; with one treated union there is none, for a cluster by itself has no
    scatter. None with fewer than four unions.
    """
    frame = to_frame(monthly)
    if frame["union"].n_unique() < _LEAST_CLUSTERS:
        return None
    fitted = _feols("value ~ exposure | row + time", frame)
    estimate = float(fitted.coef()["exposure"])
    other = second_opinion(monthly)
    reach = _reach(monthly, level)
    error = float(fitted.se()["exposure"])
    if reach is None or error <= 0:
        return Regression(estimate, None, None, None, other)
    p_value = tail_of_t(estimate, error, frame["union"].n_unique() - 1)
    return Regression(estimate, estimate - reach * error, estimate + reach * error, p_value, other)


def fit_event_study(monthly: Monthly, level: float) -> list[EventMonth]:
    """The effect month by month, the last month before the change being zero."""
    frame = to_frame(monthly)
    if frame["union"].n_unique() < _LEAST_CLUSTERS:
        return []
    fitted = _feols("value ~ i(k, dose, ref=-1) | row + time", frame)
    table = fitted.tidy()
    reach = _reach(monthly, level)
    months = [EventMonth(-1, 0.0, None, None)]
    for name, estimate, error in zip(
        cast("list[str]", list(table.index)),
        cast("list[float]", table["Estimate"].tolist()),
        cast("list[float]", table["Std. Error"].tolist()),
        strict=True,
    ):
        k = int(name.removeprefix("k::").partition(":")[0])
        wide = None if reach is None else reach * error
        low, high = (None, None) if wide is None else (estimate - wide, estimate + wide)
        months.append(EventMonth(k, estimate, low, high))
    return sorted(months, key=lambda month: month.month_k)


def second_opinion(monthly: Monthly) -> float | None:
    """diff-diff's two-way fixed effects estimate of `fit_did`; None where doses are not 0 and 1.

    Its own month effect is one for all months after; with an indicator for every other month
    beside it, it fits the same model as `fit_did`.
    """
    if not np.isin(monthly.rows.dose, (0.0, 1.0)).all():
        return None
    import diff_diff

    frame = to_frame(monthly)
    times = frame.select("time", "stack", "is_after").unique().sort("time")
    # one month of every stack is spanned by its unions, one month after by the indicator `after`
    spanned = set(times.filter(is_after=0).unique("stack", keep="first")["time"].to_list())
    spanned.add(times.filter(is_after=1)["time"][0])
    listed = [time for time in times["time"].to_list() if time not in spanned]
    wide = frame.with_columns(
        (pl.col("time") == time).cast(pl.Int64).alias(f"month_{place}")
        for place, time in enumerate(listed)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = cast("Any", diff_diff).TwoWayFixedEffects(cluster="union").fit(
            wide.to_pandas(),
            outcome="value",
            treatment="dose",
            post="is_after",
            unit="row",
            covariates=[f"month_{place}" for place in range(len(listed))],
            survey_design=cast("Any", diff_diff).SurveyDesign(weights="weight"),
        )  # fmt: skip
    return float(fitted.att)


def _reach(monthly: Monthly, level: float) -> float | None:
    """Student's t for the clusters; None where the exposed are a single cluster."""
    rows = monthly.rows
    if np.unique(rows.union[rows.dose != 0]).size < 2:
        return None
    return reach_of_t(level, np.unique(rows.union).size - 1)


def to_frame(monthly: Monthly) -> pl.DataFrame:
    """One row a union, stack and month with a value: row, time, union, k, dose, exposure …"""
    rows = monthly.rows
    row, column = np.nonzero(~np.isnan(monthly.value))
    k = monthly.ks[column]
    return pl.DataFrame(
        {
            "row": row,
            "union": rows.union[row],
            "stack": rows.stack[row],
            "time": rows.stack[row] * 10_000 + column,
            "k": k,
            "is_after": (k >= 0).astype(np.int64),
            "dose": rows.dose[row],
            "exposure": rows.dose[row] * (k >= 0),
            "weight": monthly.denominator[row, column],
            "value": monthly.value[row, column],
        }
    )


def _feols(formula: str, frame: pl.DataFrame) -> Any:
    import pyfixest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # swept out so far that the order of rows changes no digit that is shown or kept
        return cast("Any", pyfixest).feols(
            formula, frame.to_pandas(), weights="weight", vcov={"CRV1": "union"}, fixef_tol=1e-12
        )
