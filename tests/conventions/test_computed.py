"""Computed figures are registered, and what computes each of them exists."""

from __future__ import annotations

import csv
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.defs.manifest import ensure_manifest
from pipelines.serving.metrics import MetricLayer
from pipelines.serving.metrics.computed import ComputedSpec, read_computed, write_computed
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import settings

COMPUTED = read_computed(write_computed(settings().models_dir / "metrics"))


@pytest.fixture(scope="module")
def layer(published_home: Path) -> Iterator[MetricLayer]:
    opened = MetricLayer.open(current_snapshot(published_home / "serving").file)
    yield opened
    opened.close()


@pytest.mark.parametrize("spec", COMPUTED, ids=lambda spec: spec.name)
def test_the_function_a_figure_names_exists_and_says_what_it_does(spec: ComputedSpec) -> None:
    module, _, name = spec.function.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    assert callable(function)
    assert len(function.__doc__ or "") > 40


@pytest.mark.parametrize("spec", COMPUTED, ids=lambda spec: spec.name)
def test_a_computed_figure_says_what_it_is_in_both_languages(spec: ComputedSpec) -> None:
    assert re.search(r"[^\x00-\x7f]", spec.label_vi)
    assert spec.label_en.isascii()
    assert min(len(spec.description), len(spec.formula_vi), len(spec.legal_basis)) > 20


def test_dbt_knows_every_computed_figure_and_what_it_rests_on() -> None:
    manifest = json.loads(ensure_manifest().read_text(encoding="utf-8"))
    exposures = {e["name"]: e for e in manifest["exposures"].values()}
    assert set(exposures) == {spec.name for spec in COMPUTED}
    for exposure in exposures.values():
        assert exposure["depends_on"]["nodes"], exposure["name"]


def test_a_snapshot_carries_the_computed_figures(layer: MetricLayer) -> None:
    quantiles = {spec.name for spec in COMPUTED if spec.quantile is not None}
    assert quantiles == {"processing_days_median", "processing_days_p90"}
    assert quantiles <= set(layer.registry())


def test_a_figure_without_a_function_is_refused(tmp_path: Path) -> None:
    text = (settings().models_dir / "metrics" / "computed.yml").read_text(encoding="utf-8")
    (tmp_path / "computed.yml").write_text(re.sub(r" +function: .*\n", "", text, count=1))
    with pytest.raises(ValidationError, match="function"):
        write_computed(tmp_path)


def test_items_of_the_score_name_registered_metrics(layer: MetricLayer) -> None:
    with (settings().reference_dir / "score766.csv").open(encoding="utf-8") as lines:
        named = {row["metric"] for row in csv.DictReader(lines)} - {""}
    assert named <= set(layer.registry())
