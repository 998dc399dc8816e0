"""Fail points: named places at which a test may have the process killed, as a power cut would.

Off unless `MOTCUA_FAIL_AT` says `name` or `name:n`: then the process ends by SIGKILL when it
comes to that place for the n-th time. Nothing is caught, closed or flushed.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "MOTCUA_FAIL_AT"

POINTS: Final = {
    "part_written": "a part of a batch is written, the batch is still hidden",
    "outcome_written": "part and outcome are on disk, the batch is still hidden",
    "batch_renamed": "the batch has its name, which is not yet on disk for sure",
    "batch_landed": "the batch has landed for good",
    "file_put_away": "a file of an inbox was archived or deleted after it landed",
    "load_begun": "the warehouse is open, no batch is taken yet",
    "batch_merged": "a batch stands in the log, its transaction is open",
    "batch_loaded": "a batch is committed",
    "load_done": "every batch is committed, the warehouse is still open",
    "models_begun": "the writer's lock is taken for dbt, which has not begun",
    "models_done": "dbt is through, the lock is still held",
    "impacts_estimated": "what mergers did is estimated, the warehouse keeps the estimates before",
    "impacts_kept": "the warehouse keeps the new estimates",
    "snapshot_copied": "the marts are in the hidden file",
    "snapshot_described": "the hidden file knows its version and documents",
    "snapshot_verified": "the hidden file is found right, it may not be on disk yet",
    "snapshot_durable": "the hidden file is on disk",
    "publication_announced": "the version is announced: until it is current it may be withdrawn",
    "snapshot_named": "the snapshot has its name, nothing points to it",
    "figures_said": "the headline figures are in the log, nothing points to the snapshot",
    "pointer_written": "the new pointer is written beside the old one",
    "pointer_moved": "readers see the new snapshot, its announcement still stands",
    "publication_finished": "the announcement is gone, old snapshots are not yet retired",
    "snapshot_retired": "an old snapshot is deleted",
    "act_committed": "a form is signed in the log, no snapshot shows it",
}
"""Name → what is true at that moment."""


def reach(name: str) -> None:
    """Pass a fail point: dies there if the environment says so, else does nothing."""
    if _watch is not None:
        _watch(name)


def kill_at(text: str) -> Callable[[str], None]:
    """What `reach` does under `MOTCUA_FAIL_AT=text`. Raises `ValueError` for no known point."""
    name, _, number = text.partition(":")
    if name not in POINTS or not (number or "1").isdigit():
        raise ValueError(f"{VARIABLE}: {text!r} is not name or name:n of {', '.join(POINTS)}")
    due = int(number or "1")
    seen: Counter[str] = Counter()

    def watch(reached: str) -> None:
        seen[reached] += 1
        if reached == name and seen[name] == due:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


_armed = os.environ.get(VARIABLE)
_watch: Callable[[str], None] | None = kill_at(_armed) if _armed else None
