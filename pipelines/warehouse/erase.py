"""Erasing a dossier: nothing of it stays in log or landing, and nothing of it comes in again.

A tombstone (an HMAC of its code) is kept; each of its records stays as a record without values,
so that the records of every batch are still conserved. What cannot be erased is named: snapshots
are immutable and are retired, backups belong to whoever keeps them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from pipelines.intake.canonical import Feed
from pipelines.intake.contracts import check
from pipelines.intake.erasures import (
    RULE,
    Tombstone,
    blank_erased,
    enter,
    hmac_codes,
    is_erased,
    key_id,
    normal_code,
    read_part,
    read_register,
)
from pipelines.intake.landing import Outcome, batches
from pipelines.warehouse.lock import WarehouseError, writer_lock
from pipelines.warehouse.merge import quarantine_rows, read_context, tombstones
from pipelines.warehouse.migrate import copies
from pipelines.warehouse.tables import LOG_TABLES, connect_writer

_CODE_OF_A_RECORD = "upper(nfc_normalize(json_extract_string(record, '$.MaHoSo'))) = $code"


_TOLD_AT: dict[Feed, str] = {"dossiers": "source_updated_at", "progress": "step_at"}


class ErasureError(WarehouseError):
    """A dossier that cannot be erased as asked; the message never names its code."""


@dataclass(frozen=True)
class Erased:
    """What was erased: versions, steps, quarantined records, landed records."""

    versions: int
    steps: int
    quarantined: int
    landed: int


@dataclass(frozen=True)
class _Batch:
    """A landed batch that holds the dossier, with its records of it."""

    folder: Path
    outcome: Outcome
    own: pl.DataFrame


def erase(
    warehouse_file: Path,
    landing: Path,
    reference: Path,
    dialects: Path | None,
    *,
    source: str,
    code: str,
    by: str,
    reason: str,
    at: datetime,
) -> Erased:
    """Erase a dossier of a source (or of its system) from log and landing.

    Models are dropped with the old file: the next run computes them anew. An erasure that was
    interrupted is completed by asking for it again. Raises `ErasureError` where there is no such
    source or dossier, and `ErasureKeyError`.
    """
    wanted = normal_code(code)
    with writer_lock(warehouse_file, "erasing a dossier"):
        connection = connect_writer(warehouse_file)
        try:
            system = _find_system(connection, source)
            mark = str(hmac_codes(pl.Series([wanted]), system).item())
            tombstone = Tombstone(
                source=system, code_hmac=mark, key_id=key_id(),
                erased_at=at, erased_by=by, reason=reason,
            )  # fmt: skip
            known = tombstones(connection)
            is_known = any((t.source, t.code_hmac) == (system, mark) for t in known)
            waiting = [*known, *([] if is_known else [tombstone])]
            found = _find_batches(landing, system, waiting)
            versions, steps, held = _count(connection, system, wanted)
            if not (is_known or found or versions or steps or held):
                raise ErasureError(f"{source}: no such dossier is kept: nothing was erased")
            enter(landing, [tombstone] if not is_known else [])
            connection.begin()
            if not is_known:
                _keep_tombstone(connection, tombstone)
            told = _erase_rows(connection, system, wanted)
            for batch in found if not is_known else ():
                told_n = told.get((batch.outcome.feed, batch.outcome.pull_id), 0)
                _recount(connection, batch, waiting, told_n, reference, dialects)
            connection.commit()
        finally:
            connection.close()
        for batch in found:
            for path in sorted(batch.folder.glob("part-*.parquet")):
                read_part(path, system, waiting)
        rewrite(warehouse_file)
        _remove_left_overs(warehouse_file)
    return Erased(versions, steps, held, sum(batch.own.height for batch in found))


def recognise(warehouse_file: Path, wanted: list[Tombstone]) -> list[tuple[Tombstone, str]]:
    """The dossiers of a log that tombstones from elsewhere mean, with their codes."""
    connection = connect_writer(warehouse_file)
    try:
        kept = {(t.source, t.code_hmac) for t in tombstones(connection)}
        found: list[tuple[Tombstone, str]] = []
        for system in sorted({t.source for t in wanted}):
            mine = [t for t in wanted if t.source == system and (system, t.code_hmac) not in kept]
            rows = connection.execute(
                f"""select distinct dossier_code as code from log.dossier_version
                where source = $1 union select distinct dossier_code from log.progress
                where source = $1 union select distinct
                    upper(nfc_normalize(json_extract_string(record, '$.MaHoSo')))
                from log.quarantine where {_IN_SYSTEM.replace("$system", "$1")}""",
                [system],
            ).fetchall()
            codes = pl.Series([str(code) for (code,) in rows if code], dtype=pl.String)
            marks = dict(zip(hmac_codes(codes, system), codes, strict=True))
            found += [(t, marks[t.code_hmac]) for t in mine if t.code_hmac in marks]
        return found
    finally:
        connection.close()


def learn_erasures(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Take into the log what the register beside landing has and the log lacks (a restored one)."""
    known = {(t.source, t.code_hmac) for t in tombstones(connection)}
    for tombstone in read_register(landing):
        if (tombstone.source, tombstone.code_hmac) not in known:
            _keep_tombstone(connection, tombstone)


