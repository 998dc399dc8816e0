"""Every figure equals the truth that the simulator kept of its own flags."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import polars as pl
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot
from tests.conftest import RunMotcua

KEY = ["metric", "definition", "unit_code", "unit_valid_from", "month"]
DEFINITIONS = ("ii06a", "instant")
SMALL = 1_500


def read_truth(home: Path) -> pl.DataFrame:
    """The simulator's counts: KEY, numerator, denominator; rows of nothing but 0 are absent."""
    document = json.loads((home / "simulated" / "truth.json").read_text(encoding="utf-8"))
    return _in_form(pl.DataFrame(document["rows"], infer_schema_length=None))


def ask_layer(home: Path) -> pl.DataFrame:
    """All metrics by unit and month under every definition, through the metric layer."""
    layer = MetricLayer.open(current_snapshot(home / "serving").file)
    try:
        metrics = tuple(layer.registry())
        return _in_form(
            pl.concat(
                layer.query(MetricQuery(metrics, by=("unit", "month"), definition=definition))
                for definition in DEFINITIONS
            ).unique()
        )
    finally:
        layer.close()


def _in_form(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.col(*KEY).cast(pl.String), pl.col("numerator", "denominator").cast(pl.Int64)
    )


def find_differences(truth: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """Cells in which the two disagree, whichever of them has the row."""
    both = truth.join(ours, on=KEY, how="full", nulls_equal=True, coalesce=True, suffix="_ours")
    assert truth.select(pl.struct(KEY).is_unique().all()).item()
    assert ours.select(pl.struct(KEY).is_unique().all()).item()
    return both.filter(
        (pl.col("numerator").fill_null(0) != pl.col("numerator_ours").fill_null(0))
        | (pl.col("denominator").fill_null(0) != pl.col("denominator_ours").fill_null(0))
    )


def check_values(ours: pl.DataFrame) -> None:
    """A count is its numerator, a share its quotient, over nothing there is no value."""
    shares = ours.filter(pl.col("denominator").is_not_null())
    counts = ours.filter(pl.col("denominator").is_null(), pl.col("status").is_null())
    over_nothing = shares.filter(pl.col("denominator") == 0)
    assert over_nothing.height and over_nothing["value"].null_count() == over_nothing.height
    quotient = shares.filter(pl.col("denominator") > 0).select(
        (pl.col("value") - pl.col("numerator") / pl.col("denominator")).abs().max()
    )
    assert quotient.item() < 1e-12
    assert (counts["value"] == counts["numerator"]).all()


def make_province(home: Path, run_motcua: RunMotcua, *options: str) -> None:
    """Simulate, pull over HTTP and from files, publish."""
    begun = time.monotonic()
    done = run_motcua(home, "demo", "--no-dashboard", *options)
    print(f"demo {' '.join(options)}: {time.monotonic() - begun:.0f} s")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def drawn_seeds() -> list[int]:
    """Three seeds, drawn anew every time; MOTCUA_TEST_SEEDS=1,2,3 repeats a run."""
    given = os.environ.get("MOTCUA_TEST_SEEDS")
    if given:
        return [int(seed) for seed in given.split(",")]
    return random.SystemRandom().sample(range(1, 2**31), 3)


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_figures_equal_the_truth_at_a_seed_drawn_at_random(
    nth: int, drawn_seeds: list[int], tmp_path: Path, run_motcua: RunMotcua
) -> None:
    seed = drawn_seeds[nth]
    print(f"seed {seed}")
    make_province(tmp_path, run_motcua, "--dossiers", str(SMALL), "--seed", str(seed))
    truth, ours = read_truth(tmp_path), ask_layer(tmp_path)
    check_values(ours)
    assert truth.height > 1_000
    different = find_differences(truth, ours)
    assert different.is_empty(), f"seed {seed}: {different.height} cells\n{different.head(10)}"


def test_figures_of_the_command_line_equal_the_truth(
    published_home: Path, run_motcua: RunMotcua
) -> None:
    answers = []
    for definition in DEFINITIONS:
        done = run_motcua(
            published_home, "metrics", "--by", "unit,month", "--definition", definition,
            "--format", "json",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["snapshot"] == current_snapshot(published_home / "serving").version
        assert answer["as_of"] == "2026-06-30"
        answers.append(pl.DataFrame(answer["rows"], infer_schema_length=None))
    ours = _in_form(pl.concat(answers).unique())
    check_values(ours)
    different = find_differences(read_truth(published_home), ours)
    assert different.is_empty(), f"{different.height} cells\n{different.head(10)}"


def test_figures_equal_the_truth_at_the_default_seed_and_size(
    tmp_path: Path, run_motcua: RunMotcua
) -> None:
    make_province(tmp_path, run_motcua)
    truth, ours = read_truth(tmp_path), ask_layer(tmp_path)
    print(f"{truth.height} cells of truth, {ours.height} cells of ours")
    assert truth.height > 30_000
    check_values(ours)
    different = find_differences(truth, ours)
    assert different.is_empty(), f"{different.height} cells\n{different.head(10)}"


def test_every_published_metric_is_in_the_truth(published_home: Path) -> None:
    layer = MetricLayer.open(current_snapshot(published_home / "serving").file)
    try:
        assert set(layer.registry()) == set(read_truth(published_home)["metric"])
        assert layer.definitions == DEFINITIONS
    finally:
        layer.close()


@pytest.mark.parametrize("column", ["numerator", "denominator"])
def test_a_single_figure_that_differs_is_found(published_home: Path, column: str) -> None:
    truth = read_truth(published_home)
    n = truth.with_row_index().filter(pl.col(column) > 0)["index"][17]
    planted = truth.with_row_index().with_columns(
        pl.when(pl.col("index") == n)
        .then(pl.col(column) + 1)
        .otherwise(pl.col(column))
        .alias(column)
    )
    assert find_differences(planted.drop("index"), truth).height == 1


def test_a_single_row_that_only_one_side_has_is_found(published_home: Path) -> None:
    truth = read_truth(published_home).filter(pl.col("numerator") > 0)
    assert find_differences(truth.slice(1), truth).height == 1
    assert find_differences(truth, truth.slice(1)).height == 1
