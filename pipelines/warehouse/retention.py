"""Retention of landing: parts older than configured are deleted, what the log knows stays.

The outcome of a pull is never deleted: it says how far a source was asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.intake.landing import CUT_MARK, batches
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer


@dataclass(frozen=True)
class Cut:
    """Batches whose parts are (or, on a dry run, would be) deleted; records and bytes in them.

    `waiting` older ones are kept, since the log does not know them yet.
    """

    batches: int
    records: int
    bytes: int
    waiting: int


def cut_landing(
    warehouse_file: Path, landing: Path, *, days: int, at: datetime, is_dry: bool
) -> Cut:
    """Delete the landed parts of pulls older than `days` that are in the log, with a record of it.

    A replay then takes the rows of those pulls over from the log that is.
    """
    before = at - timedelta(days=days)
    n = records = size = waiting = 0
    with writer_lock(warehouse_file, "cutting landing"):
        connection = connect_writer(warehouse_file)
        try:
            known = set(connection.execute("select source, pull_id from log.outcome").fetchall())
            for folder, outcome in batches(landing):
                parts = sorted(folder.glob("part-*.parquet"))
                if outcome.fetched_at >= before or not parts:
                    continue
                if (outcome.source, outcome.pull_id) not in known:
                    waiting += 1
                    continue
                part_bytes = sum(part.stat().st_size for part in parts)
                n, records, size = n + 1, records + outcome.records_in, size + part_bytes
                if is_dry:
                    continue
                connection.execute(
                    "insert into log.landing_cut by name select $source as source,"
                    " $feed as feed, $pull as pull_id, $at::timestamp as cut_at,"
                    " $records::bigint as records_in, $bytes::bigint as bytes",
                    {
                        "source": outcome.source, "feed": outcome.feed, "pull": outcome.pull_id,
                        "at": at, "records": outcome.records_in, "bytes": part_bytes,
                    },
                )  # fmt: skip
                mark = {"cut_at": at.isoformat(), "records_in": outcome.records_in}
                (folder / CUT_MARK).write_text(json.dumps(mark), encoding="utf-8")
                for part in parts:
                    part.unlink()
        finally:
            connection.close()
    return Cut(n, records, size, waiting)
