"""Every figure that is shown is a registered metric with its words and its legal basis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricQueryError
from pipelines.serving.publish import HEADLINES
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT, settings
from tests.metric_ids import COUNTS, RATES


@pytest.fixture(scope="module")
def layer(published_home: Path) -> Iterator[MetricLayer]:
    opened = MetricLayer.open(current_snapshot(published_home / "serving").file)
    yield opened
    opened.close()


def test_the_metrics_of_the_spine_are_registered(layer: MetricLayer) -> None:
    assert set(layer.registry()) >= COUNTS | RATES


def test_a_metric_says_what_it_is_in_both_languages(layer: MetricLayer) -> None:
    for name, spec in layer.registry().items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert re.search(r"[^\x00-\x7f]", spec.label_vi), name
        assert spec.label_en.isascii(), name
        assert spec.label_en, name
        assert len(spec.description) > 20, name
        assert len(spec.formula_vi) > 20, name
        assert spec.legal_basis, name
        assert spec.anchor, name
        assert (spec.denominator is not None) == (spec.unit == "ratio"), name


def test_headlines_and_targets_name_registered_metrics(layer: MetricLayer) -> None:
    targets = pl.read_csv(settings().reference_dir / "targets.csv", infer_schema=False)
    registered = set(layer.registry())
    assert set(HEADLINES) <= registered
    # targets of metrics to come are kept; those of registered ones agree in direction
    for metric, direction in targets.select("metric", "direction").rows():
        if metric in registered:
            assert layer.registry()[metric].direction == direction, metric


def test_a_metric_that_is_not_registered_is_refused(layer: MetricLayer) -> None:
    with pytest.raises(MetricQueryError, match="invented_rate"):
        layer.query(MetricQuery(("invented_rate",)))


def test_the_dashboard_asks_for_registered_metrics_alone(layer: MetricLayer) -> None:
    words = {
        word
        for path in (PROJECT_ROOT / "dashboard").rglob("*.py")
        for word in re.findall(r'"([a-z_]+_rate)"', path.read_text(encoding="utf-8"))
    }
    assert words
    assert words <= set(layer.registry())
