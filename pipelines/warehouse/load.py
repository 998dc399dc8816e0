"""Load what has landed and is not in the log yet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pipelines.disk import naming_full_disk
from pipelines.failpoints import reach
from pipelines.intake.landing import CUT_MARK, batches, sweep
from pipelines.logs import recorded
from pipelines.warehouse.erase import learn_erasures
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.near import put_aside
from pipelines.warehouse.tables import connect_writer

Reporter = Callable[[str, int, int], None]
"""Called with a source, the number of batches done and the number in all."""


def load_landing(
    warehouse_file: Path, landing: Path, reference: Path, dialects: Path | None, report: Reporter
) -> list[Merged]:
    """Take every batch that the log does not know into the log, in the order of arrival.

    A batch that retention has cut is no more to be had. `dialects` is the folder of the list of
    sources, where a source's own dialect may stand.
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
            learn_erasures(connection, landing)
            reach("load_begun")
            known = set(connection.execute("select source, pull_id from log.outcome").fetchall())
            waiting = [
                (folder, outcome)
                for folder, outcome in batches(landing)
                if (outcome.source, outcome.pull_id) not in known
                and not (folder / CUT_MARK).exists()
            ]
            near = put_aside(connection, waiting)
            merged: list[Merged] = []
            for number, (folder, outcome) in enumerate(waiting, start=1):
                with recorded("batch_loaded", source=outcome.source, feed=outcome.feed) as event:
                    batch = load_batch(connection, folder, outcome, reference, dialects, near)
                    event |= batch.counts()
                merged.append(batch)
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
