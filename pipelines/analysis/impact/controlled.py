"""A ratio of merged unions against unions that no change touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import Floats
from pipelines.analysis.impact.comparisons import Comparison
from pipelines.analysis.impact.contrasts import Contrasts, contrast
from pipelines.analysis.impact.findings import Estimate, Finding
from pipelines.analysis.impact.monthly import Monthly, month_on
from pipelines.analysis.impact.outcomes import Outcome
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.placebo import Inference, infer
from pipelines.analysis.impact.pooled import BeforeAfter, compare_sides
from pipelines.analysis.impact.pretrends import PreTrend, check_pretrend, placebo_dates
from pipelines.analysis.impact.regressions import fit_did, fit_event_study
from pipelines.analysis.impact.synthetic import Fan, fit_synthetic, pool_fans
from pipelines.analysis.impact.verdicts import judge

_MOST_LISTED = 1_000


@dataclass(frozen=True)
class Controlled:
    """The estimate that a claim rests on, and the look at the months before."""

    monthly: Monthly
    contrasts: Contrasts
    inference: Inference
    pretrend: PreTrend | None


def measure(monthly: Monthly, before: int, parameters: ImpactParameters) -> Controlled | None:
    """The effect against the controls; None where the units do not suffice."""
    rows = monthly.rows
    if np.unique(rows.union[~rows.is_treated]).size < parameters.least_controls:
        return None
    compared = monthly.between(-before, int(monthly.ks[-1]))
    contrasts = contrast(compared, compared.is_after)
    inference = infer(contrasts, parameters.level)
    if inference is None:
        return None
    pretrend = check_pretrend(monthly, parameters.level)
    return Controlled(monthly, contrasts, inference, pretrend)


def keep_enough(monthly: Monthly, before: int, outcome: Outcome,
                parameters: ImpactParameters) -> Monthly | str:  # fmt: skip
    """The rows with enough dossiers on both sides, or the reason why there are none."""
    inside = monthly.between(-before, int(monthly.ks[-1]))
    sizes = [
        inside.denominator[:, side].sum(axis=1) for side in (~inside.is_after, inside.is_after)
    ]
    enough = np.minimum(*sizes) >= parameters.min_denominator
    rows = monthly.rows
    if not (enough & rows.is_treated).any():
        return "too_few"
    if outcome.is_share:
        for side in (rows.is_treated, ~rows.is_treated):
            events = float(inside.numerator[enough & side].sum())
            rest = float(inside.denominator[enough & side].sum()) - events
            if side.any() and min(events, rest) < parameters.least_events:
                return "too_few_events"
    return monthly.of(enough)


def find_controlled(
    comparison: Comparison, outcome: Outcome, monthly: Monthly, parameters: ImpactParameters
) -> Finding:
    """Every estimator of one outcome of a shop merger, or of several together."""
    finding = Finding(comparison.impact_id, outcome, parameters)
    before = comparison.window.before
    kept = keep_enough(monthly, before, outcome, parameters)
    if isinstance(kept, str):
        finding.add_status(kept, "placebo")
        return finding
    add_series(finding, comparison, kept)
    compared = kept.between(-before, int(kept.ks[-1]))
    sides = pooled_sides(compared.raw(), outcome, parameters.level)
    standard = pooled_sides(compared, outcome, parameters.level)
    found = measure(kept, before, parameters)
    finding.add_pooled(sides, is_headline=found is None)
    if standard.estimate is not None:
        estimate = Estimate("pooled_standardised", standard.estimate, standard.low, standard.high,
                            standard.p_value)  # fmt: skip
        finding.add_effect(estimate, standard, "pooled")
    if found is None:
        return finding
    _add_headline(finding, outcome, found, sides, parameters)
    _add_regressions(finding, compared, sides, parameters)
    _add_pretrend(finding, comparison, found)
    _add_placebos(finding, found)
    _add_synthetic(finding, comparison, kept, sides)
    return finding


def pooled_sides(monthly: Monthly, outcome: Outcome, level: float) -> BeforeAfter:
    """The treated rows as one, by month since the change."""
    treated = monthly.rows.is_treated
    denominator = monthly.denominator[treated]
    numerator = np.nan_to_num(monthly.value[treated]) * denominator
    return compare_sides(numerator.sum(axis=0), denominator.sum(axis=0), monthly.is_after, level,
                         is_share=outcome.is_share)  # fmt: skip


def add_series(finding: Finding, comparison: Comparison, monthly: Monthly) -> None:
    """What was counted, by calendar month: the treated, and the controls of the first stack."""
    rows = monthly.rows
    for series, chosen in (
        ("treated", rows.is_treated),
        ("controls", ~rows.is_treated & (rows.stack == rows.stack.min())),
    ):
        _add_sums(finding, comparison, monthly.of(chosen), series)
    if (~rows.is_treated).any():
        _add_counterfactual(finding, comparison, monthly)


def _add_sums(finding: Finding, comparison: Comparison, monthly: Monthly, series: str) -> None:
    frame = _long(comparison, monthly, monthly.numerator, monthly.denominator)
    summed = frame.group_by("month_on").sum().sort("month_on")
    for day, numerator, denominator in summed.iter_rows():
        if denominator > 0:
            finding.add("imp_series", month_on=day, series=series, numerator=numerator,
                        denominator=round(denominator), value=numerator / denominator)  # fmt: skip


def _add_counterfactual(finding: Finding, comparison: Comparison, monthly: Monthly) -> None:
    """The treated as they would have run with the ups and downs of the controls."""
    rows, before = monthly.rows, monthly.ks < 0
    inside = before & (monthly.ks >= -comparison.window.before)
    expected = np.full_like(monthly.value, np.nan)
    for row in np.flatnonzero(rows.is_treated):
        others = monthly.of(~rows.is_treated & (rows.stack == rows.stack[row]))
        course = _mean_by_month(others)
        weight = np.where(np.isnan(monthly.value[row] - course), 0, monthly.denominator[row])
        weight = weight * inside
        if weight.sum() > 0:
            apart = float(np.nan_to_num(monthly.value[row] - course) @ weight) / weight.sum()
            expected[row] = course + apart
    treated = monthly.of(rows.is_treated)
    weight = np.where(np.isnan(expected[rows.is_treated]), 0, treated.denominator)
    frame = _long(comparison, treated, np.nan_to_num(expected[rows.is_treated]) * weight, weight)
    for day, numerator, total in frame.group_by("month_on").sum().sort("month_on").iter_rows():
        if total > 0:
            finding.add("imp_series", month_on=day, series="counterfactual",
                        value=numerator / total)  # fmt: skip


def _mean_by_month(monthly: Monthly) -> Floats:
    """Mean over rows by month about each row's own level; nan where no row has a value."""
    weight = np.where(np.isnan(monthly.value), 0.0, monthly.denominator)
    total = weight.sum(axis=1, keepdims=True)
    value = np.nan_to_num(monthly.value)
    level = (value * weight).sum(axis=1, keepdims=True) / np.where(total > 0, total, 1)
    by_month = weight.sum(axis=0)
    left = ((value - level) * weight).sum(axis=0)
    return np.where(by_month > 0, left / np.where(by_month > 0, by_month, 1), np.nan)