def rewrite(warehouse_file: Path) -> None:
    """Copy the log into a new file in place of the old one: no free block keeps what was erased.

    The tables of the models are left out; the next run computes them.
    """
    fresh = warehouse_file.with_name(f"{warehouse_file.stem}.rewritten.duckdb")
    fresh.unlink(missing_ok=True)
    connection = connect_writer(fresh)
    try:
        connection.execute(f"attach '{warehouse_file}' as old (read_only)")
        connection.begin()
        connection.execute("delete from log.schema_version")
        for table in (*LOG_TABLES, "schema_version"):
            connection.execute(f"insert into log.{table} by name select * from old.log.{table}")
        connection.commit()
        connection.execute("checkpoint motcua")
    finally:
        connection.close()
    fresh.replace(warehouse_file)


_IN_SYSTEM = """source in (
    select source from log.outcome where identity = $system union all select $system)"""


def _find_system(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    rows = connection.execute(
        "select distinct identity from log.outcome where source = $1 or identity = $1", [source]
    ).fetchall()
    if len(rows) != 1:
        raise ErasureError(f"{source}: no source or system of that name has told anything")
    return str(rows[0][0])


def _find_batches(landing: Path, system: str, waiting: list[Tombstone]) -> list[_Batch]:
    """The batches whose parts still hold a record of an erased dossier of the system."""
    found: list[_Batch] = []
    for folder, outcome in batches(landing):
        if outcome.identity != system:
            continue
        own: list[pl.DataFrame] = []
        for path in sorted(folder.glob("part-*.parquet")):
            if is_erased(pl.read_parquet(path, columns=["MaHoSo"]), system, waiting).any():
                part = pl.read_parquet(path)
                own.append(part.filter(is_erased(part, system, waiting)))
        if own:
            found.append(_Batch(folder, outcome, pl.concat(own)))
    return found


def _count(connection: duckdb.DuckDBPyConnection, system: str, code: str) -> tuple[int, int, int]:
    values = {"system": system, "code": code}
    row = connection.execute(
        f"""select (select count(*) from log.dossier_version
                where source = $system and dossier_code = $code),
            (select count(*) from log.progress
                where source = $system and dossier_code = $code),
            (select count(*) from log.quarantine where {_IN_SYSTEM} and {_CODE_OF_A_RECORD})""",
        values,
    ).fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])


def _keep_tombstone(connection: duckdb.DuckDBPyConnection, tombstone: Tombstone) -> None:
    row = tombstone.model_dump()
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    connection.execute(f"insert into log.erasure ({names}) values ({marks})", list(row.values()))


def _erase_rows(
    connection: duckdb.DuckDBPyConnection, system: str, code: str
) -> dict[tuple[str, str], int]:
    """Delete the rows of the dossier; what their batches had accepted is quarantined from now.

    Returns how many of each feed and pull that were.
    """
    values = {"system": system, "code": code}
    own = "source = $system and dossier_code = $code"
    told: dict[tuple[str, str], int] = {}
    for table, feed in (("dossier_version", "dossiers"), ("progress", "progress")):
        gone = connection.execute(
            f"select pull_id, count(*) from log.{table} where {own} group by 1", values
        ).fetchall()
        connection.execute(f"delete from log.{table} where {own}", values)
        for pull_id, n in gone:
            told[feed, pull_id] = n
            connection.execute(
                """update log.outcome set accepted = accepted - $n, quarantined = quarantined + $n
                where identity = $system and feed = $feed and pull_id = $pull""",
                {"n": n, "system": system, "feed": feed, "pull": pull_id},
            )
    connection.execute(
        f"delete from log.quarantine where {_IN_SYSTEM} and {_CODE_OF_A_RECORD}", values
    )
    return told


def _recount(
    connection: duckdb.DuckDBPyConnection,
    batch: _Batch,
    waiting: list[Tombstone],
    told_n: int,
    reference: Path,
    dialects: Path | None,
) -> None:
    """Count the records of a batch as a replay would, and quarantine them without values.

    The `told_n` accepted were moved already; unchanged is what is neither that nor was bad.
    """
    outcome = batch.outcome
    rows = connection.execute(
        "select unchanged, quarantined from log.outcome where source = ? and pull_id = ?",
        [outcome.source, outcome.pull_id],
    ).fetchall()
    if not rows:  # landed and not loaded yet: loading it will count
        return
    context = read_context(outcome, reference, dialects)
    feed = cast(Feed, outcome.feed)
    was_bad = check(batch.own, feed, context).bad.height
    unchanged = min(int(rows[0][0]), max(0, batch.own.height - was_bad - told_n))
    erased: list[pl.DataFrame] = []
    latest: list[datetime] = []
    for path in sorted(batch.folder.glob("part-*.parquet")):
        checked = check(
            blank_erased(pl.read_parquet(path), outcome.identity, waiting), feed, context
        )
        erased.append(checked.bad.filter(pl.col("rule") == RULE))
        told_at = checked.good[_TOLD_AT[feed]].max()
        latest += [told_at] if isinstance(told_at, datetime) else []
    connection.execute(
        """update log.outcome set unchanged = unchanged - $n, quarantined = quarantined + $n,
            latest_updated_at = $latest
        where source = $source and pull_id = $pull""",
        {
            "n": unchanged, "latest": max(latest, default=None),
            "source": outcome.source, "pull": outcome.pull_id,
        },
    )  # fmt: skip
    quarantine_rows(connection, pl.concat(erased), outcome)


def _remove_left_overs(warehouse_file: Path) -> None:
    """What else may hold the dossier beside the warehouse: older layouts, spilled blocks."""
    for path in copies(warehouse_file):
        path.unlink()
    shutil.rmtree(warehouse_file.parent / "spill", ignore_errors=True)
