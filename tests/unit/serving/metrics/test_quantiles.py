"""Quantiles of processing time against a direct computation over the same dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricQueryError
from pipelines.serving.snapshot import current_snapshot

MEDIAN, P90 = "processing_days_median", "processing_days_p90"


@pytest.fixture(scope="module")
def file(published_home: Path) -> Path:
    return current_snapshot(published_home / "serving").file


@pytest.fixture(scope="module")
def layer(file: Path) -> Iterator[MetricLayer]:
    opened = MetricLayer.open(file)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def dossiers(file: Path) -> pl.DataFrame:
    """Resolved dossiers with their working days, read past the metric layer."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.sql(
            """select unit_code, unit_valid_from, level, channel, field_code,
                finished_at::date as finished_on, working_minutes / full_day_minutes as days
            from fct_dossier where state = 'resolved' and working_minutes is not null"""
        ).pl()


def test_a_full_day_of_work_is_one_day(dossiers: pl.DataFrame, file: Path) -> None:
    with duckdb.connect(str(file), read_only=True) as connection:
        minutes = connection.sql(
            "select distinct full_day_minutes from fct_dossier where is_accepted"
        ).fetchall()
    assert minutes == [(480,)]
    assert dossiers.height > 3000


@pytest.mark.parametrize(("metric", "quantile"), [(MEDIAN, 0.5), (P90, 0.9)])
@pytest.mark.parametrize("group", ["level", "channel", "field"])
def test_a_quantile_of_a_group_is_that_of_its_dossiers(
    layer: MetricLayer, dossiers: pl.DataFrame, metric: str, quantile: float, group: str
) -> None:
    first, last = date(2024, 1, 1), date(2025, 6, 30)
    column = {"field": "field_code"}.get(group, group)
    answer = layer.query(MetricQuery((metric,), by=(group,), date_from=first, date_to=last))
    expected = (
        dossiers.filter(pl.col("finished_on").is_between(first, last))
        .group_by(column)
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("days").quantile(quantile, interpolation="linear").alias("v"),
        )
    )
    both = answer.join(expected, on=column, how="full", coalesce=True)
    assert both["denominator"].to_list() == both["n"].fill_null(0).to_list()
    assert both["value"].to_list() == pytest.approx(both["v"].to_list())
    assert both["numerator"].null_count() == both.height
    assert both["definition"].null_count() == both.height


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_quantiles_stand_in_the_cells_of_counts(layer: MetricLayer, grain: str) -> None:
    asked = MetricQuery(
        ("resolved", MEDIAN), by=("unit", grain), units=("030",),
        date_from=date(2024, 1, 1), date_to=date(2024, 12, 31),
    )  # fmt: skip
    answer = layer.query(asked)
    counts, medians = (answer.filter(metric=name) for name in ("resolved", MEDIAN))
    keys = ["unit_code", "unit_valid_from", grain]
    assert medians.select(keys).equals(counts.select(keys))
    assert medians["denominator"].to_list() == counts["numerator"].to_list()
    over_nothing = medians.filter(pl.col("denominator") == 0)
    assert over_nothing["value"].null_count() == over_nothing.height


def test_a_quantile_over_nothing_is_empty(layer: MetricLayer) -> None:
    day = date(2024, 6, 2)  # a Sunday
    quiet = MetricQuery((MEDIAN,), units=("030",), date_from=day, date_to=day)
    row = layer.query(quiet).row(0, named=True)
    assert (row["numerator"], row["denominator"], row["value"]) == (None, 0, None)


def test_an_ended_unit_has_its_reason(layer: MetricLayer) -> None:
    ended = MetricQuery((MEDIAN,), by=("unit",), units=("024",), date_from=date(2026, 1, 1))
    row = layer.query(ended).row(0, named=True)
    assert (row["denominator"], row["value"], row["status"]) == (None, None, "unit_ended")


def test_filters_reach_the_dossiers(layer: MetricLayer, dossiers: pl.DataFrame) -> None:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    asked = MetricQuery(
        (MEDIAN,), level="commune", channels=("2",), date_from=year[0], date_to=year[1]
    )
    row = layer.query(asked).row(0, named=True)
    kept = dossiers.filter(
        (pl.col("level") == "commune")
        & (pl.col("channel") == "2")
        & pl.col("finished_on").is_between(*year)
    )
    assert row["denominator"] == kept.height > 0
    assert row["value"] == pytest.approx(kept["days"].median())


def test_the_score_is_named_with_its_command(layer: MetricLayer) -> None:
    with pytest.raises(MetricQueryError, match="score766 is answered by `motcua score766`"):
        layer.query(MetricQuery(("score766",)))
    assert "score766" not in layer.registry()
