"""Why a reported figure differs from ours: explanations tried in a fixed order, the first holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.network.changes import Change, changes_around
from pipelines.serving.definitions import Ask
from pipelines.serving.metrics.registry import Definition, MetricSpec
from pipelines.serving.reconcile import wording
from pipelines.serving.reconcile.evidence import Evidence
from pipelines.serving.reconcile.ours import NONE, OurFigure, OurFigures, ask_ours
from pipelines.serving.reconcile.reported import ReportedFigure
from pipelines.serving.reconcile.wording import Words

Explanation = Literal[
    "equal", "definition", "late_data", "quarantine", "unit_change", "unexplained"
]
HALF_PLACE = 0.00005
"""Shares agree if equal as percentages of two decimals, the form in which they are reported."""


@dataclass(frozen=True)
class Reconciled:
    """A reported figure beside ours: `difference` is ours less theirs; `count` the dossiers that
    the explanation rests on, None where it rests on none."""

    figure: ReportedFigure
    ours: float | None
    difference: float | None
    explanation: Explanation
    count: int | None
    detail_vi: str
    detail_en: str


@dataclass(frozen=True)
class _Case:
    figure: ReportedFigure
    spec: MetricSpec
    ours: OurFigure
    figures: OurFigures
    evidence: Evidence
    definitions: Mapping[str, Definition]
    changes: tuple[Change, ...]

    def is_reported(self, value: float | None) -> bool:
        """Whether a value of ours is the one reported."""
        if value is None:
            return False
        nearness = HALF_PLACE if self.spec.unit == "ratio" else 0.5
        return abs(value - self.figure.value) < nearness


_Found = tuple[Explanation, int | None, Words]


def reconcile(
    figures: Sequence[ReportedFigure],
    *,
    ask: Ask,
    metrics: Mapping[str, MetricSpec],
    definitions: Mapping[str, Definition],
    evidence: Evidence,
    reference: Path,
    known_units: frozenset[str],
) -> list[Reconciled]:
    """Every reported figure with ours and the first explanation that holds, in their order.

    `known_units` are the keys the snapshot has. Raises `MetricQueryError`.
    """
    changes = {
        (figure.unit_key, figure.month_on): _group(figure, reference, known_units)
        for figure in figures
    }
    keys = {figure.unit_key for figure in figures}
    keys |= {key for group in changes.values() for c in group for key in (c.from_key, c.to_key)}
    ours = ask_ours(ask, metrics, definitions, figures, keys)
    return [
        _explain(
            _Case(
                figure,
                metrics[figure.metric],
                ours.find(figure),
                ours,
                evidence,
                definitions,
                changes[figure.unit_key, figure.month_on],
            )
        )
        for figure in figures
    ]


def _group(figure: ReportedFigure, reference: Path, known: frozenset[str]) -> tuple[Change, ...]:
    """The changes of a unit and those of the units that it became, around a month."""
    own = changes_around(figure.unit_key, figure.month_on, reference)
    heirs = [c.to_key for c in own if c.from_key == figure.unit_key]
    siblings = [
        c
        for heir in heirs
        for c in changes_around(heir, figure.month_on, reference)
        if c.to_key == heir
    ]
    found = dict.fromkeys([*own, *siblings])
    return tuple(c for c in found if c.from_key in known and c.to_key in known)


def _explain(case: _Case) -> Reconciled:
    value = case.ours.value
    tried: tuple[Callable[[_Case], _Found | None], ...] = (
        _equal,
        _by_definition,
        _by_late_data,
        _by_quarantine,
        _by_unit_change,
    )
    found = next((answer for each in tried if (answer := each(case)) is not None), None)
    explanation, count, words = found or ("unexplained", None, _unexplained(case))
    return Reconciled(
        figure=case.figure,
        ours=value,
        difference=None if value is None else value - case.figure.value,
        explanation=explanation,
        count=count,
        detail_vi=words[0],
        detail_en=words[1],
    )


def _equal(case: _Case) -> _Found | None:
    return ("equal", None, wording.EQUAL) if case.is_reported(case.ours.value) else None


def _by_definition(case: _Case) -> _Found | None:
    figure = case.figure
    if case.spec.has_definition:
        for definition in case.definitions.values():
            if definition.id != figure.definition:
                other = case.figures.find(figure, definition=definition.id)
                if case.is_reported(other.value):
                    return "definition", other.numerator, wording.other_definition(definition)
    if figure.metric == "resolved":
        closed = case.figures.find_closed(figure)
        if case.is_reported(closed):
            return "definition", closed, wording.CLOSED_FOR_RESOLVED
    returned = case.evidence.by_return(figure)
    if case.is_reported(returned):
        return "definition", returned, wording.RETURN_FOR_FINISH
    return None


def _by_late_data(case: _Case) -> _Found | None:
    """Exactly what was known on the day of the report, or, of a count, between that and ours."""
    late = case.evidence.told_late(case.figure)
    ours, value = case.ours, case.ours.value
    if late is None or ours.numerator is None or value is None or not late.more + late.fewer:
        return None
    count = late.more + late.fewer
    day = case.figure.reported_on
    if case.spec.unit == "ratio":
        left = (ours.denominator or 0) - late.classified
        if left > 0 and case.is_reported((ours.numerator - late.more) / left):
            return "late_data", count, wording.told_late(count, day, is_exact=True)
        return None
    if case.is_reported(value - late.more + late.fewer):
        return "late_data", count, wording.told_late(count, day, is_exact=True)
    if value - late.more <= case.figure.value <= value + late.fewer:
        return "late_data", count, wording.told_late(count, day, is_exact=False)
    return None


def _by_quarantine(case: _Case) -> _Found | None:
    """A report may hold up to so many dossiers more than ours as are held back here."""
    if case.spec.unit == "ratio" or case.ours.value is None:
        return None
    held = case.evidence.held_back(case.figure)
    missing = case.figure.value - case.ours.value
    return ("quarantine", held, wording.held_back(held)) if 0 < missing <= held else None


def _by_unit_change(case: _Case) -> _Found | None:
    """Ours with the units that this one came from or became, one, or all of one heir."""
    key = case.figure.unit_key
    before = [c.from_key for c in case.changes if c.to_key == key]
    heirs = [c.to_key for c in case.changes if c.from_key == key]
    groups = [[c.from_key for c in case.changes if c.to_key == heir] + [heir] for heir in heirs]
    candidates = [before, *([one] for one in (*before, *heirs)), *groups]
    for candidate in candidates:
        added = [other for other in dict.fromkeys(candidate) if other != key]
        parts = [case.figures.find(case.figure, unit_key=other) for other in added]
        is_share = case.spec.unit == "ratio"
        count = sum((p.denominator if is_share else p.numerator) or 0 for p in parts)
        if count and case.is_reported(_together(case, parts)):
            return "unit_change", count, wording.other_units(added, count)
    return None


def _together(case: _Case, parts: Sequence[OurFigure]) -> float | None:
    """One figure of several units: a share of the sums, never a mean of shares."""
    every = (case.ours, *parts)
    numerator = sum(part.numerator or 0 for part in every)
    if case.spec.unit == "count":
        return float(numerator)
    denominator = sum(part.denominator or 0 for part in every)
    return numerator / denominator if denominator else None


def _unexplained(case: _Case) -> Words:
    if case.ours == NONE or case.ours.value is None:
        return wording.NOTHING_OF_OURS
    late = case.evidence.told_late(case.figure)
    return wording.unexplained(
        late=0 if late is None else late.more + late.fewer,
        held=case.evidence.held_back(case.figure),
        changes=len(case.changes),
    )
