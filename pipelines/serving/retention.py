"""Retention: which snapshots are kept, and for what.

Kept are the last ones, the current one and the one before it, those a reader holds
(`leases`), and those that a report or a signed form names: `serving/named/<version>`, one line for
every reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipelines.disk import make_folder, sync_file, sync_folder
from pipelines.failpoints import reach
from pipelines.serving.leases import delete_unless_held
from pipelines.serving.snapshot import current_snapshot, list_snapshots

NAMED: Final = "named"
_LEAST = 2


def keep_version(serving_dir: Path, version: str, reason: str) -> None:
    """Keep a version for ever: something that left the house names it. A reason is one line."""
    folder = serving_dir / NAMED
    make_folder(folder)
    mark = folder / version
    line = " ".join(reason.split())
    if line in kept_versions(serving_dir).get(version, ()):
        return
    with mark.open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")
    sync_file(mark)
    sync_folder(folder)


def kept_versions(serving_dir: Path) -> dict[str, tuple[str, ...]]:
    """The versions that are named, with the reasons."""
    marks = sorted((serving_dir / NAMED).glob("*"))
    return {m.name: tuple(m.read_text(encoding="utf-8").splitlines()) for m in marks}


def retire(serving_dir: Path, keep: int) -> None:
    """Delete all but the last `keep` versions (at least two), and those that must be kept.

    A reader that has just read the pointer thereby finds the file, even if the next version is
    published before it opens it.
    """
    named = kept_versions(serving_dir)

    def is_not_current(version: str) -> bool:
        return current_snapshot(serving_dir).version != version

    for old in list_snapshots(serving_dir)[: -max(keep, _LEAST)]:
        version = old.version
        if version not in named and delete_unless_held(
            old.file, lambda version=version: is_not_current(version)
        ):
            reach("snapshot_retired")
