"""The marts in a file of their own: copied whole, or the snapshot before brought up to date.

A snapshot is made of the one before where that holds the build to which the warehouse's last
build was added (docs/adr/0017): the file is copied and what the build changed is put into it.
Otherwise every table is copied.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.serving.snapshot import NoSnapshotError, current_snapshot
from pipelines.warehouse.builds import Build, read_build
from pipelines.warehouse.tables import STORAGE_VERSION

PREFIXES = ("dim_", "fct_", "met_", "dq_", "imp_", "srv_", "metricflow_")


class CopyError(RuntimeError):
    """A table of the new file that is not the warehouse's; the message names it."""


def copy_marts(
    connection: duckdb.DuckDBPyConnection, building: Path, serving_dir: Path
) -> Build | None:
    """Make the file `building` and attach it as `snapshot`, with every mart of `motcua`.

    Returns the build that it holds, None where the warehouse does not know. Raises `CopyError`
    where a table ends with another number of rows than the warehouse's.
    """
    build = read_build(connection)
    before = _find_base(build, serving_dir)
    if before is not None:
        shutil.copyfile(before, building)
    quoted = str(building).replace("'", "''")
    connection.execute(f"attach '{quoted}' as snapshot (storage_version '{STORAGE_VERSION}')")
    kept = _read_kept(connection) if before is not None else {}
    marts = _list_tables(connection, "motcua")
    if before is not None:
        for name in set(_list_tables(connection, "snapshot", every=True)) - set(marts):
            connection.execute(f"drop table snapshot.main.{name}")
    connection.execute("begin")
    for name in marts:
        if name in kept:
            _bring_up_to_date(connection, name, kept[name])
        else:
            connection.execute(
                f"create or replace table snapshot.main.{name} as from motcua.main.{name}"
            )
    connection.execute("commit")
    _compare_rows(connection, kept)
    return build


def _find_base(build: Build | None, serving_dir: Path) -> Path | None:
    """The snapshot that an increment can be put into."""
    if build is None or build.kind != "increment":
        return None
    try:
        file = current_snapshot(serving_dir).file
        with duckdb.connect(str(file), read_only=True) as connection:
            row = connection.execute("select value from meta where key = 'build'").fetchone()
    except (NoSnapshotError, duckdb.Error):
        return None
    return file if row is not None and row[0] == build.base else None


def _read_kept(connection: duckdb.DuckDBPyConnection) -> dict[str, Sequence[str] | None]:
    """The tables that the increment changed, with their keys; None: by dossier."""
    rows = connection.execute("select name, keys from motcua.increment.kept").fetchall()
    return {str(name): keys for name, keys in rows if str(name).startswith(PREFIXES)}


def _list_tables(
    connection: duckdb.DuckDBPyConnection, catalog: str, *, every: bool = False
) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = ? and table_schema = 'main' order by table_name",
        [catalog],
    ).fetchall()
    return [str(name) for (name,) in rows if every or str(name).startswith(PREFIXES)]


def _bring_up_to_date(
    connection: duckdb.DuckDBPyConnection, name: str, keys: Sequence[str] | None
) -> None:
    """Put what an increment changed of a table into the snapshot's."""
    ours, change = f"snapshot.main.{name}", f"motcua.increment.{name}"
    if keys is None:
        connection.execute(
            f"delete from {ours} where dossier_key in"
            " (select dossier_key from motcua.main.int_dossier_scope)"
        )
        connection.execute(f"insert into {ours} by name from {change}")
        return
    same = " and ".join(f"kept.{key} is not distinct from moved.{key}" for key in keys)
    near = _near(connection, change, keys[0])
    connection.execute(
        f"delete from {ours} as kept using {change} as moved where {near} and {same}"
    )
    columns = connection.execute(f"describe {change}").fetchall()
    counts = [str(row[0]) for row in columns if row[0] not in keys]
    anything = " or ".join(f"{count} <> 0" for count in counts)
    connection.execute(f"insert into {ours} by name from {change} where {anything}")


def _near(connection: duckdb.DuckDBPyConnection, change: str, day: str) -> str:
    """A condition by which the engine passes over the days on which nothing changed."""
    rows = connection.execute(f"select distinct {day}::varchar from {change}").fetchall()
    days = [str(value) for (value,) in rows]
    if not day.endswith("_on") or (None,) in rows or not 0 < len(days) <= 1000:
        return "true"
    listed = ", ".join(f"date '{value}'" for value in days)
    return f"kept.{day} in ({listed})"


def _compare_rows(
    connection: duckdb.DuckDBPyConnection, kept: dict[str, Sequence[str] | None]
) -> None:
    for name in kept:
        ours, theirs = (
            int(connection.execute(f"select count(*) from {catalog}.main.{name}").fetchall()[0][0])
            for catalog in ("snapshot", "motcua")
        )
        if ours != theirs:
            raise CopyError(f"{name}: {ours} rows in the snapshot, {theirs} in the warehouse")
