"""What the metric layer refuses, and how it says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricQueryError, SnapshotError
from pipelines.serving.metrics.snapshot import SealedSnapshot

RECEIVED = ("received",)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (MetricQuery(()), "no metric asked; choose from .*received"),
        (MetricQuery(("speed",)), "unknown metric 'speed'; nearest of the .* known: "),
        (MetricQuery(("classified",)), "unknown metric 'classified'"),
        (MetricQuery(RECEIVED, by=("colour",)), "unknown group 'colour'; choose from unit, level"),
        (MetricQuery(RECEIVED, by=("unit", "unit")), "named twice"),
        (MetricQuery(RECEIVED, by=("day", "month")), "at most one grain"),
        (MetricQuery(RECEIVED, units=("99999",)), "unknown unit '99999'; choose from .*00691"),
        (MetricQuery(RECEIVED, level="ward"), "unknown level 'ward'; choose from area, commune"),
        (MetricQuery(RECEIVED, units=("02",), level="commune"), "no unit of level commune"),
        (
            MetricQuery(RECEIVED, definition="mine"),
            "definition 'mine'; choose from ii06a, ii06a_vendor",
        ),
        (MetricQuery(RECEIVED, channels=("4",)), "unknown channel '4'; choose from 1, 2, 3"),
        (MetricQuery(RECEIVED, fields=("G99",)), "unknown field 'G99'"),
        (MetricQuery(RECEIVED, procedures=("9",)), "unknown procedure '9'"),
        (
            MetricQuery(RECEIVED, date_from=date(2025, 2, 1), date_to=date(2025, 1, 1)),
            "ends on 2025-01-01, before 2025-02-01",
        ),
    ],
)
def test_a_bad_question_is_refused_with_one_sentence(
    layer: MetricLayer, query: MetricQuery, message: str
) -> None:
    with pytest.raises(MetricQueryError, match=message) as refused:
        layer.query(query)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    ["02'; drop table dim_unit; --", "02') or true --", "getvariable('mc_level')", "' or ''='"],
)
def test_sql_in_a_value_is_refused_as_an_unknown_value(layer: MetricLayer, value: str) -> None:
    for query in (
        MetricQuery(RECEIVED, units=(value,)),
        MetricQuery(RECEIVED, level=value),
        MetricQuery(RECEIVED, fields=(value,)),
        MetricQuery(RECEIVED, procedures=(value,)),
        MetricQuery(RECEIVED, channels=(value,)),
        MetricQuery(RECEIVED, definition=value),
        MetricQuery(RECEIVED, by=(value,)),
        MetricQuery((value,)),
    ):
        with pytest.raises(MetricQueryError, match="unknown"):
            layer.query(query)


def test_too_many_groups_are_refused(layer: MetricLayer) -> None:
    huge = MetricQuery(
        RECEIVED, by=("unit", "day", "procedure", "channel"), date_from=date(1, 1, 1)
    )
    with pytest.raises(MetricQueryError, match="more than 2,000,000 groups"):
        layer.query(huge)


def test_the_snapshot_is_sealed(snapshot_file: Path) -> None:
    sealed = SealedSnapshot(snapshot_file)
    with pytest.raises(duckdb.Error, match="disabled by configuration"):
        sealed.run("select * from read_text('/etc/hostname')")
    with pytest.raises(duckdb.Error):
        sealed.run("drop table motcua.dim_unit")
    with pytest.raises(duckdb.Error, match="locked"):
        sealed.run("set enable_external_access = true")
    sealed.close()


def test_values_of_one_question_do_not_reach_the_next(snapshot_file: Path) -> None:
    sealed = SealedSnapshot(snapshot_file)
    assert sealed.run("select getvariable('mc_key') as k", {"mc_key": "x"})["k"].to_list() == ["x"]
    assert sealed.run("select getvariable('mc_key') as k")["k"].to_list() == [None]
    sealed.close()


def test_a_file_that_is_no_snapshot_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.duckdb"
    text.write_text("not a database")
    with pytest.raises(SnapshotError, match=r"notes\.duckdb is not a readable snapshot"):
        MetricLayer.open(text)
    with pytest.raises(SnapshotError, match="not a readable snapshot"):
        MetricLayer.open(tmp_path / "absent.duckdb")
    bare = tmp_path / "bare.duckdb"
    duckdb.connect(str(bare)).close()
    with pytest.raises(SnapshotError, match=r"bare\.duckdb is no snapshot"):
        MetricLayer.open(bare)
