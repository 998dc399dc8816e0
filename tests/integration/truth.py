"""The truth that the simulator kept of its own flags, beside what the metric layer answers."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.network.units import shops_on
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.published import ComparedFigure, compare_figure, read_published
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import settings
from tests.conftest import RunMotcua

KEY = ["metric", "definition", "unit_code", "unit_valid_from", "month"]
DEFINITIONS = ("ii06a", "ii06a_vendor", "half_day", "instant", "d766")
NOT_IN_TRUTH = ("compared", "due_later_than_term_rate")
"""Figures the simulator does not count: pairs of two classes that it counts each, and a due date
computed by the clock, which has a reference of its own (tests/models)."""


def read_document(home: Path) -> dict[str, list[dict[str, object]]]:
    """What the simulator wrote of its province."""
    return json.loads((home / "simulated" / "truth.json").read_text(encoding="utf-8"))


def read_truth(home: Path, part: str = "rows") -> pl.DataFrame:
    """The simulator's counts: KEY, numerator, denominator; rows of nothing but 0 are absent."""
    return in_form(pl.DataFrame(read_document(home)[part], infer_schema_length=None))


def read_recoverable(home: Path) -> pl.DataFrame:
    """The same less what truth says that the traps took for good."""
    clean, lost = read_truth(home), read_truth(home, "lost")
    both = clean.join(lost, on=KEY, how="full", nulls_equal=True, coalesce=True, suffix="_lost")
    return both.select(
        *KEY,
        pl.col("numerator").fill_null(0) - pl.col("numerator_lost").fill_null(0),
        pl.when(pl.coalesce("denominator", "denominator_lost").is_not_null()).then(
            pl.col("denominator").fill_null(0) - pl.col("denominator_lost").fill_null(0)
        ),
    )


def ask_layer(home: Path) -> pl.DataFrame:
    """All metrics by unit and month under every definition, through the metric layer."""
    layer = MetricLayer.open(current_snapshot(home / "serving").file)
    try:
        specs = {name: layer.registry()[name] for name in counted_metrics(layer)}
        classes = tuple(name for name, spec in specs.items() if spec.has_definition)
        others = tuple(name for name, spec in specs.items() if not spec.has_definition)
        queries = [MetricQuery(others, by=("unit", "month"))]
        queries += [MetricQuery(classes, by=("unit", "month"), definition=d) for d in DEFINITIONS]
        return in_form(pl.concat(layer.query(query) for query in queries))
    finally:
        layer.close()


def counted_metrics(layer: MetricLayer) -> list[str]:
    """The metrics that the simulator counts too; quantiles are no counts."""
    return [
        name
        for name, spec in layer.registry().items()
        if name not in NOT_IN_TRUTH and spec.function is None
    ]


def in_form(rows: pl.DataFrame) -> pl.DataFrame:
    """Keys as text, counts as whole numbers."""
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


def compare_published(home: Path) -> list[ComparedFigure]:
    """What the province published beside what the metric layer answers."""
    file = current_snapshot(home / "serving").file
    snapshot = SealedSnapshot(file)
    try:
        figures = read_published(snapshot)
    finally:
        snapshot.close()
    layer = MetricLayer.open(file)
    try:
        return [
            compare_figure(
                figure,
                ask=layer.query,
                count_shops=lambda day: shops_on(day, settings().reference_dir).height,
                data_from=date(2021, 1, 1),
                data_to=date(2026, 6, 30),
            )
            for figure in figures
        ]
    finally:
        layer.close()
