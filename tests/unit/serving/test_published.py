"""Published figures: every one is mapped or declared, and compared only where that is fair."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.published import (
    ComparedFigure,
    PublishedFigure,
    compare_figure,
    read_published,
)
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT, settings

REFERENCE = settings().reference_dir
SHARED = PROJECT_ROOT.parent / "shared" / "reference" / "published_figures.csv"
UNVERIFIED = re.compile(r"(?<!\d)(?<!\d[.,])(?:8[.,]25|0[.,]0825)(?!\d)")
FIGURE = PublishedFigure(
    position=1,
    topic="digital",
    figure="digitization_rate",
    scope="province",
    as_of_on=date(2025, 6, 14),
    label_vi="Số hóa",
    label_en="Digitization",
    unit="percent",
    published_value=0.9196,
    rounded_to_value=0.0001,
    source="Báo Hà Giang",
    basis="metric",
    metric="digitization_rate",
    definition=None,
    level=None,
    first_on=date(2025, 1, 1),
    last_on=date(2025, 6, 14),
    comparison="equal",
    note_vi=None,
    note_en=None,
)


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def answering(numerator: int | None, denominator: int | None) -> Callable[..., pl.DataFrame]:
    """A metric layer that gives one answer to every question."""
    share = denominator is not None
    value = (numerator or 0) / denominator if denominator else None if share else numerator
    row = {"numerator": numerator, "denominator": denominator, "value": value}
    return lambda _query: pl.DataFrame([row])


def compare(figure: PublishedFigure, ask: Callable[[MetricQuery], pl.DataFrame]) -> ComparedFigure:
    return compare_figure(
        figure,
        ask=ask,
        count_shops=lambda _day: 201,
        data_from=date(2021, 1, 1),
        data_to=date(2026, 6, 30),
    )


def test_every_published_figure_is_mapped_or_declared_not_computed() -> None:
    keys = ("as_of", "figure", "scope")
    published = [tuple(row[k] for k in keys) for row in read("published_figures.csv")]
    meant = [tuple(row[k] for k in keys) for row in read("published_metrics.csv")]
    assert len(set(published)) == len(published)
    assert set(meant) == set(published)


def test_what_is_mapped_is_registered_and_what_is_not_computed_cannot_be(
    published_home: Path,
) -> None:
    layer = MetricLayer.open(current_snapshot(published_home / "serving").file)
    registered = layer.registry()
    layer.close()
    for row in read("published_metrics.csv"):
        if row["basis"] == "metric":
            assert row["metric"] in registered, row
            needs = registered[row["metric"]].has_definition
            assert bool(row["definition"]) == needs, row
        elif row["basis"] == "not_computed":
            # a metric that has come to be must be mapped, not left aside
            assert row["figure"] not in registered, row


def test_the_source_of_each_figure_is_the_one_its_list_names() -> None:
    named, last = {}, ""
    for row in read("published_figures.csv"):
        last = last if row["source"].startswith("same") else row["source"]
        named[row["as_of"], row["figure"], row["scope"]] = last
    for row in read("published_metrics.csv"):
        told = named[row["as_of"], row["figure"], row["scope"]]
        assert row["source"].replace(",", "") == told.replace(",", ""), row


@pytest.mark.skipif(not SHARED.exists(), reason="the list as handed over is not beside this")
def test_the_list_is_the_one_handed_over() -> None:
    ours = (REFERENCE / "published_figures.csv").read_text(encoding="utf-8")
    assert ours == SHARED.read_text(encoding="utf-8")


def find_unverified(root: Path) -> list[str]:
    folders = ("data/reference", "data/dialects", "models", "dashboard", "pipelines", "docs")
    return [
        path.relative_to(root).as_posix()
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
        and path.suffix in (".py", ".sql", ".yml", ".csv", ".po", ".css", ".md")
        and "target" not in path.parts
        and UNVERIFIED.search(path.read_text(encoding="utf-8"))
    ]


def test_the_unverified_share_stands_in_one_file_of_the_product() -> None:
    assert find_unverified(PROJECT_ROOT) == ["data/reference/published_figures.csv"]


@pytest.mark.parametrize("text", ["early_rate: 8.25", "8,25 %", "target = 0.0825"])
def test_an_unverified_share_planted_elsewhere_is_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.sql").write_text(text)
    assert find_unverified(tmp_path) == ["models/x.sql"]


@pytest.mark.parametrize("text", ["98.25", "8.257", "18,25"])
def test_other_numbers_are_not_taken_for_it(text: str) -> None:
    assert not UNVERIFIED.search(text)


def test_the_unverified_figure_has_no_value_no_difference_and_no_verdict(
    published_home: Path,
) -> None:
    snapshot = SealedSnapshot(current_snapshot(published_home / "serving").file)
    (figure,) = (f for f in read_published(snapshot) if f.basis == "unverified")
    snapshot.close()
    assert figure.metric is None

    def refuse(_query: MetricQuery) -> pl.DataFrame:
        raise AssertionError("the metric layer was asked")

    compared = compare(figure, refuse)
    assert (compared.value, compared.difference, compared.verdict) == (None, None, "none")


@pytest.mark.parametrize(
    ("numerator", "denominator", "verdict", "reason"),
    [
        (9_196, 10_000, "agrees", ""),
        (9_195, 10_000, "differs", ""),
        (91_958, 100_000, "agrees", ""),  # 91.958 % is published as 91.96 %
        (46, 50, "agrees", ""),  # no whole number of 50 comes nearer
        (45, 50, "differs", ""),
        (27, 29, "none", "few"),
        (0, 0, "none", "nothing"),
    ],
)
def test_a_share_agrees_to_its_last_place_or_to_half_a_dossier(
    numerator: int, denominator: int, verdict: str, reason: str
) -> None:
    compared = compare(FIGURE, answering(numerator, denominator))
    assert (compared.verdict, compared.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("numerator", "verdict"), [(98, "inside"), (100, "inside"), (97, "outside")]
)
def test_a_published_minimum_has_an_inside_and_an_outside(numerator: int, verdict: str) -> None:
    figure = replace(FIGURE, published_value=0.98, comparison="at_least")
    assert compare(figure, answering(numerator, 100)).verdict == verdict


@pytest.mark.parametrize(
    ("count", "verdict"), [(1_100_000, "agrees"), (1_060_000, "agrees"), (1_040_000, "differs")]
)
def test_a_round_count_agrees_within_its_rounding(count: int, verdict: str) -> None:
    figure = replace(
        FIGURE, unit="count", metric="received", published_value=1.1e6, rounded_to_value=1e5
    )
    compared = compare(figure, answering(count, None))
    assert (compared.verdict, compared.difference) == (verdict, count - 1_100_000)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2020, 12, 1), date(2025, 6, 14)), (date(2025, 1, 1), date(2026, 7, 1))],
)
def test_a_period_the_data_does_not_cover_is_not_compared(first: date, last: date) -> None:
    figure = replace(FIGURE, first_on=first, last_on=last)
    assert compare(figure, answering(1, 1)).reason == "period_incomplete"


def test_figures_of_the_snapshot_are_those_of_the_metric_layer(published_home: Path) -> None:
    file = current_snapshot(published_home / "serving").file
    snapshot, layer = SealedSnapshot(file), MetricLayer.open(file)
    compared = [compare(figure, layer.query) for figure in read_published(snapshot)]
    snapshot.close()
    layer.close()
    by_basis = {b: [c for c in compared if c.published.basis == b] for b in ("metric", "network")}
    assert len(by_basis["metric"]) == 14
    assert all(c.numerator is not None for c in by_basis["metric"])
    centre = [c for c in compared if c.published.scope == "provincial centre" and c.numerator]
    assert {c.denominator for c in centre if c.published.basis == "metric"} == {
        centre[0].denominator
    }
    partition = [c for c in compared if c.published.position in (1, 2, 3)]
    assert sum(c.published.published_value for c in partition) == pytest.approx(1)


def test_a_snapshot_from_before_has_no_published_figures(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "old.duckdb")) as db:
        db.execute("create table meta (key varchar, value varchar)")
    snapshot = SealedSnapshot(tmp_path / "old.duckdb")
    assert read_published(snapshot) == ()
    snapshot.close()
