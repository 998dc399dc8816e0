"""Every metric declares what a reader needs to know about it."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from pipelines.serving.metrics import MetricLayer
from pipelines.serving.metrics.registry import read_registry
from tests.metric_ids import COUNTS, RATES


def test_the_metrics_are_those_of_the_command_line(layer: MetricLayer) -> None:
    specs = layer.registry()
    assert {name for name, spec in specs.items() if spec.unit == "count"} == COUNTS
    assert {name for name, spec in specs.items() if spec.unit == "ratio"} == RATES
    assert {name for name, spec in specs.items() if spec.is_balance} == {
        "open",
        "waiting",
        "overdue",
        "waiting_at_counter",
        "waiting_at_counter_over_7",
        "waiting_at_counter_over_30",
    }


def test_every_metric_is_described(layer: MetricLayer) -> None:
    specs = layer.registry().values()
    for spec in specs:
        texts = (spec.label_vi, spec.label_en, spec.formula_vi, spec.legal_basis, spec.description)
        assert all(texts), spec.name
        assert (spec.denominator is not None) == (spec.unit == "ratio"), spec.name
        assert spec.zero_denominator == ("empty" if spec.unit == "ratio" else None), spec.name
    assert len({spec.label_vi for spec in specs}) == len(specs)


def test_the_anchor_declared_is_the_anchor_counted_on(manifest: str, layer: MetricLayer) -> None:
    models = {m["name"]: m for m in json.loads(manifest)["semantic_models"]}
    for spec in layer.registry().values():
        assert spec.anchor == models[spec.source]["defaults"]["agg_time_dimension"], spec.name


def test_only_deadline_classes_depend_on_a_definition(layer: MetricLayer) -> None:
    specs = layer.registry()
    having = {name for name, spec in specs.items() if spec.has_definition}
    of_classes = {"deadline_classes", "class_moves"}
    assert having == {name for name, spec in specs.items() if spec.source in of_classes}
    assert list(layer.definitions) == ["ii06a", "ii06a_vendor", "half_day", "instant", "d766"]
    assert layer.definitions["d766"].periods == ("month", "quarter", "year")


def test_a_balance_has_its_ledger(layer: MetricLayer, manifest: str) -> None:
    known = read_registry(manifest).specs
    for name, spec in layer.registry().items():
        if spec.is_balance:
            assert known[f"{name}_change"].source == "balance_changes", name


def test_a_metric_without_a_declared_fact_is_refused(manifest: str) -> None:
    document = json.loads(manifest)
    del document["metrics"][0]["config"]["meta"]["label_vi"]
    with pytest.raises(ValidationError, match="label_vi"):
        read_registry(json.dumps(document))
