"""Builds of the marts: whole, or an increment that computes what came since the build before.

`build.state` holds one row: the build that the marts are of, how much of the log and which day of
the data they hold, and whether it came to its end. A build that died in the middle, other rules
or a log that was cut make the next one whole (docs/adr/0017).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

import duckdb

from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer

Kind = Literal["whole", "increment"]
RUN = ("run", "--no-write-json", "--no-populate-cache", "--log-level-file", "info")
"""An increment's run: nobody reads dbt's account of it, and it asks for the relations it needs."""
WORDS: dict[Kind, tuple[str, ...]] = {
    "whole": ("build", "--full-refresh", "--exclude-resource-type", "unit_test"),
    "increment": (*RUN, "--select", "source:log+"),
}
"""What dbt is told for each kind of build; of an increment, what hangs on the log."""

_DDL = """
create schema if not exists build;
create table if not exists build.state (
    build_id varchar not null, base_id varchar, kind varchar not null, is_done boolean not null,
    rules_hash varchar not null, data_as_of_on date,
    -- where the rows begin that came since the build before, as row ids
    versions_from bigint not null, steps_from bigint not null,
    -- how many rows the log held when the build began, and behind which row id they end
    versions_n bigint not null, versions_end bigint not null,
    steps_n bigint not null, steps_end bigint not null,
    -- the whole build that an increment goes back to
    whole_id varchar);
alter table build.state add column if not exists whole_id varchar;
"""
# what the increment before left; its readers ask for the base they need
_NO_INCREMENT = "drop schema if exists increment cascade;"
# by this schema the models know that the build is an increment
_EMPTY_INCREMENT = """
create schema increment;
create table increment.kept (name varchar primary key, keys varchar[]);
"""
_LOG_ENDS = """
select 1 as nth, count(*), coalesce(max(rowid) + 1, 0) from log.dossier_version
union all
select 2 as nth, count(*), coalesce(max(rowid) + 1, 0) from log.progress
order by nth
"""


@dataclass(frozen=True)
class Build:
    """A build that is about to run; `base` is the build that an increment adds to."""

    id: str
    base: str | None
    kind: Kind


@dataclass(frozen=True)
class _Rows:
    """How many rows a log table has, and behind which row id they end."""

    number: int
    end: int

    def since(self, before: _Rows) -> int | None:
        """The row id from which on rows came since `before`; None where ids are others now.

        Row ids grow with every row, but the engine may close the gaps that deleted rows left.
        """
        came = self.number - before.number
        return before.end if came >= 0 and self.end - before.end == came else None


def plan_build(warehouse_file: Path, rules_hash: str, *, is_whole: bool = False) -> Build:
    """Decide of which kind the next build is, and note that it has begun.

    The caller holds `writer_lock` until `finish_build`. `is_whole` asks for a whole one.
    """
    with writer_lock(warehouse_file, "planning a build"):
        connection = connect_writer(warehouse_file)
        try:
            connection.execute(_DDL + _NO_INCREMENT)
            return _plan(connection, rules_hash, is_whole=is_whole)
        finally:
            connection.close()


def _plan(connection: duckdb.DuckDBPyConnection, rules_hash: str, *, is_whole: bool) -> Build:
    versions, steps = (_Rows(*row[1:]) for row in connection.execute(_LOG_ENDS).fetchall())
    found = connection.sql("select * from build.state").pl()
    state = found.row(0, named=True) if found.height == 1 else None
    build = Build(uuid4().hex, None, "whole")
    since: tuple[int | None, int | None] = (None, None)
    is_fit = (
        not is_whole
        and state is not None
        and bool(state["is_done"])
        and state["rules_hash"] == rules_hash
        and state["data_as_of_on"] is not None
    )
    if is_fit and state is not None:
        since = (
            versions.since(_Rows(state["versions_n"], state["versions_end"])),
            steps.since(_Rows(state["steps_n"], state["steps_end"])),
        )
        if None not in since:
            build = Build(build.id, str(state["build_id"]), "increment")
    as_of = state["data_as_of_on"] if state is not None else None
    whole = build.id
    if build.kind == "increment" and state is not None:
        # a state from before it was kept
        whole = str(state["whole_id"] or state["build_id"])
    connection.execute("begin")
    if build.kind == "increment":
        connection.execute(_EMPTY_INCREMENT)
    connection.execute("delete from build.state")
    connection.execute(
        "insert into build.state values (?, ?, ?, false, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [build.id, build.base, build.kind, rules_hash, as_of, since[0] or 0, since[1] or 0,
         versions.number, versions.end, steps.number, steps.end, whole],
    )  # fmt: skip
    connection.execute("commit")
    return build


def finish_build(warehouse_file: Path) -> None:
    """Note that the build came to its end: the marts hold all of the log that it began with."""
    with writer_lock(warehouse_file, "ending a build"):
        connection = connect_writer(warehouse_file)
        try:
            connection.execute(
                """update build.state set is_done = true,
                data_as_of_on = (select data_as_of_on from main.int_as_of)"""
            )
        finally:
            connection.close()


def forget_build(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the next build whole: rows of the log were changed or taken away."""
    connection.execute(_DDL)
    connection.execute("update build.state set is_done = false")


def read_whole(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The whole build that the marts go back to; None where nobody planned their build."""
    if not _is_kept(connection):
        return None
    row = connection.execute("select coalesce(whole_id, build_id) from build.state").fetchone()
    return None if row is None else str(row[0])


def read_build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    """The build that the marts of a warehouse are of; None where it did not come to its end."""
    if not _is_kept(connection):
        return None
    row = connection.execute(
        "select build_id, base_id, kind from build.state where is_done"
    ).fetchone()
    return None if row is None else Build(str(row[0]), row[1], row[2])


def _is_kept(connection: duckdb.DuckDBPyConnection) -> bool:
    known = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'motcua'"
        " and schema_name = 'build' and table_name = 'state'"
    ).fetchall()
    return bool(known)
