"""Load what has landed and is not in the log yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.intake.landing import CUT_MARK, batches
from pipelines.logs import recorded
from pipelines.warehouse.erase import learn_erasures
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.merge import Merged, load_batch
from pipelines.warehouse.tables import connect_writer

Reporter = Callable[[str, int, int], None]
"""Called with a source, the number of batches done and the number in all."""


def load_landing(
    warehouse_file: Path, landing: Path, reference: Path, dialects: Path | None, report: Reporter
) -> list[Merged]:
    """Take every batch that the log does not know into the log, in the order of arrival.

    A batch that retention has cut is no more to be had. `dialects` is the folder of the list of
    sources, where a source's own dialect may stand.
    """
    with writer_lock(warehouse_file, "loading what has landed"):
        connection = connect_writer(warehouse_file)
        try:
            learn_erasures(connection, landing)
            known = set(connection.execute("select source, pull_id from log.outcome").fetchall())
            waiting = [
                (folder, outcome)
                for folder, outcome in batches(landing)
                if (outcome.source, outcome.pull_id) not in known
                and not (folder / CUT_MARK).exists()
            ]
            merged: list[Merged] = []
            for number, (folder, outcome) in enumerate(waiting, start=1):
                with recorded("batch_loaded", source=outcome.source, feed=outcome.feed) as event:
                    batch = load_batch(connection, folder, outcome, reference, dialects)
                    event |= batch.counts()
                merged.append(batch)
                report(outcome.source, number, len(waiting))
            return merged
        finally:
            connection.close()
