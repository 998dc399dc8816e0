"""What each metric is: the part of the semantic manifest that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

Unit = Literal["count", "ratio"]
Direction = Literal["up", "down", "none"]


@dataclass(frozen=True)
class MetricSpec:
    """One metric as `models/metrics/*.yml` declares it.

    `anchor` is the day a dossier is counted on. `numerator` and `denominator` name the metrics
    a ratio divides; of a count, `numerator` is the metric itself and `denominator` is None.
    `is_balance` marks a stock at a period end, never added up over time. `source` is the
    semantic model read. `is_component` marks a part of a ratio that is not asked for by name.
    `not_in` are the definitions that know no such class, `groups` what only this metric may be
    asked by. `has_periods` says that it is counted per period where its definition is.
    """

    name: str
    label_vi: str
    label_en: str
    description: str
    unit: Unit
    formula_vi: str
    legal_basis: str
    direction: Direction
    anchor: str
    has_definition: bool
    zero_denominator: str | None
    numerator: str
    denominator: str | None
    source: str
    is_balance: bool
    is_component: bool
    not_in: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    has_periods: bool = False


class Definition(BaseModel):
    """A rule of early, on time and late: its words, and whom it counts.

    `periods` are the grains it is a property of, with the dossier (Decision 766); empty where it
    is a property of the dossier alone.
    """

    id: str
    label_vi: str
    label_en: str
    rule_vi: str
    rule_en: str
    population_vi: str
    population_en: str
    legal_basis: str
    periods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registry:
    """All metrics of a snapshot by name, and the deadline definitions it knows by id."""

    specs: dict[str, MetricSpec]
    definitions: dict[str, Definition]

    @property
    def published(self) -> dict[str, MetricSpec]:
        """The metrics that may be asked for."""
        return {name: spec for name, spec in self.specs.items() if not spec.is_component}


class _Named(BaseModel):
    name: str


class _Measure(_Named):
    non_additive_dimension: _Named | None = None


class _SemanticModel(_Named):
    measures: list[_Measure]


class _TypeParams(BaseModel):
    measure: _Named | None = None
    numerator: _Named | None = None
    denominator: _Named | None = None


class _Meta(BaseModel):
    label_vi: str
    label_en: str
    unit: Unit
    formula_vi: str
    legal_basis: str
    direction: Direction
    anchor: str
    has_definition: bool
    zero_denominator: str | None = None
    is_component: bool = False
    not_in: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    definitions: list[Definition] = Field(default_factory=list[Definition])


class _Config(BaseModel):
    meta: _Meta


class _Metric(_Named):
    description: str
    type_params: _TypeParams
    config: _Config


class _Manifest(BaseModel):
    semantic_models: list[_SemanticModel]
    metrics: list[_Metric]


def read_registry(manifest_json: str) -> Registry:
    """Read the metrics of a `semantic_manifest.json` text.

    Raises `pydantic.ValidationError` where a metric lacks one of the facts it must declare.
    """
    manifest = _Manifest.model_validate_json(manifest_json)
    measures = {
        measure.name: (model.name, measure.non_additive_dimension is not None)
        for model in manifest.semantic_models
        for measure in model.measures
    }
    metrics = {metric.name: metric for metric in manifest.metrics}
    specs = {name: _spec(metric, metrics, measures) for name, metric in metrics.items()}
    definitions = [d for metric in manifest.metrics for d in metric.config.meta.definitions]
    return Registry(specs, {definition.id: definition for definition in definitions})


def _spec(
    metric: _Metric, metrics: dict[str, _Metric], measures: dict[str, tuple[str, bool]]
) -> MetricSpec:
    numerator, denominator = metric.type_params.numerator, metric.type_params.denominator
    counted = metric if numerator is None else metrics[numerator.name]
    measure = counted.type_params.measure
    if measure is None:
        raise ValueError(f"metric {metric.name} is neither a count nor a ratio of two counts")
    source, is_balance = measures[measure.name]
    meta = metric.config.meta
    return MetricSpec(
        name=metric.name,
        label_vi=meta.label_vi,
        label_en=meta.label_en,
        description=metric.description,
        unit=meta.unit,
        formula_vi=meta.formula_vi,
        legal_basis=meta.legal_basis,
        direction=meta.direction,
        anchor=meta.anchor,
        has_definition=meta.has_definition,
        zero_denominator=meta.zero_denominator,
        numerator=counted.name,
        denominator=None if denominator is None else denominator.name,
        source=source,
        is_balance=is_balance,
        is_component=meta.is_component,
        not_in=meta.not_in,
        groups=meta.groups,
        has_periods=meta.has_definition and not meta.groups,
    )