def _long(
    comparison: Comparison, monthly: Monthly, numerator: Floats, denominator: Floats
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "month_on": [
                month_on(comparison, int(stack), int(k))
                for stack in monthly.rows.stack
                for k in monthly.ks
            ],
            "numerator": numerator.ravel(),
            "denominator": denominator.ravel(),
        },
        schema={"month_on": pl.Date, "numerator": pl.Float64, "denominator": pl.Float64},
    )


def _add_headline(
    finding: Finding,
    outcome: Outcome,
    found: Controlled,
    sides: BeforeAfter,
    parameters: ImpactParameters,
) -> None:
    rows, inference = found.monthly.rows, found.inference
    passes = None if found.pretrend is None else found.pretrend.passes
    verdict, case = judge(outcome, inference.low, inference.high, passes, parameters)
    if outcome.direction == 0:
        verdict, case = "descriptive", "volume"
    estimate = Estimate("placebo", inference.estimate, inference.low, inference.high,
                        inference.p_value)  # fmt: skip
    finding.add_effect(
        estimate, sides, case, verdict=verdict, is_headline=True,
        treated=int(np.unique(rows.union[rows.is_treated]).size),
        controls=int(np.unique(rows.union[~rows.is_treated]).size),
    )  # fmt: skip


def _add_regressions(
    finding: Finding, compared: Monthly, sides: BeforeAfter, parameters: ImpactParameters
) -> None:
    fitted = fit_did(compared, parameters.level)
    if fitted is not None:
        estimate = Estimate("did", fitted.estimate, fitted.low, fitted.high,
                            fitted.p_value, fitted.second_opinion)  # fmt: skip
        finding.add_effect(estimate, sides, "check")
    for month in fit_event_study(compared, parameters.level):
        finding.add("imp_event", month_k=month.month_k, estimate=month.estimate, low=month.low,
                    high=month.high)  # fmt: skip


