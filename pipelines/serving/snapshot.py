"""Snapshots: immutable files and one small pointer, the only thing that ever changes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
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


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
