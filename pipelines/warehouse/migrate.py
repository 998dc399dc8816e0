"""Layouts of the log: which one a warehouse has, and the steps from an older one to today's.

Every step only adds: it is taken by whatever opens the warehouse for writing, under the writer's
lock and after a copy of the file was kept beside it. A layout newer than this program is refused.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.settings import now
from pipelines.warehouse.lock import WarehouseError


@dataclass(frozen=True)
class Step:
    """What makes a layout from the one before; whole tables that are new need no SQL."""

    version: int
    note: str
    sql: str


# homes made before forms were closed lack these columns; a figure of no form has none of them
_FORM_COLUMNS = "\n".join(
    f"alter table log.published_figure add column if not exists {name} varchar;"
    for name in ("form", "level", "field_code", "state")
)
STEPS = (
    Step(2, "forms are closed, and what others report is kept", _FORM_COLUMNS),
    Step(
        3,
        "erasures, cuts of landing, mended quarantine, the network apart from other rules",
        """alter table log.quarantine add column if not exists mended_at timestamp;
        alter table log.published_figure add column if not exists network_hash varchar;""",
    ),
    Step(
        4,
        "a pull after days of silence says which updates nobody saw",
        """alter table log.outcome add column if not exists unseen_from timestamp;
        alter table log.outcome add column if not exists unseen_to timestamp;""",
    ),
    Step(5, "effects of mergers are kept as they were published", ""),
)
LAYOUT = STEPS[-1].version

_TABLES_OF = "select table_name from duckdb_tables() where database_name = 'motcua'"


class LayoutError(WarehouseError):
    """A warehouse of a layout that this program cannot use; the message says what to do."""


class UnreadableError(WarehouseError):
    """A file that is no warehouse, or not one any more."""


@dataclass(frozen=True)
class Migrated:
    """A warehouse that was brought from one layout to another; `copy` is the file as it was."""

    before: int
    after: int
    copy: Path


def read_layout(connection: duckdb.DuckDBPyConnection) -> int:
    """The layout of the attached `motcua`; 0 where it has no log yet."""
    tables = {
        str(name)
        for (name,) in connection.execute(f"{_TABLES_OF} and schema_name = 'log'").fetchall()
    }
    if "schema_version" in tables:
        rows = connection.execute("select version from motcua.log.schema_version").fetchall()
        return max((int(version) for (version,) in rows), default=0)
    if not tables:
        return 0
    forms = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'motcua'"
        " and schema_name = 'log' and table_name = 'published_figure' and column_name = 'form'"
    ).fetchall()
    return 2 if forms else 1


def check_layout(layout: int, warehouse_file: Path) -> None:
    """Refuse what is not today's layout. Raises `LayoutError`."""
    if layout > LAYOUT:
        raise LayoutError(
            f"{warehouse_file.name} has layout {layout}, this program knows up to {LAYOUT}:"
            " use the newer program"
        )
    if 0 < layout < LAYOUT:
        raise LayoutError(
            f"{warehouse_file.name} has layout {layout}, this program needs {LAYOUT}:"
            " run `motcua migrate`"
        )


def attach_current(
    connection: duckdb.DuckDBPyConnection, warehouse_file: Path, attach: str, ddl: str
) -> Migrated | None:
    """Run `attach`, use `motcua` and bring it to today's layout, all of it or nothing.

    Returns what was done to an older one, else None. Raises `LayoutError` for a newer one.
    """
    try:
        connection.execute(attach)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise WarehouseError(f"{warehouse_file.name} is open in another program") from None
        raise UnreadableError(f"{warehouse_file.name} is no readable warehouse") from None
    except duckdb.Error:
        raise UnreadableError(f"{warehouse_file.name} is no readable warehouse") from None
    layout = read_layout(connection)
    if layout > LAYOUT:
        check_layout(layout, warehouse_file)
    migrated = None
    if 0 < layout < LAYOUT:
        connection.execute("checkpoint motcua")
        connection.execute("detach motcua")
        migrated = Migrated(layout, LAYOUT, _keep_copy(warehouse_file, layout))
        connection.execute(attach)
    connection.execute("use motcua")
    if layout == LAYOUT:
        return None
    connection.begin()
    try:
        for step in STEPS:
            if 0 < layout < step.version:
                connection.execute(step.sql)
        connection.execute(ddl)
        steps = [s for s in STEPS if s.version > layout] if layout else [STEPS[-1]]
        connection.executemany(
            "insert into log.schema_version values (?, ?, ?)",
            [(s.version, now(), s.note if layout else "made in this layout") for s in steps],
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return migrated


def copies(warehouse_file: Path) -> list[Path]:
    """The files kept from before a migration; whoever erases a dossier deletes them."""
    return sorted(warehouse_file.parent.glob(f"{warehouse_file.stem}.layout-*"))


def _keep_copy(warehouse_file: Path, layout: int) -> Path:
    copy = warehouse_file.with_suffix(f".layout-{layout}")
    partial = copy.with_name(f".{copy.name}.part")
    try:
        shutil.copyfile(warehouse_file, partial)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LayoutError(
            f"no copy of {warehouse_file.name} can be kept before its layout is changed"
            f" ({os.strerror(error.errno or 0)}): nothing was changed"
        ) from None
    partial.replace(copy)
    return copy
