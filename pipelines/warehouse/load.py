"""Load what has landed and is not in the log yet; a replay is the same from an empty warehouse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pipelines.disk import naming_full_disk
from pipelines.failpoints import reach
from pipelines.intake.landing import batches, sweep
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.tables import SAID_TABLES, connect_writer

Reporter = Callable[[str, int, int], None]
"""Called with a source, the number of batches done and the number in all."""


def load_landing(
    warehouse_file: Path, landing: Path, reference: Path, dialects: Path | None, report: Reporter
) -> list[Merged]:
    """Take every batch that the log does not know into the log, in the order of arrival.

    `dialects` is the folder of the list of sources, where a source's own dialect may stand.
    What killed pulls and loads left behind is removed first. Raises `DiskFullError`: the batches
    before it are in the log, the others still wait.
    """
    with (
        writer_lock(warehouse_file, "loading what has landed"),
        naming_full_disk("loading into the log", warehouse_file.parent),
    ):
        sweep(landing)
        _sweep_spill(warehouse_file)
        connection = connect_writer(warehouse_file)
        try:
            reach("load_begun")
            known = set(connection.execute("select source, pull_id from log.outcome").fetchall())
            waiting = [
                (folder, outcome)
                for folder, outcome in batches(landing)
                if (outcome.source, outcome.pull_id) not in known
            ]
            merged: list[Merged] = []
            for number, (folder, outcome) in enumerate(waiting, start=1):
                merged.append(load_batch(connection, folder, outcome, reference, dialects))
                reach("batch_loaded")
                report(outcome.source, number, len(waiting))
            reach("load_done")
            return merged
        finally:
            connection.close()


def _sweep_spill(warehouse_file: Path) -> None:
    """Remove what killed engines wrote aside; whoever holds the lock has none open."""
    # ours, and the one that dbt's engine takes beside the file
    for folder in (warehouse_file.parent / "spill", Path(f"{warehouse_file}.tmp")):
        shutil.rmtree(folder, ignore_errors=True)


def replay(
    warehouse_file: Path, landing: Path, reference: Path, dialects: Path | None, report: Reporter
) -> list[Merged]:
    """Build the log anew from the landing zone; what was published or signed is carried over.

    The old file is kept aside until the new one stands.
    """
    with writer_lock(warehouse_file, "replay"):
        old = warehouse_file.with_suffix(".before-replay")
        if warehouse_file.exists():
            warehouse_file.replace(old)
        merged = load_landing(warehouse_file, landing, reference, dialects, report)
        if old.exists():
            connection = connect_writer(warehouse_file)
            try:
                connection.execute(f"attach '{old}' as old (read_only)")
                there = connection.execute(
                    "select table_name from duckdb_tables() where database_name = 'old'"
                ).fetchall()
                for table in SAID_TABLES:
                    if (table,) in there:
                        connection.execute(
                            f"insert into log.{table} by name select * from old.log.{table}"
                        )
            finally:
                connection.close()
            old.unlink()
        return merged
