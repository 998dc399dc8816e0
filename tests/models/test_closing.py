"""Closing a period: a signed form stays as it is, whatever the data says later."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.serving.publish import publish
from pipelines.serving.snapshot import current_snapshot
from pipelines.warehouse.tables import connect_reader, connect_writer
from tests.conftest import RunMotcua

SIGNED_AT = datetime(2026, 7, 1, 8, 30)
BY = ("--by", "Chánh Văn phòng UBND tỉnh")
FORM = ("form", "ii06a", "--period", "2025Q1", "--format", "json")
RunDbt = Callable[..., subprocess.CompletedProcess[str]]

# a dossier of the quarter that its shop tells of only now
LATE = """
insert into log.dossier_version by name
select * replace (dossier_code || '9' as dossier_code)
from log.dossier_version
where received_at between '2025-02-01' and '2025-02-28' and finished_at < '2025-03-15'
    and status_code = '10'
order by dossier_code limit 1
"""


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small home, to sign in."""
    copy = tmp_path_factory.mktemp("closing")
    for part in ("warehouse", "serving"):
        shutil.copytree(published_home / part, copy / part)
    return copy


@pytest.fixture(scope="module")
def motcua(home: Path, run_motcua: RunMotcua) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line on the copy, at the moment of signing plus some minutes."""

    def run(*args: str, minutes: int = 0) -> subprocess.CompletedProcess[str]:
        at = SIGNED_AT + timedelta(minutes=minutes)
        return run_motcua(home, *args, env={"MOTCUA_NOW": at.isoformat()})

    return run


def read_log(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        return connection.sql(sql).fetchall()
    finally:
        connection.close()


def publish_late_dossier(home: Path, run_dbt: RunDbt) -> None:
    """Tell of one more dossier, build the models and publish."""
    warehouse_file = home / "warehouse" / "motcua.duckdb"
    connection = connect_writer(warehouse_file)
    connection.execute(LATE)
    connection.close()
    done = run_dbt(warehouse_file, "run")
    assert done.returncode == 0, done.stdout[-3000:]
    publish(
        warehouse_file,
        home / "serving",
        manifest=warehouse_file.parent / "target" / "semantic_manifest.json",
        run_id="later000",
        published_at=SIGNED_AT + timedelta(days=1),
        keep=5,
    )


def test_a_signed_form_keeps_its_figures_until_it_is_corrected(
    home: Path, motcua: Callable[..., subprocess.CompletedProcess[str]], run_dbt: RunDbt
) -> None:
    draft = json.loads(motcua(*FORM).stdout)
    assert draft["state"] == "draft"
    done = motcua("period", "sign", "2025Q1", *BY, "--note", "Báo cáo quý I")
    assert done.returncode == 0, done.stderr

    signed = json.loads(motcua(*FORM).stdout)
    assert (signed["state"], signed["changed_cells"]) == ("signed", 0)
    assert signed["blocks"] == draft["blocks"]
    (act,) = signed["closings"]
    assert (act["by"], act["at"]) == (BY[1], SIGNED_AT.isoformat())
    assert act["snapshot"] == draft["snapshot"]

    publish_late_dossier(home, run_dbt)
    kept = json.loads(motcua(*FORM).stdout)
    assert kept["blocks"] == draft["blocks"]
    assert (kept["state"], kept["snapshot"]) == ("signed", draft["snapshot"])
    today = json.loads(motcua(*FORM, "--current").stdout)
    assert today["state"] == "current"
    # received in all and by channel, resolved in all and in its class, one more of each
    assert today["changed_cells"] == kept["changed_cells"] == 4
    assert sum_of(today, "received_total") == sum_of(draft, "received_total") + 1

    done = motcua("period", "correct", "2025Q1", *BY, "--reason", "Hồ sơ đến muộn", minutes=5)
    assert done.returncode == 0, done.stderr
    corrected = json.loads(motcua(*FORM).stdout)
    assert (corrected["state"], corrected["changed_cells"]) == ("corrected", 0)
    assert corrected["blocks"] == today["blocks"]
    assert [a["state"] for a in corrected["closings"]] == ["signed", "corrected"]
    assert sum_kept(home, "signed") == sum_of(draft, "received_total")
    assert sum_kept(home, "corrected") == sum_of(today, "received_total")

    listed = json.loads(motcua("period", "list", "--format", "json").stdout)["rows"]
    assert [(row["state_n"], row["state"]) for row in listed] == [(1, "signed"), (2, "corrected")]
    status = json.loads(motcua("period", "status", "2025Q1", "--format", "json").stdout)
    assert (status["state"], len(status["rows"])) == ("corrected", 2)


def sum_of(answer: dict[str, list[dict[str, list[dict[str, int]]]]], column: str) -> int:
    return sum(block["rows"][0][column] for block in answer["blocks"])


def sum_kept(home: Path, state: str) -> int:
    rows = read_log(
        home,
        "select sum(numerator) from log.published_figure"
        f" where form = 'ii06a' and state = '{state}' and metric = 'received_total'",
    )
    return int(str(rows[0][0]))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sign", "2025Q1", *BY), "it can only be corrected"),
        (("correct", "2025Q2", *BY, "--reason", "muộn"), "there is nothing to correct"),
        (("sign", "2026Q3", *BY), "the data says nothing of it"),
        (("sign", "2026", *BY), "it has not ended yet"),
        (("sign", "2025-04-01..2025-04-30", *BY), "are closed alone"),
        (("sign", "2025Q1", "--unit", "00691@2025-07-01", *BY), "the unit began on 2025-07-01"),
        (("sign", "2025Q2", "--by", " "), "must have 1 to 80 characters"),
        (("sign", "2025Q2", "--by", "x" * 81), "must have 1 to 80 characters"),
        (("sign", "2025Q2", "--by", "Văn phòng 0" + "912 345 678"), "number or address"),
        (("sign", "2025Q2", "--by", "0021" + "99000001"), "number or address"),
        (("sign", "2025Q2", "--by", "office" + "@example.org"), "number or address"),
        (("sign", "2025Q2", *BY, "--note", "gọi +84" + "912345678"), "number or address"),
    ],
)
def test_what_may_not_be_signed_is_refused_in_one_line_and_leaves_nothing(
    home: Path,
    motcua: Callable[..., subprocess.CompletedProcess[str]],
    args: tuple[str, ...],
    said: str,
) -> None:
    before = read_log(home, "select * from log.period_state order by all")
    version = current_snapshot(home / "serving").version
    done = motcua("period", *args)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not any(word in done.stderr for word in args if "@example" in word or "912" in word)
    assert read_log(home, "select * from log.period_state order by all") == before
    assert current_snapshot(home / "serving").version == version


def test_signing_changes_nothing_else_in_the_snapshot(
    home: Path, motcua: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = hash_snapshot(current_snapshot(home / "serving").file)
    done = motcua("period", "sign", "2025Q3", "--unit", "024", *BY, minutes=10)
    assert done.returncode == 0, done.stderr
    after = hash_snapshot(current_snapshot(home / "serving").file)
    assert after.keys() == before.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"meta", "srv_period_state", "srv_signed_figure"}
    assert not list((home / "serving").glob(".motcua-*"))


def hash_snapshot(file: Path) -> dict[str, int]:
    """Table → a hash of its rows."""
    with duckdb.connect(str(file), read_only=True) as db:
        names = [name for (name,) in db.sql("select table_name from duckdb_tables()").fetchall()]
        return {name: hash_rows(db.sql(f"select * from {name}").pl()) for name in names}


def hash_rows(rows: pl.DataFrame) -> int:
    return sum(rows.hash_rows().to_list())


def test_a_home_from_before_periods_were_closed_is_told_to_run(
    home: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    for part in ("warehouse", "serving"):
        shutil.copytree(home / part, tmp_path / part)
    connection = connect_writer(tmp_path / "warehouse" / "motcua.duckdb")
    connection.execute("drop view main.srv_period_state; drop view main.srv_signed_figure")
    connection.close()
    done = run_motcua(tmp_path, "period", "sign", "2025Q2", *BY)
    assert done.returncode == 1
    assert "run `motcua run` first" in done.stderr
    assert read_log(tmp_path, "select * from log.period_state where period = '2025Q2'") == []


def test_columns_of_forms_are_added_to_an_older_warehouse(tmp_path: Path) -> None:
    file = tmp_path / "motcua.duckdb"
    connection = connect_writer(file)
    connection.execute(
        "alter table log.published_figure drop column form;"
        "alter table log.published_figure drop column level;"
        "drop table log.period_state;"
        "drop table log.schema_version"
    )
    connection.close()
    connection = connect_writer(file)
    names = {str(row[0]) for row in connection.execute("describe log.published_figure").fetchall()}
    states = connection.execute("select count(*) from log.period_state").fetchall()
    connection.close()
    assert {"form", "level", "field_code", "state"} <= names
    assert states == [(0,)]
