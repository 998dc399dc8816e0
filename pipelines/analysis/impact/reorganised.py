"""A reorganisation of all units: by dose, and the whole against its own trend."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipelines.analysis.impact.arrays import Floats
from pipelines.analysis.impact.comparisons import Comparison, Stack, Union
from pipelines.analysis.impact.contrasts import contrast
from pipelines.analysis.impact.controlled import add_series, keep_enough, pooled_sides
from pipelines.analysis.impact.findings import Estimate, Finding
from pipelines.analysis.impact.interrupted import fit_interrupted
from pipelines.analysis.impact.monthly import Cells, Monthly
from pipelines.analysis.impact.months import first_day
from pipelines.analysis.impact.outcomes import Outcome
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.placebo import infer
from pipelines.analysis.impact.pretrends import check_pretrend
from pipelines.analysis.impact.regressions import fit_did, fit_event_study
from pipelines.analysis.impact.verdicts import judge

_LEAST_UNIONS = 8


def whole_of(comparison: Comparison) -> Comparison:
    """All units of a reorganisation as one union, with all their procedures."""
    around = comparison.stacks[0].around
    union = Union(comparison.name_vi, comparison.whole_keys, 1.0)
    return dataclasses.replace(comparison, stacks=(Stack(around, (union,), ()),), procedures=None)


def find_reorganised(
    outcome: Outcome, doses: Cells, whole: Cells, parameters: ImpactParameters
) -> Finding:
    """Every estimator of one outcome. The dose is the only comparison, and the headline."""
    comparison = doses.comparison
    finding = Finding(comparison.impact_id, outcome, parameters)
    all_units = whole.monthly(outcome)
    kept = keep_enough(all_units, comparison.window.before, outcome, parameters)
    if isinstance(kept, str):
        finding.add_status(kept, "dose")
        return finding
    add_series(finding, whole.comparison, kept)
    has_dose = _add_dose(finding, doses.monthly(outcome), comparison, parameters)
    compared = kept.between(-comparison.window.before, int(kept.ks[-1]))
    sides = pooled_sides(compared.raw(), outcome, parameters.level)
    finding.add_pooled(sides, is_headline=not has_dose)
    _add_interrupted(finding, comparison, kept, parameters)
    return finding


def _add_dose(
    finding: Finding, monthly: Monthly, comparison: Comparison, parameters: ImpactParameters
) -> bool:
    outcome, level = finding.outcome, parameters.level
    kept = keep_enough(monthly, comparison.window.before, outcome, parameters)
    if isinstance(kept, str) or kept.rows.dose.size < _LEAST_UNIONS:
        return False
    compared = kept.between(-comparison.window.before, int(kept.ks[-1]))
    inference = infer(contrast(compared, compared.is_after), level)
    if inference is None:
        return False
    pretrend = check_pretrend(kept, level)
    passes = None if pretrend is None else pretrend.passes
    verdict, case = judge(outcome, inference.low, inference.high, passes, parameters)
    if outcome.direction == 0:
        verdict, case = "descriptive", "dose_effect"
    sides = pooled_sides(compared.raw(), outcome, level)
    estimate = Estimate("dose", inference.estimate, inference.low, inference.high,
                        inference.p_value)  # fmt: skip
    finding.add_effect(
        estimate, sides, {"effect": "dose_effect"}.get(case, case), verdict=verdict,
        is_headline=True, treated=kept.rows.dose.size,
    )  # fmt: skip
    fitted = fit_did(compared, level)
    if fitted is not None:
        estimate = Estimate("did", fitted.estimate, fitted.low, fitted.high, fitted.p_value)
        finding.add_effect(estimate, sides, "check")
    for month in fit_event_study(compared, level):
        finding.add("imp_event", month_k=month.month_k, estimate=month.estimate, low=month.low,
                    high=month.high)  # fmt: skip
    if pretrend is not None:
        placebo = pretrend.placebo
        around = comparison.stacks[0].around
        finding.add(
            "imp_pretrend",
            p_value_leads=pretrend.p_value_leads,
            placebo_on=first_day(around.month(pretrend.placebo_k)),
            placebo_estimate=placebo.estimate,
            placebo_low=placebo.low,
            placebo_high=placebo.high,
            passes=pretrend.passes,
        )
    return True


def _add_interrupted(
    finding: Finding, comparison: Comparison, whole: Monthly, parameters: ImpactParameters
) -> None:
    around = comparison.stacks[0].around
    whole = whole.between(-comparison.window.before, int(whole.ks[-1]))
    months = np.array([around.month(int(k)) for k in whole.ks], dtype=np.int64)
    found = fit_interrupted(
        months, whole.value[0], whole.denominator[0], whole.is_after, parameters.level
    )
    if found is None or (finding.outcome.is_share and not _is_possible(found.expected)):
        return
    sides = pooled_sides(whole.raw(), finding.outcome, parameters.level)
    estimate = Estimate("its", found.estimate, found.low, found.high, found.p_value)
    finding.add_effect(estimate, sides, "its")
    for month, value in zip(months, found.expected, strict=True):
        finding.add("imp_series", month_on=first_day(int(month)), series="counterfactual",
                    value=float(value))  # fmt: skip


def _is_possible(shares: Floats) -> bool:
    """Whether a continued trend stays within 0-1; one that does not is no counterfactual."""
    return bool(((shares >= 0) & (shares <= 1)).all())
