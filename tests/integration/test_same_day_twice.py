"""A day loaded twice, and a log built anew from landing, give equal tables."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pipelines.warehouse.tables import connect_reader, connect_writer, content_hash
from tests.conftest import SMALL_HOME_NOW, RunMotcua
from tests.tables import hash_tables

SAID = "log.published_figure"
LOG = ("dossier_version", "progress", "quarantine")
ENV = {"MOTCUA_NOW": SMALL_HOME_NOW}


# what every pull brought: a second pull is one more pull
PULLS = ("log.outcome",)


def hash_home(home: Path) -> dict[str, str]:
    """Every table of the warehouse but `log.outcome`, with the fingerprint of its rows."""
    hashes = hash_tables(home / "warehouse" / "motcua.duckdb")
    return {name: value for name, value in hashes.items() if name not in PULLS}


def count_outcomes(home: Path) -> tuple[int, int, int]:
    """Pulls, accepted and unchanged records."""
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        row = connection.execute(
            "select count(*), sum(accepted), sum(unchanged) from log.outcome"
        ).fetchone()
        assert row is not None
        return row
    finally:
        connection.close()


@pytest.fixture(scope="module")
def loaded_twice(
    published_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    run_motcua: RunMotcua,
    serving: Callable[[list[str], int], AbstractContextManager[None]],
    find_port: Callable[[], int],
) -> Path:
    """The small home after the same province was pulled a second time, whole, on the same day."""
    home = tmp_path_factory.mktemp("loaded-twice")
    for part in ("landing", "warehouse", "serving"):
        shutil.copytree(published_home / part, home / part)
    province, port = home / "province", find_port()
    options = ["--out", str(province), "--dossiers", "4000", "--seed", "11"]
    command = [sys.executable, "-m", "pipelines.cli", "simulate", *options, "--serve", str(port)]
    with serving(command, port):
        done = run_motcua(
            home, "run", "--sources", str(province / "sources.yml"), "--from", "2021-01-01",
            env=ENV,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home


def test_the_same_day_twice_changes_no_table_but_the_outcomes(
    published_home: Path, loaded_twice: Path
) -> None:
    before, after = hash_home(published_home), hash_home(loaded_twice)
    assert len(before) > 20
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_second_time_every_record_is_known(published_home: Path, loaded_twice: Path) -> None:
    pulls, accepted, unchanged = count_outcomes(published_home)
    pulls_twice, accepted_twice, unchanged_twice = count_outcomes(loaded_twice)
    assert (pulls_twice, accepted_twice) == (2 * pulls, accepted)
    assert unchanged_twice == accepted + 2 * unchanged


def test_a_warehouse_built_anew_from_landing_equals_the_one_deleted(
    published_home: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    shutil.copytree(published_home / "landing", tmp_path / "landing")
    sources = {"MOTCUA_SOURCES": str(published_home / "simulated" / "sources.yml")}
    done = run_motcua(tmp_path, "replay", env=ENV | sources)
    assert done.returncode == 0, done.stderr
    before, after = hash_home(published_home), hash_home(tmp_path)
    assert [after[f"log.{name}"] for name in LOG] == [before[f"log.{name}"] for name in LOG]
    assert count_outcomes(tmp_path) == count_outcomes(published_home)
    assert trace_of(tmp_path) == trace_of(published_home)


def trace_of(home: Path) -> list[tuple[object, ...]]:
    """When which version became known: the trace columns that a replay must repeat."""
    connection = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        return connection.execute(
            "select source, dossier_code, content_hash, known_at, pull_id, file, position"
            " from log.dossier_version order by all"
        ).fetchall()
    finally:
        connection.close()


@pytest.mark.long
def test_models_of_a_warehouse_built_anew_equal_those_deleted(
    published_home: Path, loaded_twice: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    shutil.copytree(loaded_twice / "landing", tmp_path / "landing")
    nobody = tmp_path / "sources.yml"
    nobody.write_text("sources: []\n")
    for command in ("replay", "run"):
        done = run_motcua(tmp_path, command, env=ENV)
        assert done.returncode == 0, done.stderr
    before, after = hash_home(loaded_twice), hash_home(tmp_path)
    # what was said before the warehouse was deleted did not land: it cannot be told again
    said_before, said_after = before.pop(SAID), after.pop(SAID)
    assert said_before.split(":")[0] == said_after.split(":")[0]
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set()


def test_a_replay_keeps_what_was_published(
    published_home: Path, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    for part in ("landing", "warehouse"):
        shutil.copytree(published_home / part, tmp_path / part)
    sources = {"MOTCUA_SOURCES": str(published_home / "simulated" / "sources.yml")}
    done = run_motcua(tmp_path, "replay", env=ENV | sources)
    assert done.returncode == 0, done.stderr
    assert hash_home(tmp_path)[SAID] == hash_home(published_home)[SAID]
    assert not list((tmp_path / "warehouse").glob("*.before-replay"))


def test_a_content_hash_sees_one_changed_cell_and_neither_order_nor_trace(tmp_path: Path) -> None:
    connection = connect_writer(tmp_path / "w.duckdb")
    try:
        connection.execute(
            "create table a as select range as n, 'p' || range as pull_id from range(5);"
            "create table b as select range as n, 'q' as pull_id from range(5) order by n desc;"
            "create table c as select case when range = 3 then 9 else range end as n, '' as"
            " pull_id from range(5)"
        )
        a, b, c = (content_hash(connection, name) for name in "abc")
    finally:
        connection.close()
    assert a == b
    assert a != c
