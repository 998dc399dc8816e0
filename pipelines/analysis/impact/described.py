"""Outcomes that are described: volume, dossiers per shop and day, cost, median and p90."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import Booleans, Floats, Integers
from pipelines.analysis.impact.comparisons import Comparison
from pipelines.analysis.impact.controlled import measure
from pipelines.analysis.impact.findings import Estimate, Finding
from pipelines.analysis.impact.monthly import Cells, Monthly, month_on
from pipelines.analysis.impact.months import first_day, last_day
from pipelines.analysis.impact.outcomes import (
    COST,
    PER_SHOP_DAY,
    QUANTILE_LEVELS,
    RECEIVED,
    Outcome,
)
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.pooled import compare_quantiles, compare_sides
from pipelines.analysis.impact.quantiles import Quantiles


def find_received(cells: Cells, parameters: ImpactParameters) -> Finding:
    """Dossiers a month; against the controls, each union as a multiple of its own mean before."""
    comparison, rows = cells.comparison, cells.rows
    finding = Finding(comparison.impact_id, RECEIVED, parameters)
    received = cells.counts("received_n")
    ks = np.array(comparison.window.ks, dtype=np.int64)
    inside = ks >= -comparison.window.before
    if not _enough(received[:, inside], ks[inside], parameters)[rows.is_treated].any():
        finding.add_status("too_few", "pooled")
        return finding
    for series, chosen in (
        ("treated", rows.is_treated),
        ("controls", ~rows.is_treated & (rows.stack == rows.stack.min())),
    ):
        _add_monthly(finding, comparison, series, received[chosen], rows.stack[chosen])
    treated = received[rows.is_treated][:, inside].sum(axis=0)
    sides = compare_sides(treated, np.ones_like(treated), ks[inside] >= 0, parameters.level,
                          is_share=False)  # fmt: skip
    own = received[:, (ks < 0) & inside].mean(axis=1, keepdims=True)
    relative = np.where(own > 0, received / np.where(own > 0, own, 1), np.nan)
    weight: Floats = np.repeat(received.mean(axis=1, keepdims=True), ks.size, axis=1)
    monthly = Monthly(rows, ks, received, weight, relative)
    enough = _enough(received[:, inside], ks[inside], parameters)
    found = measure(monthly.of(enough), comparison.window.before, parameters)
    finding.add_pooled(sides, is_headline=found is None)
    if found is not None and sides.before.value is not None:
        scale, inference = sides.before.value, found.inference
        estimate = Estimate("placebo", inference.estimate * scale, inference.low * scale,
                            inference.high * scale, inference.p_value)  # fmt: skip
        finding.add_effect(estimate, sides, "volume", is_headline=True)
    return finding


def find_by_shop(cells: Cells, shops: pl.DataFrame, parameters: ImpactParameters) -> list[Finding]:
    """Dossiers per shop and working day, and cost per dossier where every cost is known.

    `shops` has unit_key, month_on, open_days_n and cost.
    """
    comparison, rows = cells.comparison, cells.rows
    treated = np.flatnonzero(rows.is_treated)
    ks = np.array(comparison.window.ks, dtype=np.int64)
    inside = ks >= -comparison.window.before
    received = cells.counts("received_n")[treated][:, inside].sum(axis=0)
    by_month = _shops_by_k(comparison, shops)
    open_days = _column(by_month, "open_days_n", ks[inside])
    findings: list[Finding] = []
    wanted: list[tuple[Outcome, Floats, Floats]] = [(PER_SHOP_DAY, received, open_days)]
    if not by_month.is_empty() and by_month["is_cost_known"].all():
        wanted.append((COST, _column(by_month, "cost", ks[inside]), received))
    for outcome, numerator, denominator in wanted:
        finding = Finding(comparison.impact_id, outcome, parameters)
        if not _enough(received[None, :], ks[inside], parameters).any():
            finding.add_status("too_few", "pooled")
        else:
            finding.add_pooled(
                compare_sides(numerator, denominator, ks[inside] >= 0, parameters.level,
                              is_share=False),
                is_headline=True,
            )  # fmt: skip
        findings.append(finding)
    return findings


def find_quantiles(
    comparison: Comparison, quantiles: Quantiles, parameters: ImpactParameters
) -> list[Finding]:
    """Median and p90 of working days, asked of the dossiers; unions of one day only."""
    stack, *others = comparison.stacks
    if others:
        return []
    around, window = stack.around, comparison.window
    spans = (
        (first_day(around.month(-window.before)), last_day(around.last_before)),
        (first_day(around.first_after), last_day(around.month(window.after - 1))),
    )
    findings: list[Finding] = []
    for outcome, quantile in QUANTILE_LEVELS.items():
        finding = Finding(comparison.impact_id, outcome, parameters)
        sides = compare_quantiles(
            quantiles, comparison.treated_keys, spans, quantile, parameters.level
        )
        if min(sides.before.denominator, sides.after.denominator) < parameters.min_denominator:
            finding.add_status("too_few", "pooled")
        else:
            finding.add_pooled(sides, is_headline=True)
        findings.append(finding)
    return findings


def _enough(received: Floats, ks: Integers, parameters: ImpactParameters) -> Booleans:
    """Which rows have enough dossiers before and after."""
    sizes = np.minimum(received[:, ks < 0].sum(axis=1), received[:, ks >= 0].sum(axis=1))
    return sizes >= parameters.min_denominator


def _add_monthly(
    finding: Finding, comparison: Comparison, series: str, received: Floats, stack: Integers
) -> None:
    summed: dict[object, float] = {}
    for counts, number in zip(received, stack, strict=True):
        for k, count in zip(comparison.window.ks, counts, strict=True):
            day = month_on(comparison, int(number), k)
            summed[day] = summed.get(day, 0.0) + float(count)
    for day, count in summed.items():
        finding.add("imp_series", month_on=day, series=series, numerator=count, denominator=1,
                    value=count)  # fmt: skip


def _shops_by_k(comparison: Comparison, shops: pl.DataFrame) -> pl.DataFrame:
    """Open days and cost of the treated unions' shops by month since the change."""
    listed = [
        (key, first_day(stack.around.month(k)), k)
        for stack in comparison.stacks
        for union in stack.treated
        for key in union.keys
        for k in comparison.window.ks
        if k >= -comparison.window.before
    ]
    members = pl.DataFrame(
        listed, schema={"unit_key": pl.String, "month_on": pl.Date, "k": pl.Int64}, orient="row"
    )
    return (
        members.join(shops, on=["unit_key", "month_on"])
        .group_by("k")
        .agg(
            pl.col("open_days_n").sum(),
            pl.col("cost").sum(),
            is_cost_known=pl.col("cost").is_not_null().all(),
        )
    )


def _column(by_month: pl.DataFrame, name: str, ks: Integers) -> Floats:
    found = dict(by_month.select("k", name).iter_rows())
    return np.array([float(found.get(int(k)) or 0) for k in ks])
