"""Registered figures that no count or share says: quantiles and scores, with their function.

They stand in `models/metrics` as exposures and travel with a snapshot as a document of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, TypeAdapter

DOCUMENT = "computed_metrics"
"""Name of the document in a snapshot."""

NONE = "[]"
"""The document of a snapshot that has none."""


class ComputedSpec(BaseModel):
    """One figure as `models/metrics` declares it, in the words of a metric.

    `function` is the dotted name of what computes it. A `quantile` (0-1) is asked of the metric
    layer like any metric; what else there is has a `command` of its own.
    """

    name: str
    description: str
    label_vi: str
    label_en: str
    unit: Literal["days", "points"]
    formula_vi: str
    legal_basis: str
    direction: Literal["up", "down", "none"]
    anchor: str
    has_definition: bool
    zero_denominator: str
    function: str
    quantile: float | None = None
    command: str | None = None


class _Config(BaseModel):
    meta: dict[str, Any]


class _Exposure(BaseModel):
    name: str
    description: str
    config: _Config


class _File(BaseModel):
    exposures: list[_Exposure] = []


_SPECS = TypeAdapter(list[ComputedSpec])


def write_computed(metrics_dir: Path) -> str:
    """The figures declared in the YAML files of a folder, as the JSON a snapshot carries.

    Raises `pydantic.ValidationError` where one lacks a fact it must declare.
    """
    found: list[ComputedSpec] = []
    for path in sorted(metrics_dir.glob("*.yml")):
        text = cast("dict[str, Any] | None", yaml.safe_load(path.read_text(encoding="utf-8")))
        for exposure in _File.model_validate(text or {}).exposures:
            facts = {"name": exposure.name, "description": exposure.description}
            found.append(ComputedSpec.model_validate(facts | exposure.config.meta))
    return _SPECS.dump_json(found, indent=1).decode()


def read_computed(document: str) -> tuple[ComputedSpec, ...]:
    """The figures of a snapshot's document. Raises `pydantic.ValidationError`."""
    return tuple(_SPECS.validate_json(document))
