"""From landing to the log: the contract, then one transaction per batch, rows conserved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from pipelines.failpoints import reach
from pipelines.intake.canonical import Feed
from pipelines.intake.dialects import Dialect, DialectError, load_dialect
from pipelines.intake.erasures import Tombstone, read_part
from pipelines.intake.landing import LandingError, Outcome
from pipelines.intake.typed import Context
from pipelines.warehouse.log_table import LogTable
from pipelines.warehouse.parts import checked_parts, hash_rows


@dataclass(frozen=True)
class Merged:
    """What a batch did to the log, and its bad rows by rule and field."""

    outcome: Outcome
    accepted: int
    unchanged: int
    quarantined: int
    findings: tuple[tuple[str, str, int], ...]

    def counts(self) -> dict[str, int]:
        """What came and what became of it, in records."""
        return {
            "records_in": self.outcome.records_in,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
        }

    def lines(self) -> list[str]:
        """One clear line per finding: source, field, rule."""
        lines: list[str] = []
        if self.outcome.error:
            lines.append(
                f"{self.outcome.source}: {self.outcome.error} [{self.outcome.error_class}]"
            )
        for rule, field, count in self.findings:
            where = f"{field}: " if field else ""
            lines.append(f"{self.outcome.source}: {where}{rule}: {count} quarantined")
        return lines


def load_batch(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    outcome: Outcome,
    reference: Path,
    dialects: Path | None,
    near: Mapping[Feed, str] | None = None,
) -> Merged:
    """Take one landed batch into the log. All of it or nothing; every record is accounted for.

    `near` is what `put_aside` found for the batches of a load, of which this is one.
    """
    connection.execute("begin")
    try:
        merged = _load(connection, folder, outcome, reference, dialects, near or {})
        reach("batch_merged")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return merged


def _load(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    outcome: Outcome,
    reference: Path,
    dialects: Path | None,
    near: Mapping[Feed, str],
) -> Merged:
    accepted = 0
    latest = None
    _open_bad(connection)
    if outcome.parts:
        feed = cast(Feed, outcome.feed)
        context = read_context(outcome, reference, dialects)
        erased = tombstones(connection)
        log = LogTable(connection, feed, outcome, near.get(feed))
        parts = checked_parts(
            landed_parts(folder, outcome),
            feed,
            context,
            log.content,
            lambda path: read_part(path, outcome.identity, erased),
        )
        for checked in parts:
            log.add(checked.good)
            _stage_bad(connection, checked.bad, outcome)
        accepted, latest = log.settle()
    quarantined = _count(connection, "select count(*) from bad")
    findings = connection.execute(
        "select rule, field, count(*) from bad group by all order by all"
    ).fetchall()
    _merge_bad(connection)
    unchanged = outcome.records_in - accepted - quarantined
    row: dict[str, object] = outcome.model_dump() | {
        "accepted": accepted,
        "unchanged": unchanged,
        "quarantined": quarantined,
        "latest_updated_at": latest,
    }
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    row["units"] = list(outcome.units)
    connection.execute(f"insert into log.outcome ({names}) values ({marks})", list(row.values()))
    return Merged(outcome, accepted, unchanged, quarantined, tuple(findings))


def tombstones(connection: duckdb.DuckDBPyConnection) -> list[Tombstone]:
    """The dossiers that were erased, as the log knows them."""
    rows = connection.execute("select * from log.erasure").fetchall()
    return [
        Tombstone.model_validate(dict(zip(Tombstone.model_fields, row, strict=True)))
        for row in rows
    ]


def landed_parts(folder: Path, outcome: Outcome) -> list[Path]:
    """The parts of a batch. Raises `LandingError` where one is missing: it would be lost."""
    parts = sorted(folder.glob("part-*.parquet"))
    if len(parts) != outcome.parts:
        raise LandingError(
            f"{outcome.source}: {len(parts)} of the {outcome.parts} parts of pull"
            f" {outcome.pull_id} are in landing"
        )
    return parts


def read_context(outcome: Outcome, reference: Path, dialects: Path | None) -> Context:
    """What the parts of a batch are read with. Raises `DialectError`."""
    return Context(_dialect(outcome, dialects), reference, outcome.fetched_at)


def quarantine_rows(
    connection: duckdb.DuckDBPyConnection, bad: pl.DataFrame, outcome: Outcome
) -> None:
    """Take bad rows of a batch into quarantine, as loading it does; within a transaction."""
    _open_bad(connection)
    _stage_bad(connection, bad, outcome)
    _merge_bad(connection)


def accept_rows(
    connection: duckdb.DuckDBPyConnection, good: pl.DataFrame, outcome: Outcome
) -> tuple[int, int]:
    """Take good rows of a batch into the log, as loading it does; within a transaction.

    Returns how many were new, and how many bear the code of another dossier (quarantined).
    """
    feed = cast(Feed, outcome.feed)
    _open_bad(connection)
    log = LogTable(connection, feed, outcome)
    log.add(hash_rows(good, feed, log.content))
    accepted, _ = log.settle()
    collided = _count(connection, "select count(*) from bad")
    _merge_bad(connection)
    return accepted, collided


def _open_bad(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create or replace temp table bad as select * from log.quarantine limit 0")


def _dialect(outcome: Outcome, dialects: Path | None) -> Dialect:
    try:
        return load_dialect(outcome.dialect, dialects)
    except DialectError as error:
        raise DialectError(f"{outcome.source}: {error}; its batches cannot be read") from None


def _stage_bad(connection: duckdb.DuckDBPyConnection, bad: pl.DataFrame, outcome: Outcome) -> None:
    if bad.is_empty():
        return
    connection.register("found", bad)
    connection.execute(
        f"""insert into bad by name
        select '{outcome.source}' as source, '{outcome.feed}' as feed, rule, field, record,
            0 as occurrence_n,
            md5_number_lower(concat_ws('|', rule, field, record)) as content_hash,
            '{outcome.pull_id}' as pull_id, '{outcome.run_id}' as run_id,
            timestamp '{outcome.fetched_at}' as known_at, file, position from found"""
    )
    connection.unregister("found")


def _merge_bad(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep a bad row once, however often it is sent; equal ones of one batch are each kept."""
    connection.execute(
        """insert into log.quarantine by name
        with counted as (
            select * replace (row_number() over (
                partition by source, content_hash order by file, position) as occurrence_n)
            from bad)
        select * from counted where not exists (select 1 from log.quarantine as known
            where known.mended_at is null
                and known.source = counted.source and known.content_hash = counted.content_hash
                and known.occurrence_n = counted.occurrence_n)"""
    )


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
