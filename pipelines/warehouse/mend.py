"""Replaying the quarantine: what passes today's contract enters the log as if it always had.

A record enters with the known time of the batch that brought it; its row in quarantine stays,
marked as mended. The counts of the batch move in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from pipelines.intake.canonical import RECORDS, Feed
from pipelines.intake.contracts import check
from pipelines.intake.erasures import read_part
from pipelines.intake.landing import Outcome, batches
from pipelines.warehouse.load import Reporter
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.merge import accept_rows, landed_parts, read_context, tombstones
from pipelines.warehouse.tables import connect_writer

_WAITING = """
select distinct source from log.quarantine
where mended_at is null and rule <> 'erased'
    and ($source is null or source = $source) and ($rule is null or rule = $rule)
"""
_HELD = "select record, rule from log.quarantine where source = ? and mended_at is null"


@dataclass(frozen=True)
class Mended:
    """What became of the quarantine: batches looked at, records that passed and were new to the
    log or known to it, batches that landing holds no more, and rows still held."""

    batches: int
    accepted: int
    unchanged: int
    gone: int
    held: int


def replay_quarantine(
    warehouse_file: Path,
    landing: Path,
    reference: Path,
    dialects: Path | None,
    *,
    source: str | None,
    rule: str | None,
    at: datetime,
    report: Reporter,
) -> Mended:
    """Put the quarantined records of sources through today's contract and dialects again.

    With `rule` only those that broke it. What passed before is not judged anew. Raises
    `DialectError` and `ErasureKeyError`.
    """
    with writer_lock(warehouse_file, "replaying the quarantine"):
        connection = connect_writer(warehouse_file)
        try:
            chosen = {"source": source, "rule": rule}
            sources = {s for (s,) in connection.execute(_WAITING, chosen).fetchall()}
            bad = set(
                connection.execute(
                    "select source, pull_id from log.outcome where quarantined > 0"
                ).fetchall()
            )
            waiting = [
                (folder, outcome)
                for folder, outcome in batches(landing)
                if outcome.source in sources and (outcome.source, outcome.pull_id) in bad
            ]
            accepted = unchanged = gone = 0
            passed: dict[str, list[pl.DataFrame]] = {}
            connection.begin()
            for number, (folder, outcome) in enumerate(waiting, start=1):
                if len(list(folder.glob("part-*.parquet"))) != outcome.parts:
                    gone += 1
                    continue
                good = _find_passing(connection, folder, outcome, reference, dialects, rule)
                if good.height:
                    new, known = _mend(connection, good, outcome)
                    accepted, unchanged = accepted + new, unchanged + known
                    passed.setdefault(outcome.source, []).append(good.select("record"))
                report(outcome.source, number, len(waiting))
            for name, parts in passed.items():
                _mark(connection, name, pl.concat(parts), at)
            held = connection.execute(
                "select count(*) from log.quarantine where mended_at is null"
            ).fetchall()[0][0]
            connection.commit()
        finally:
            connection.close()
    return Mended(len(waiting), accepted, unchanged, gone, int(held))


def _find_passing(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    outcome: Outcome,
    reference: Path,
    dialects: Path | None,
    rule: str | None,
) -> pl.DataFrame:
    """The records of a batch that stand in quarantine and pass today."""
    feed = cast(Feed, outcome.feed)
    held = connection.sql(_HELD, params=[outcome.source]).pl()
    held = held.filter(pl.col("rule") == rule) if rule else held
    context = read_context(outcome, reference, dialects)
    erased = tombstones(connection)
    fields = RECORDS[feed]
    content = [f.name for f in fields.fields] + [ls.name for ls in fields.lists]
    # the text a bad record is kept as (`contracts.check`), to find it again
    text = pl.struct("_updated_at", *content).struct.json_encode()
    parts = [
        check(read_part(path, outcome.identity, erased), feed, context).good.with_columns(
            record=text
        )
        for path in landed_parts(folder, outcome)
    ]
    return pl.concat(parts).filter(pl.col("record").is_in(held["record"].implode()))


def _mend(
    connection: duckdb.DuckDBPyConnection, good: pl.DataFrame, outcome: Outcome
) -> tuple[int, int]:
    """Take records of a batch into the log and recount it: how many were new, how many known."""
    accepted, collided = accept_rows(connection, good.drop("record"), outcome)
    unchanged = good.height - accepted - collided
    told_at = good["source_updated_at" if outcome.feed == "dossiers" else "step_at"].max()
    connection.execute(
        """update log.outcome set accepted = accepted + $a, unchanged = unchanged + $u,
            quarantined = quarantined - $a - $u,
            latest_updated_at = greatest(latest_updated_at, $told::timestamp)
        where source = $source and pull_id = $pull""",
        {
            "a": accepted, "u": unchanged, "told": told_at,
            "source": outcome.source, "pull": outcome.pull_id,
        },
    )  # fmt: skip
    return accepted, unchanged


def _mark(
    connection: duckdb.DuckDBPyConnection, source: str, records: pl.DataFrame, at: datetime
) -> None:
    connection.register("passed", records.unique())
    connection.execute(
        """update log.quarantine set mended_at = ? from passed
        where quarantine.record = passed.record and source = ? and mended_at is null
            and rule <> 'dossier_code_collision'""",
        [at, source],
    )
    connection.unregister("passed")
