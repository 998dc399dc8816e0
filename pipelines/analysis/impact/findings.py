"""Rows of the tables for one impact and outcome, put together from the estimates."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from pipelines.analysis.impact.outcomes import Outcome
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.pooled import BeforeAfter
from pipelines.analysis.impact.tables import Row, table
from pipelines.analysis.impact.verdicts import REASONS, Figures, Verdict, say


@dataclass(frozen=True)
class Estimate:
    """One estimator's answer; bounds and p-value are None where it gives none."""

    estimator: str
    value: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    second_opinion: float | None = None


@dataclass
class Finding:
    """What was found of one outcome: rows by table, the headline marked."""

    impact_id: str
    outcome: Outcome
    parameters: ImpactParameters
    rows: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])

    def add(self, name: str, **values: object) -> None:
        """A row of a table."""
        own = {"impact_id": self.impact_id, "outcome": self.outcome.name}
        self.rows.setdefault(name, []).append(own | values)

    def add_effect(
        self,
        estimate: Estimate,
        sides: BeforeAfter,
        case: str,
        *,
        verdict: Verdict = "descriptive",
        is_headline: bool = False,
        treated: int = 0,
        controls: int = 0,
    ) -> None:
        """An estimate with both sides of the change and its sentence."""
        figures = Figures(
            self.outcome, estimate.value, estimate.low, estimate.high, self.parameters.level,
            sides.before.value, sides.after.value, treated, controls,
        )  # fmt: skip
        sentence_vi, sentence_en = say(case, figures, self.parameters)
        self.add(
            "imp_effect",
            estimator=estimate.estimator,
            is_headline=is_headline,
            unit=self.outcome.unit,
            before_value=sides.before.value,
            before_numerator=sides.before.numerator,
            before_denominator=sides.before.denominator,
            after_value=sides.after.value,
            after_numerator=sides.after.numerator,
            after_denominator=sides.after.denominator,
            estimate=estimate.value,
            low=estimate.low,
            high=estimate.high,
            p_value=estimate.p_value,
            level=self.parameters.level,
            second_opinion=estimate.second_opinion,
            verdict=verdict,
            sentence_vi=sentence_vi,
            sentence_en=sentence_en,
        )

    def add_pooled(self, sides: BeforeAfter, *, is_headline: bool) -> None:
        """Before and after on the union, a description."""
        if sides.estimate is None:
            self.add_status("too_few", "pooled", is_headline=is_headline)
            return
        estimate = Estimate("pooled", sides.estimate, sides.low, sides.high, sides.p_value)
        case = "pooled" if sides.low is not None else "pooled_bare"
        self.add_effect(estimate, sides, case, is_headline=is_headline)

    def add_status(
        self, status: str, estimator: str, *, is_headline: bool = True, detail: str = ""
    ) -> None:
        """No number, with the reason; `detail` is the name of an error."""
        in_vi, in_en = REASONS[status]
        self.add(
            "imp_effect",
            estimator=estimator,
            is_headline=is_headline,
            unit=self.outcome.unit,
            level=self.parameters.level,
            verdict="undetermined",
            status=status,
            sentence_vi=f"{in_vi} ({detail})" if detail else in_vi,
            sentence_en=f"{in_en} ({detail})" if detail else in_en,
        )

    def tables(self) -> dict[str, pl.DataFrame]:
        """The rows as frames."""
        return {name: table(name, rows) for name, rows in self.rows.items()}
