"""The entry: every change of the network, every outcome, all estimators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import polars as pl

from pipelines.analysis.impact.comparisons import Comparison, Network
from pipelines.analysis.impact.controlled import find_controlled
from pipelines.analysis.impact.described import find_by_shop, find_quantiles, find_received
from pipelines.analysis.impact.findings import Finding
from pipelines.analysis.impact.monthly import read_cells
from pipelines.analysis.impact.months import first_day, last_whole_month, month_of
from pipelines.analysis.impact.outcomes import MEDIAN, P90, PER_SHOP_DAY, RATIOS, RECEIVED, Outcome
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.quantiles import Quantiles
from pipelines.analysis.impact.reorganisations import compare_reorganisations
from pipelines.analysis.impact.reorganised import find_reorganised, whole_of
from pipelines.analysis.impact.shop_mergers import compare_shop_mergers
from pipelines.analysis.impact.tables import Impacts, table
from pipelines.analysis.impact.verdicts import REASONS


def estimate_impacts(
    panel: pl.DataFrame,
    quantiles: Quantiles,
    changes: pl.DataFrame,
    units: pl.DataFrame,
    shops: pl.DataFrame,
    *,
    as_of: date,
    parameters: ImpactParameters,
    only: str | None = None,
) -> Impacts:
    """What every change of the network did, as far as the data up to `as_of` can say.

    `panel` is `imp_panel`: counts by month_on, unit_key and procedure_code. `changes` has
    change_id, kind, effective_on, date_is_assumed, from_key, to_key, share, name_vi and
    to_name_vi; `units` is `dim_unit`; `shops` has unit_key, month_on, open_days_n and cost (null
    where none is known). Values are shares of 0-1 or working days. A change for which nothing
    can be estimated has a status and its reason; an outcome that fails does not stop the others.
    The same frames give the same figures. `only` leaves out every change but the one of that id.
    """
    known = panel.filter(pl.col("month_on") <= first_day(last_whole_month(as_of)))
    data = _span(known)
    network = Network(units, changes)
    comparisons = [
        *compare_shop_mergers(network, known, data, parameters),
        *compare_reorganisations(network, known, data, parameters),
    ]
    if only is not None:
        comparisons = [each for each in comparisons if each.impact_id == only]
    parts: dict[str, list[pl.DataFrame]] = {
        "imp_change": [table("imp_change", [_describe(each) for each in comparisons])]
    }
    for comparison in comparisons:
        if comparison.status != "ok":
            continue
        for finding in _find_all(comparison, known, quantiles, shops, parameters):
            for name, frame in finding.tables().items():
                parts.setdefault(name, []).append(frame)
    return Impacts.of(parts)


def _find_all(
    comparison: Comparison,
    panel: pl.DataFrame,
    quantiles: Quantiles,
    shops: pl.DataFrame,
    parameters: ImpactParameters,
) -> list[Finding]:
    cells = read_cells(panel, comparison)
    if comparison.kind == "network":
        whole = read_cells(panel, whole_of(comparison))

        def find(outcome: Outcome) -> Finding:
            return find_reorganised(outcome, cells, whole, parameters)
    else:
        whole = cells

        def find(outcome: Outcome) -> Finding:
            return find_controlled(comparison, outcome, cells.monthly(outcome), parameters)

    return [
        *(
            finding
            for outcome in RATIOS
            for finding in _attempt(
                lambda outcome=outcome: [find(outcome)], comparison, (outcome,), parameters
            )
        ),
        *_attempt(
            lambda: [find_received(whole, parameters)], comparison, (RECEIVED,), parameters
        ),
        *_attempt(
            lambda: find_by_shop(whole, shops, parameters), comparison, (PER_SHOP_DAY,), parameters
        ),
        *_attempt(
            lambda: find_quantiles(whole.comparison, quantiles, parameters),
            comparison, (MEDIAN, P90), parameters,
        ),
    ]  # fmt: skip


def _attempt(
    find: Callable[[], list[Finding]],
    comparison: Comparison,
    outcomes: Iterable[Outcome],
    parameters: ImpactParameters,
) -> list[Finding]:
    """What was found; where it failed, the outcomes with that status and the kind of error."""
    try:
        return find()
    except Exception as error:
        findings: list[Finding] = []
        for outcome in outcomes:
            finding = Finding(comparison.impact_id, outcome, parameters)
            finding.add_status("failed", "pooled", detail=type(error).__name__)
            findings.append(finding)
        return findings


def _span(panel: pl.DataFrame) -> tuple[int, int]:
    """The first and the last month known; the last lies before the first without any."""
    if panel.is_empty():
        return month_of(date.min) + 1, month_of(date.min)
    first, last = panel.select(first="month_on", last="month_on").select(
        pl.col("first").min(), pl.col("last").max()
    ).row(0)  # fmt: skip
    return month_of(first), month_of(last)


def _describe(comparison: Comparison) -> dict[str, object]:
    around, window = comparison.stacks[0].around, comparison.window
    reason = REASONS.get(comparison.status, (None, None))
    has_window = comparison.status == "ok"
    return {
        "impact_id": comparison.impact_id,
        "kind": comparison.kind,
        "effective_on": comparison.effective_on,
        "date_is_assumed": comparison.date_is_assumed,
        "name_vi": comparison.name_vi,
        "name_en": comparison.name_en,
        "treated_keys": comparison.treated_keys,
        "unions_n": len(comparison.treated),
        "controls_n": len(comparison.controls),
        "before_from": first_day(around.month(-window.before)) if has_window else None,
        "before_to": first_day(around.last_before) if has_window else None,
        "after_from": first_day(around.first_after) if has_window else None,
        "after_to": first_day(around.month(window.after - 1)) if has_window else None,
        "status": comparison.status,
        "reason_vi": reason[0],
        "reason_en": reason[1],
    }
