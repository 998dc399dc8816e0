"""A day's increment leaves the marts, and so the snapshot, that a whole build makes of the log."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.defs.manifest import semantic_manifest
from pipelines.serving.publish import publish
from pipelines.serving.snapshot import current_snapshot
from pipelines.warehouse.builds import (
    WORDS,
    Build,
    finish_build,
    forget_build,
    plan_build,
    read_whole,
)
from pipelines.warehouse.tables import connect_writer
from tests.tables import hash_marts

RunDbt = Callable[..., subprocess.CompletedProcess[str]]
RULES = "rules of the test"
# a first load, the day after, and after a year without a pull in which most units ended
ENDS = (datetime(2025, 6, 20), datetime(2025, 6, 21), datetime(2026, 6, 30))
_TIMES = {
    "dossier_version": "coalesce(source_updated_at, latest_event_at)",
    "progress": "step_at",
}


def tell(warehouse_file: Path, log: Path, nth: int) -> None:
    """Add what the systems told up to an end; two rows in a hundred come one or two ends late,
    and nothing comes in order."""
    connection = connect_writer(warehouse_file)
    try:
        connection.execute(f"attach '{log}' as whole (read_only)")
        for table, time in _TIMES.items():
            in_time = f"if({time} < ?, 0, if({time} < ?, 1, 2))"
            late = "if(hash(dossier_code, content_hash) % 100 < 2, hash(content_hash) % 3, 0)"
            connection.execute(
                f"""insert into log.{table} by name select * from whole.log.{table}
                where hash(source, dossier_code) % 3 = 0
                    and greatest({in_time}, {late}) = ? order by random()""",
                [*ENDS[:2], nth],
            )
        connection.execute(
            """insert into log.outcome by name
            select * replace (? as pull_id, ? as window_to, ? as fetched_at)
            from whole.log.outcome where kind = 'rest' limit 1""",
            [f"pull {nth}", ENDS[nth], ENDS[nth]],
        )
    finally:
        connection.close()


def build(warehouse_file: Path, run_dbt: RunDbt, *, is_whole: bool = False) -> Build:
    """Build the marts as the product does, without dbt's tests."""
    planned = plan_build(warehouse_file, RULES, is_whole=is_whole)
    words = list(WORDS[planned.kind])
    if planned.kind == "whole":
        words += ["--exclude-resource-type", "test"]
    done = run_dbt(warehouse_file, *words)
    assert done.returncode == 0, done.stdout[-3000:]
    finish_build(warehouse_file)
    return planned


def publish_at(warehouse_file: Path, serving: Path, moment: datetime) -> Path:
    publish(
        warehouse_file,
        serving,
        manifest=semantic_manifest(),
        run_id="increments",
        published_at=moment,
        keep=5,
    )
    return current_snapshot(serving).file


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory, run_dbt: RunDbt) -> Path:
    """A warehouse built three times: whole, a day later, a year later; published each time."""
    home = tmp_path_factory.mktemp("increments")
    file = home / "motcua.duckdb"
    log = published_home / "warehouse" / "motcua.duckdb"
    builds = []
    for nth, end in enumerate(ENDS):
        tell(file, log, nth)
        builds.append(build(file, run_dbt))
        publish_at(file, home / "serving", end)
    assert [each.kind for each in builds] == ["whole", "increment", "increment"]
    with duckdb.connect() as db:
        db.execute(f"attach '{file}' as motcua (read_only); use motcua")
        assert read_whole(db) == builds[0].id
    return home


@pytest.fixture(scope="module")
def whole(home: Path, run_dbt: RunDbt) -> Path:
    """The same log built whole and published as a first snapshot."""
    other = home / "whole"
    other.mkdir()
    shutil.copy(home / "motcua.duckdb", other / "motcua.duckdb")
    assert build(other / "motcua.duckdb", run_dbt, is_whole=True).kind == "whole"
    publish_at(other / "motcua.duckdb", other / "serving", ENDS[-1])
    return other


def test_increments_leave_the_marts_of_a_whole_build(home: Path, whole: Path) -> None:
    ours = hash_marts(home / "motcua.duckdb")
    theirs = hash_marts(whole / "motcua.duckdb")
    assert len(theirs) > 25
    assert {name for name in theirs if ours.get(name) != theirs[name]} == set()
    assert ours.keys() == theirs.keys()


def test_a_snapshot_brought_up_to_date_is_the_snapshot_of_a_whole_build(
    home: Path, whole: Path
) -> None:
    file = current_snapshot(home / "serving").file
    ours, theirs = hash_marts(file), hash_marts(current_snapshot(whole / "serving").file)
    assert {name for name in theirs if ours.get(name) != theirs[name]} == set()
    assert ours.keys() == theirs.keys()


def test_an_increment_changed_something_and_left_the_rest(home: Path) -> None:
    with duckdb.connect(str(home / "motcua.duckdb"), read_only=True) as db:
        [(dossiers, scope)] = db.sql(
            "select (select count(*) from fct_dossier), (select count(*) from int_dossier_scope)"
        ).fetchall()
        kept = {str(n) for (n,) in db.sql("select name from increment.kept").fetchall()}
    assert 0 < scope < dossiers // 3
    assert {"fct_dossier", "fct_step", "met_deadline", "met_stock", "fct_balance_event"} <= kept


@pytest.mark.parametrize("defect", ["a cell that was not added", "a dossier left as it was"])
def test_a_change_that_is_left_out_would_be_seen(
    home: Path, whole: Path, tmp_path: Path, defect: str
) -> None:
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(home / "motcua.duckdb", copy)
    with duckdb.connect(str(copy)) as db:
        if defect.startswith("a cell"):
            db.execute("update met_stock set open_n = open_n + 1 where rowid = 0")
        else:
            db.execute("update fct_dossier set channel = '3' where rowid = 0 and channel <> '3'")
            db.execute("update fct_dossier set channel = '2' where rowid = 1 and channel <> '2'")
    ours, theirs = hash_marts(copy), hash_marts(whole / "motcua.duckdb")
    assert len({name for name in theirs if ours[name] != theirs[name]}) == 1


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("other rules", None),
        ("a build that died", "update build.state set is_done = false"),
        ("a log that was cut", "delete from log.progress"),
        ("rows of the log that were changed", forget_build),
        ("marts that nobody built", "drop schema build cascade"),
    ],
)
def test_a_build_is_whole_after(
    home: Path, tmp_path: Path, what: str, spoil: str | Callable[..., None] | None
) -> None:
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(home / "motcua.duckdb", copy)
    assert plan_build(copy, RULES).kind == "increment"
    finish_build(copy)
    if spoil is not None:
        connection = connect_writer(copy)
        try:
            connection.execute(spoil) if isinstance(spoil, str) else spoil(connection)
        finally:
            connection.close()
    assert plan_build(copy, "others" if what == "other rules" else RULES).kind == "whole"


def test_a_run_of_dbt_that_nobody_planned_makes_the_next_build_whole(
    home: Path, tmp_path: Path, run_dbt: RunDbt
) -> None:
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(home / "motcua.duckdb", copy)
    before = hash_marts(copy)
    done = run_dbt(copy, "run", "--select", "met_received", "int_dossier_scope")
    assert done.returncode == 0, done.stdout[-3000:]
    assert hash_marts(copy) == before
    assert plan_build(copy, RULES).kind == "whole"
