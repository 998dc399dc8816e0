"""Both readings of the small home: the same totals in every month, across every change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot

UNIT = ["unit_code", "unit_valid_from"]
DIRECT = """
select unit.unit_code, unit.unit_valid_from,
    count(*) filter (is_accepted) as received,
    count(*) filter (class_ii06a = 'late') as late,
    count(*) filter (is_accepted and has_digitized_component) as digitized,
    count(*) filter (is_accepted and closed_at is null) as open
from fct_dossier as dossier join dim_unit as unit on dossier.today_unit_key = unit.unit_key
group by all order by all
"""


@pytest.fixture(scope="module")
def file(published_home: Path) -> Path:
    return current_snapshot(published_home / "serving").file


@pytest.fixture(scope="module")
def layer(file: Path) -> Iterator[MetricLayer]:
    with closing(MetricLayer.open(file)) as opened:
        yield opened


@pytest.fixture(scope="module")
def snapshot(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_every_dossier_has_one_unit_of_today(snapshot: duckdb.DuckDBPyConnection) -> None:
    rows = snapshot.sql(
        """select dossier.level, today.level, today.unit_code, count(*), bool_and(
            today.unit_valid_to is null)
        from fct_dossier as dossier
        left join dim_unit as today on dossier.today_unit_key = today.unit_key
        group by all"""
    ).fetchall()
    assert sum(row[3] for row in rows) == 4_000
    assert {row[4] for row in rows} == {True}
    assert {row[:2] for row in rows} == {
        ("commune", "commune"), ("district", "area"),
        ("province", "area"), ("province", "province"),
    }  # fmt: skip
    assert {row[2] for row in rows if row[0] == "province"} == {"area-02", "08"}


@pytest.mark.parametrize("definition", ["ii06a", "ii06a_vendor", "half_day", "instant", "d766"])
def test_every_metric_has_the_same_totals_by_month_and_level(
    layer: MetricLayer, definition: str
) -> None:
    specs = layer.registry()
    asked = tuple(
        name
        for name, spec in specs.items()
        if (spec.has_definition or definition == "ii06a")
        and not spec.groups
        and spec.quantile is None
        and definition not in spec.not_in
    )
    assert len(asked) > (30 if definition == "ii06a" else 3)

    def total(boundaries: str) -> pl.DataFrame:
        answer = layer.query(
            MetricQuery(
                asked, by=("unit", "level", "month"), definition=definition,
                boundaries=boundaries,  # pyright: ignore[reportArgumentType]
            )
        )  # fmt: skip
        parts = pl.col("numerator", "denominator").fill_null(0)
        return (
            answer.with_columns(parts)
            .group_by("metric", "level", "month")
            .agg(pl.col("numerator", "denominator").sum())
            .filter(pl.any_horizontal(pl.col("numerator", "denominator") != 0))
            .sort("metric", "level", "month")
        )

    was, today = total("as_was"), total("today")
    assert was.height > 500
    assert was.equals(today)


@pytest.mark.parametrize("metric", ["processing_days_median", "processing_days_p90"])
def test_a_quantile_of_a_unit_is_that_of_its_dossiers(
    layer: MetricLayer, snapshot: duckdb.DuckDBPyConnection, metric: str
) -> None:
    quantile = layer.registry()[metric].quantile
    expected = snapshot.sql(
        f"""select unit.unit_code, unit.unit_valid_from, count(*)::bigint as denominator,
            quantile_cont(working_minutes / full_day_minutes, {quantile}) as value
        from fct_dossier as dossier join dim_unit as unit
            on dossier.today_unit_key = unit.unit_key
        where state = 'resolved' and working_minutes is not null
            and finished_at::date between '2024-01-01' and '2025-12-31'
        group by all order by all"""
    ).pl()
    answer = layer.query(
        MetricQuery(
            (metric,), by=("unit",), boundaries="today",
            date_from=date(2024, 1, 1), date_to=date(2025, 12, 31),
        )
    )  # fmt: skip
    found = answer.filter(pl.col("denominator") > 0).select(*UNIT, "denominator", "value")
    assert found.select(*UNIT, "denominator").equals(expected.select(*UNIT, "denominator"))
    assert found["value"].to_list() == pytest.approx(expected["value"].to_list())


def test_the_command_line_tells_the_figures_of_the_dossiers_and_the_reading(
    published_home: Path, snapshot: duckdb.DuckDBPyConnection
) -> None:
    command = [
        "metrics", "--boundaries", "today", "--by", "unit", "--format", "json",
        "--metric", "received", "--metric", "late", "--metric", "digitized", "--metric", "open",
    ]  # fmt: skip
    done = CliRunner().invoke(app, command, env={"MOTCUA_HOME": str(published_home)})
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    communes = snapshot.sql(
        "select count(*) from dim_unit where level = 'commune' and unit_valid_to is null"
    ).fetchall()[0][0]
    assert answer["boundaries"] == "today"
    assert answer["boundaries_from"] == "2025-07-01"
    assert answer["are_boundaries_planned"] is False
    assert answer["ground_vi"] == f"địa bàn Hà Giang cũ ({communes} xã, phường)"
    rows = pl.DataFrame(answer["rows"]).pivot("metric", index=UNIT, values="numerator")
    told = rows.with_columns(pl.col("unit_valid_from").str.to_date())
    both = told.join(snapshot.sql(DIRECT).pl(), on=UNIT, how="left", suffix="_direct")
    assert told.height == communes + 13  # the areas of eleven districts and the province, and 08
    for name in ("received", "late", "digitized", "open"):
        assert both[name].to_list() == both[f"{name}_direct"].fill_null(0).to_list()
