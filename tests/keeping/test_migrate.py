"""A log of an older layout is brought to today's without losing a row; a newer one is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.migrate import LAYOUT, STEPS, LayoutError, copies, read_layout
from pipelines.warehouse.tables import (
    STORAGE_VERSION,
    connect_reader,
    connect_writer,
    content_hash,
    migrate_file,
)
from tests.conftest import RunMotcua
from tests.faults.shops import record
from tests.keeping.paper import PaperHome

OLD = (Path(__file__).parent / "layout_1.sql").read_text(encoding="utf-8")
TABLES = ("dossier_version", "progress", "quarantine", "outcome", "published_figure")
COLUMNS = """
select table_name, column_name, data_type, is_nullable from duckdb_columns()
where database_name = 'motcua' and schema_name = 'log' order by all
"""


def make_old(file: Path, *more: str) -> dict[str, list[tuple[object, ...]]]:
    """A warehouse of the first layout; returns its rows."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        db.execute(f"attach '{file}' as motcua (storage_version '{STORAGE_VERSION}'); use motcua")
        db.execute(OLD)
        for sql in more:
            db.execute(sql)
        return {name: db.sql(f"select * from log.{name} order by all").fetchall()
                for name in TABLES}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> PaperHome:
    return PaperHome(tmp_path / "home", pulls=2)


def test_a_log_of_the_first_layout_keeps_every_row(home: PaperHome) -> None:
    rows = make_old(home.warehouse)
    migrated = migrate_file(home.warehouse)
    assert migrated is not None
    assert (migrated.before, migrated.after) == (1, LAYOUT)
    with duckdb.connect() as db:
        db.execute(OLD.split("insert into")[0])
        for name, before in rows.items():
            columns = ", ".join(row[0] for row in db.sql(f"describe log.{name}").fetchall())
            assert home.rows(f"select {columns} from log.{name} order by all") == before
    assert migrate_file(home.warehouse) is None


def test_a_migrated_log_has_the_columns_of_a_new_one(home: PaperHome, tmp_path: Path) -> None:
    make_old(home.warehouse)
    migrate_file(home.warehouse)
    fresh = connect_writer(tmp_path / "fresh.duckdb")
    try:
        assert home.rows(COLUMNS) == fresh.execute(COLUMNS).fetchall()
    finally:
        fresh.close()


def test_the_file_as_it_was_is_kept_beside(home: PaperHome) -> None:
    make_old(home.warehouse)
    migrate_file(home.warehouse)
    [copy] = copies(home.warehouse)
    with duckdb.connect() as db:
        db.execute(f"attach '{copy}' as motcua (read_only)")
        assert read_layout(db) == 1
        assert db.sql("select count(*) from motcua.log.dossier_version").fetchall() == [(3,)]


def test_the_log_goes_on_after_a_migration(home: PaperHome) -> None:
    make_old(home.warehouse)
    [merged] = home.take(record(7), record(8, TrangThaiHoSo="77"))
    assert (merged.accepted, merged.quarantined) == (1, 1)
    assert home.rows("select count(*) from log.dossier_version") == [(4,)]
    # what never landed here is carried over
    done = home.replay()
    assert (done.carried, done.differences) == (2, ())


def test_the_steps_taken_are_on_record(home: PaperHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_NOW", "2026-07-01T06:00:00")
    make_old(home.warehouse)
    migrate_file(home.warehouse)
    taken = home.rows("select version, applied_at from log.schema_version order by version")
    assert taken == [(step.version, datetime(2026, 7, 1, 6)) for step in STEPS]


def test_a_step_that_fails_leaves_the_log_as_it_was(
    home: PaperHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.warehouse import migrate

    make_old(home.warehouse)
    broken = migrate.Step(LAYOUT, "broken", "alter table log.nothing add column n bigint")
    monkeypatch.setattr(migrate, "STEPS", (STEPS[0], broken))
    with pytest.raises(duckdb.CatalogException):
        migrate_file(home.warehouse)
    with duckdb.connect() as db:
        db.execute(f"attach '{home.warehouse}' as motcua (read_only)")
        assert read_layout(db) == 1


@pytest.mark.parametrize("opener", [connect_writer, connect_reader])
def test_a_newer_layout_is_refused_in_one_line(
    home: PaperHome, opener: Callable[[Path], object]
) -> None:
    connection = connect_writer(home.warehouse)
    connection.execute(f"insert into log.schema_version values ({LAYOUT + 1}, now(), 'later')")
    connection.close()
    with pytest.raises(LayoutError, match=f"has layout {LAYOUT + 1}.*use the newer program"):
        opener(home.warehouse)


def test_reading_an_older_layout_asks_for_the_migration(
    home: PaperHome, run_motcua: RunMotcua
) -> None:
    make_old(home.warehouse)
    refused = run_motcua(home.root, "quarantine", "list")
    assert refused.returncode == 1
    assert "run `motcua migrate`" in refused.stderr
    assert "Traceback" not in refused.stderr
    done = run_motcua(home.root, "migrate")
    assert done.returncode == 0, done.stderr
    assert f"layout 1 is now {LAYOUT}" in done.stderr
    assert run_motcua(home.root, "quarantine", "list").returncode == 0


def test_a_hash_sees_a_row_lost_by_a_migration(home: PaperHome) -> None:
    make_old(home.warehouse)
    migrate_file(home.warehouse)
    connection = connect_writer(home.warehouse)
    try:
        before = content_hash(connection, "log.dossier_version")
        connection.execute("delete from log.dossier_version where position = 2")
        assert content_hash(connection, "log.dossier_version") != before
    finally:
        connection.close()
