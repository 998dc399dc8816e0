"""A replay: the log anew from the landing zone, beside the one that is, which it then replaces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.intake.landing import CUT_MARK, Outcome, batches
from pipelines.warehouse.load import Reporter, load_landing
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.merge import load_batch
from pipelines.warehouse.migrate import UnreadableError
from pipelines.warehouse.tables import SAID_TABLES, connect_writer, content_hash

_CONTENT = ("dossier_version", "progress", "outcome", "quarantine")
# sources of one system and feed may share the name of a pull
_NOVEL = """source = $identity and not exists (select 1 from log.{0} as known
    where known.source = theirs.source and known.dossier_code = theirs.dossier_code
        and known.content_hash = theirs.content_hash)"""
_OF_A_PULL = {
    "dossier_version": _NOVEL.format("dossier_version"),
    "progress": _NOVEL.format("progress"),
    "quarantine": "source = $source and mended_at is null",
    "outcome": "source = $source",
}


@dataclass(frozen=True)
class Replayed:
    """What a replay did.

    `carried` batches were taken from the old log, since landing holds them no more. `differences`
    names each table whose content is not what the old log had of the same pulls: a rule of the
    contract or a dialect changed. `lost` batches were cut from landing and are in no log: only a
    backup holds them. `is_compared` is False where there was no log to compare with.
    """

    batches: int
    records: int
    carried: int
    is_compared: bool
    differences: tuple[str, ...]
    lost: int = 0
    unreadable: Path | None = None


def replay(
    warehouse_file: Path, landing: Path, reference: Path, dialects: Path | None, report: Reporter
) -> Replayed:
    """Build the log anew from landing, and compare it with the one it replaces.

    What was said, signed or erased is carried over; so are the rows of batches that landing holds
    no more. The old file stands until the new one does.
    """
    with writer_lock(warehouse_file, "replay"):
        fresh = warehouse_file.with_name(f"{warehouse_file.stem}.replaying.duckdb")
        _remove(fresh)
        unreadable = _set_aside(warehouse_file)
        has_old = warehouse_file.exists()
        connection = connect_writer(fresh)
        try:
            if has_old:
                connection.execute(f"attach '{warehouse_file}' as old (read_only)")
                done = _replay_known(connection, landing, reference, dialects, report)
            else:
                done = Replayed(0, 0, 0, False, ())
        finally:
            connection.close()
        rest = load_landing(fresh, landing, reference, dialects, report)
        lost = _count_lost(fresh, landing)
        fresh.replace(warehouse_file)
        _remove(fresh)
    return Replayed(
        done.batches + len(rest),
        done.records + sum(batch.accepted for batch in rest),
        done.carried,
        done.is_compared,
        done.differences,
        lost,
        unreadable,
    )


def _count_lost(warehouse_file: Path, landing: Path) -> int:
    """How many batches were cut from landing and are not in the log."""
    connection = connect_writer(warehouse_file)
    try:
        known = set(connection.execute("select source, pull_id from log.outcome").fetchall())
    finally:
        connection.close()
    return sum(
        (folder / CUT_MARK).exists() and (outcome.source, outcome.pull_id) not in known
        for folder, outcome in batches(landing)
    )


def _set_aside(warehouse_file: Path) -> Path | None:
    """Bring the old log to today's layout; a file that is none is kept under another name."""
    if not warehouse_file.exists():
        return None
    try:
        connect_writer(warehouse_file).close()
    except UnreadableError:
        aside = warehouse_file.with_suffix(".unreadable")
        warehouse_file.replace(aside)
        return aside
    return None


def _replay_known(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    reference: Path,
    dialects: Path | None,
    report: Reporter,
) -> Replayed:
    """The pulls that the old log knows, in the order in which they became known."""
    for table in SAID_TABLES:
        connection.execute(f"insert into log.{table} by name select * from old.log.{table}")
    connection.execute("delete from log.schema_version")
    connection.execute("insert into log.schema_version select * from old.log.schema_version")
    known = connection.execute(
        "select source, pull_id, identity from old.log.outcome order by fetched_at, pull_id, source"
    ).fetchall()
    landed = {
        (outcome.source, outcome.pull_id): (folder, outcome)
        for folder, outcome in batches(landing)
        if _is_whole(folder, outcome)
    }
    records = carried = 0
    for number, (source, pull_id, identity) in enumerate(known, start=1):
        here = landed.get((source, pull_id))
        if here is None:
            _carry(connection, source, pull_id, identity)
            carried += 1
        else:
            records += load_batch(connection, *here, reference, dialects).accepted
        report(source, number, len(known))
    differences = tuple(_list_differences(connection))
    connection.execute(
        "insert into log.quarantine by name"
        " select * from old.log.quarantine where mended_at is not null"
    )
    return Replayed(len(known), records, carried, True, differences)


def _is_whole(folder: Path, outcome: Outcome) -> bool:
    return len(list(folder.glob("part-*.parquet"))) == outcome.parts


def _carry(
    connection: duckdb.DuckDBPyConnection, source: str, pull_id: str, identity: str | None
) -> None:
    """Take over the rows of a pull that landing holds no more."""
    values = {"source": source, "identity": identity or source, "pull": pull_id}
    connection.begin()
    for table, condition in _OF_A_PULL.items():
        used = {name: v for name, v in values.items() if f"${name}" in f"$pull {condition}"}
        connection.execute(
            f"insert into log.{table} by name select * from old.log.{table} as theirs"
            f" where pull_id = $pull and {condition}",
            used,
        )
    connection.commit()


def _list_differences(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found: list[str] = []
    for table in _CONTENT:
        condition = "where mended_at is null" if table == "quarantine" else ""
        hashes: list[str] = []
        for catalog in ("old", "motcua"):
            connection.execute(
                f"create or replace temp view compared as"
                f" select * from {catalog}.log.{table} {condition}"
            )
            hashes.append(content_hash(connection, "compared"))
        if hashes[0] != hashes[1]:
            before, after = (text.split(":")[0] for text in hashes)
            found.append(f"log.{table}: {before} rows before, {after} now")
    connection.execute("drop view compared")
    return found


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