def _add_pretrend(finding: Finding, comparison: Comparison, found: Controlled) -> None:
    if found.pretrend is None:
        return
    placebo = found.pretrend.placebo
    finding.add(
        "imp_pretrend",
        p_value_leads=found.pretrend.p_value_leads,
        placebo_on=month_on(comparison, 0, found.pretrend.placebo_k),
        placebo_estimate=placebo.estimate,
        placebo_low=placebo.low,
        placebo_high=placebo.high,
        passes=found.pretrend.passes,
    )
    for k, estimate in placebo_dates(found.monthly):
        label = month_on(comparison, 0, k).isoformat()
        finding.add("imp_placebo", kind="date", label=label, estimate=estimate)


def _add_placebos(finding: Finding, found: Controlled) -> None:
    """What each other set of units would have shown; the first is the true one, left out."""
    inference = found.inference
    if inference.assignments is None:
        return
    labels = np.array(found.monthly.rows.labels)[found.contrasts.union]
    for chosen, estimate in zip(inference.assignments[1:_MOST_LISTED],
                                inference.placebos[1:_MOST_LISTED], strict=True):  # fmt: skip
        finding.add("imp_placebo", kind="unit", label=", ".join(labels[chosen]),
                    estimate=float(estimate))  # fmt: skip


def _add_synthetic(
    finding: Finding, comparison: Comparison, monthly: Monthly, sides: BeforeAfter
) -> None:
    rows = monthly.rows
    after: Floats = monthly.denominator.sum(axis=0) * monthly.is_after
    fans: dict[int, Fan] = {}
    for row in np.flatnonzero(rows.is_treated):
        fan = fit_synthetic(monthly, int(row), after)
        if fan is not None:
            fans[int(row)] = fan
    if not fans:
        return
    if len(fans) > 1:
        estimate, p_value = pool_fans(list(fans.values()), after)
        finding.add_effect(Estimate("synthetic", estimate, p_value=p_value), sides, "check_bare")
        return
    (row, fan), *_ = fans.items()
    finding.add_effect(
        Estimate("synthetic", fan.estimate, p_value=fan.p_value), sides, "check_bare"
    )
    stack = int(rows.stack[row])
    for place, k in enumerate(monthly.ks):
        day = month_on(comparison, stack, int(k))
        finding.add("imp_series", month_on=day, series="synthetic",
                    value=float(fan.synthetic[place]))  # fmt: skip
        gaps = {"treated": fan.treated} | {
            rows.labels[union]: gap for union, gap in fan.controls.items()
        }
        for label, gap in gaps.items():
            finding.add("imp_placebo", kind="synthetic", label=label, month_on=day,
                        estimate=float(gap[place]))  # fmt: skip
