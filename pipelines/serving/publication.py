"""Publication: the last steps of a new snapshot, in an order that a kill at any moment can bear.

announce the version → give the file its name → say the figures in the log → move the pointer →
end the announcement. An announced version that never became current is withdrawn by the next
who publishes: what nobody could read was not said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from pipelines.disk import sync_file, sync_folder
from pipelines.failpoints import reach
from pipelines.serving.snapshot import (
    POINTER,
    NoSnapshotError,
    Snapshot,
    announce,
    announced_version,
    current_snapshot,
    end_announcement,
    point_to,
)

_TEMPORARY_POINTER: Final = re.compile(rf"\.{re.escape(POINTER)}\.(\d+)")


def show(building: Path, version: str, say: Callable[[], object]) -> Snapshot:
    """Make a finished hidden file the current snapshot, once `say` has told the log.

    The caller holds the writer's lock. If anything fails, the file goes, the pointer stays, and
    what `say` may have told is withdrawn by the next publication.
    """
    folder = building.parent
    snapshot = Snapshot(version, folder / f"{version}.duckdb")
    sync_file(building)
    reach("snapshot_durable")
    announce(folder, version)
    reach("publication_announced")
    try:
        building.rename(snapshot.file)
        sync_folder(folder)
        reach("snapshot_named")
        say()
        reach("figures_said")
        point_to(folder, version)
    except BaseException:
        if _current_version(folder) != version:
            snapshot.file.unlink(missing_ok=True)
        raise
    reach("pointer_moved")
    end_announcement(folder, version)
    reach("publication_finished")
    return snapshot


def withdraw_unfinished(connection: duckdb.DuckDBPyConnection, serving_dir: Path) -> None:
    """Take back what a killed publication left: its file, and the figures it said in the log.

    A signed form is no headline: it stays signed, and the next snapshot shows it.
    """
    version = announced_version(serving_dir)
    if version is None:
        return
    if _current_version(serving_dir) != version:
        connection.execute(
            "delete from log.published_figure where snapshot = ? and form is null", [version]
        )
        connection.execute("delete from log.published_effect where snapshot = ?", [version])
        (serving_dir / f"{version}.duckdb").unlink(missing_ok=True)
    end_announcement(serving_dir, version)


def sweep(serving_dir: Path) -> None:
    """Remove hidden files that publications left; the caller holds the writer's lock."""
    for hidden in serving_dir.glob(".motcua-*"):
        hidden.unlink(missing_ok=True)
    for hidden in serving_dir.glob(f".{POINTER}.*"):
        owner = _TEMPORARY_POINTER.fullmatch(hidden.name)
        # rolling back takes no lock: a pointer that is being written now is left alone
        if owner is None or not Path(f"/proc/{owner[1]}").exists() or owner[1] == str(os.getpid()):
            hidden.unlink(missing_ok=True)


def _current_version(serving_dir: Path) -> str | None:
    try:
        return current_snapshot(serving_dir).version
    except NoSnapshotError:
        return None
