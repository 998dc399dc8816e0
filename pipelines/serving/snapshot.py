"""Snapshots: immutable files and one small pointer, the only thing that ever changes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

POINTER = "CURRENT.json"


class NoSnapshotError(RuntimeError):
    """Nothing has been published yet, or the pointer names a file that is gone."""


@dataclass(frozen=True)
class Snapshot:
    """A published version and the file that holds it."""

    version: str
    file: Path


def current_snapshot(serving_dir: Path) -> Snapshot:
    """The version readers should open. Raises `NoSnapshotError`."""
    pointer = serving_dir / POINTER
    if not pointer.is_file():
        raise NoSnapshotError("nothing has been published yet: run `motcua demo` or `motcua run`")
    version = str(json.loads(pointer.read_text(encoding="utf-8"))["version"])
    file = serving_dir / f"{version}.duckdb"
    if not file.is_file():
        raise NoSnapshotError(f"the pointer names {version}, but that file is gone")
    return Snapshot(version, file)


def point_to(serving_dir: Path, version: str) -> None:
    """Make `version` the current one, atomically: publishing and rolling back are the same."""
    temporary = serving_dir / f".{POINTER}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump({"version": version}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(serving_dir / POINTER)
    sync_folder(serving_dir)


def name_version(published_at: datetime, run_id: str) -> str:
    """The name of a version: when it was published, and by which run."""
    return f"motcua-{published_at:%Y%m%dT%H%M%S}-{run_id[:8]}"


def retire(serving_dir: Path, keep: int) -> None:
    """Delete all but the last `keep` versions and the current one."""
    current = current_snapshot(serving_dir).file
    files = sorted(serving_dir.glob("motcua-*.duckdb"), key=lambda p: p.stat().st_mtime)
    for old in files[:-keep]:
        if old != current:
            old.unlink()


def sync_file(file: Path) -> None:
    """Make the content of a file durable."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    sync_file(folder)
