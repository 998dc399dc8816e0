"""The page of metrics says what is computed, today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.defs.manifest import semantic_manifest
from pipelines.serving.metric_docs import COMMAND, DOCUMENT, render_document, write_document
from pipelines.serving.metrics.computed import read_computed, write_computed
from pipelines.serving.metrics.registry import read_registry
from pipelines.settings import settings


@pytest.fixture(scope="module")
def manifest_json() -> str:
    return semantic_manifest().read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def targets_csv() -> str:
    return (settings().reference_dir / "targets.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def computed_json() -> str:
    return write_computed(settings().models_dir / "metrics")


def test_the_page_is_what_the_definitions_say(
    manifest_json: str, targets_csv: str, computed_json: str
) -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == render_document(manifest_json, targets_csv, computed_json), f"run {COMMAND}"


def test_a_computed_figure_stands_with_its_function(
    manifest_json: str, targets_csv: str, computed_json: str
) -> None:
    text = render_document(manifest_json, targets_csv, computed_json)
    for spec in read_computed(computed_json):
        section = text.split(f"### `{spec.name}`")[1].split("###")[0]
        assert f"`{spec.function}`" in section
        assert spec.formula_vi in section


def test_the_page_changes_with_a_definition(manifest_json: str, targets_csv: str) -> None:
    changed = json.loads(manifest_json)
    (late,) = (metric for metric in changed["metrics"] if metric["name"] == "late_rate")
    late["config"]["meta"]["formula_vi"] = "Một công thức khác"
    assert render_document(json.dumps(changed), targets_csv) != render_document(
        manifest_json, targets_csv
    )


def test_the_page_does_not_depend_on_the_order_of_the_manifest(
    manifest_json: str, targets_csv: str
) -> None:
    turned = json.loads(manifest_json)
    turned["metrics"].reverse()
    turned["semantic_models"].reverse()
    assert render_document(json.dumps(turned), targets_csv) == render_document(
        manifest_json, targets_csv
    )


def test_every_metric_stands_once_with_its_labels(manifest_json: str, targets_csv: str) -> None:
    text = render_document(manifest_json, targets_csv)
    for spec in read_registry(manifest_json).specs.values():
        assert text.count(f"### `{spec.name}`\n\n**{spec.label_vi}** · {spec.label_en}\n") == 1


def test_a_target_stands_with_its_metric(manifest_json: str) -> None:
    targets = (
        "metric,direction,target,valid_from,valid_to,source\n"
        "late_rate,down,0.02,2024-01-01,2024-12-31,a decision\n"
        "late_rate,down,0.01,2025-01-01,,a later decision\n"
    )
    section = render_document(manifest_json, targets).split("### `late_rate`")[1].split("###")[0]
    assert "Target 0.02 from 2024-01-01 to 2024-12-31 (a decision)." in section
    assert "Target 0.01 from 2025-01-01 (a later decision)." in section


def test_an_absent_manifest_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_document(tmp_path / "none.json", tmp_path / "none.csv", tmp_path / "metrics.md")
    assert list(tmp_path.iterdir()) == []
