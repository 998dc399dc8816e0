"""`motcua ask`, and that what signals count is what the metric layer answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.analysis.signals import MOST, list_charted
from pipelines.analysis.signals.metrics import list_tested
from pipelines.cli import app
from pipelines.serving.metrics import MetricLayer, MetricQuery, SnapshotError
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.parameters import HEADLINE_DIGITIZATION
from pipelines.serving.signals import (
    read_charts,
    read_comparisons,
    read_questions,
    read_signals,
)
from pipelines.serving.snapshot import current_snapshot

TESTED = list_tested(HEADLINE_DIGITIZATION)
FLOWS = [metric.metric for metric in TESTED if not metric.is_balance]


@pytest.fixture(scope="module")
def sealed(published_home: Path) -> Iterator[SealedSnapshot]:
    opened = SealedSnapshot(current_snapshot(published_home / "serving").file)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def layer(sealed: SealedSnapshot) -> MetricLayer:
    return MetricLayer(sealed)


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(app, ["ask", *args], env={"MOTCUA_HOME": str(home)})


def test_json_names_the_snapshot_and_holds_five_questions_at_most(published_home: Path) -> None:
    told = call(published_home, "--format", "json")
    assert told.exit_code == 0, told.stderr
    answer = json.loads(told.stdout)
    assert answer["as_of"] == "2026-06-30"
    assert [row["rank"] for row in answer["rows"]] == [*range(1, len(answer["rows"]) + 1)]
    assert len(answer["rows"]) <= MOST


def test_a_code_means_every_unit_that_bore_it(published_home: Path) -> None:
    assert call(published_home, "--unit", "00691").exit_code == 0


def test_a_unit_nobody_knows_is_refused_in_one_line(published_home: Path) -> None:
    told = call(published_home, "--unit", "99999")
    assert told.exit_code == 2
    assert told.stderr.strip() == "unit: 99999 is no unit of this snapshot"


def test_what_is_tested_is_registered_with_the_same_direction(layer: MetricLayer) -> None:
    registry = layer.registry()
    assert {m.metric: m.direction for m in TESTED} == {
        m.metric: registry[m.metric].direction for m in TESTED
    }
    assert {m.metric for m in list_charted(HEADLINE_DIGITIZATION)} <= set(registry)


@pytest.mark.parametrize("by", [(), ("unit",), ("field",)], ids=["province", "unit", "field"])
def test_the_counts_of_signals_are_those_of_the_metric_layer(
    sealed: SealedSnapshot, layer: MetricLayer, by: tuple[str, ...]
) -> None:
    subject = by[0] if by else "province"
    signals = read_signals(sealed).filter(
        pl.col("subject") == subject, pl.col("weeks_n") == 4, pl.col("metric").is_in(FLOWS)
    )
    first, last = signals["first_on"][0], signals["last_on"][0]
    asked = layer.query(MetricQuery(tuple(FLOWS), by=by, date_from=first, date_to=last))
    if by == ("unit",):
        valid = pl.col("unit_valid_from").cast(pl.String).fill_null("")
        asked = asked.with_columns(unit_key=pl.col("unit_code") + "@" + valid)
    key = {"unit": "unit_key", "field": "field_code"}.get(subject)
    keys = ["metric", *([key] if key else [])]
    both = signals.select(*keys, "numerator", "denominator").join(
        asked.select(*keys, theirs_n=pl.col("numerator"), theirs_den=pl.col("denominator")),
        on=keys,
    )
    assert both.height >= len(FLOWS) - 1
    numbers = both.with_columns(pl.exclude(keys).fill_null(0).cast(pl.Int64))
    assert numbers.filter(pl.col("numerator") != pl.col("theirs_n")).is_empty()
    assert numbers.filter(pl.col("denominator") != pl.col("theirs_den")).is_empty()
    assert numbers["numerator"].sum() > 0


def test_points_of_a_chart_are_those_of_the_metric_layer(
    sealed: SealedSnapshot, layer: MetricLayer
) -> None:
    chart = read_charts(sealed, "late_rate").filter(pl.col("denominator") > 0)
    asked = layer.query(MetricQuery(("late_rate",), by=("month",)))
    theirs = dict(asked.select("month", "value").iter_rows())
    ours = {f"{day:%Y-%m}": value for day, value in chart.select("month_on", "value").iter_rows()}
    assert len(ours) > 50
    assert ours == pytest.approx({month: theirs[month] for month in ours})


def test_charts_mark_tet_and_begin_anew_with_the_network(sealed: SealedSnapshot) -> None:
    chart = read_charts(sealed, "received")
    marked = {f"{day:%Y-%m}" for day in chart.filter("is_tet")["month_on"]}
    assert {"2024-02", "2025-01", "2026-02"} <= marked
    assert not {"2024-03", "2025-03"} & marked
    begun = chart.filter(pl.col("phase_n").diff() == 1)["month_on"].to_list()
    assert [f"{day:%Y-%m}" for day in begun] == ["2025-07"]


def test_small_units_are_grey_and_nobody_is_compared_where_all_are(sealed: SealedSnapshot) -> None:
    funnel = read_comparisons(sealed, "online_rate", "year")
    assert set(funnel["level"]) == {"commune", "province"}
    assert (funnel["is_grey"] == (funnel["denominator"] < 30)).all()
    assert 0 < funnel.filter(~pl.col("is_grey")).height < 10
    assert funnel["verdict"].is_null().all()
    assert funnel["wilson_lower"].is_not_null().all()


def test_a_snapshot_from_before_signals_were_kept_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "motcua-old.duckdb"
    duckdb.connect(str(file)).close()
    old = SealedSnapshot(file)
    try:
        with pytest.raises(SnapshotError, match="holds no signals") as refused:
            read_questions(old)
        assert "\n" not in str(refused.value)
    finally:
        old.close()
