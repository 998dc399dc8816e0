"""Snapshots: immutable files and one small pointer, the only thing that ever changes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Final, cast

from pipelines.disk import sync_folder
from pipelines.failpoints import reach
from pipelines.serving.leases import Lease

POINTER: Final = "CURRENT.json"
_ANNOUNCED: Final = ".publishing"


class NoSnapshotError(RuntimeError):
    """Nothing has been published yet, or a version is named whose file is gone."""


@dataclass(frozen=True)
class Snapshot:
    """A published version and the file that holds it."""

    version: str
    file: Path


def current_snapshot(serving_dir: Path) -> Snapshot:
    """The version readers should open. Raises `NoSnapshotError`."""
    version = _read_pointer(serving_dir).get("version")
    if version is None:
        raise NoSnapshotError("nothing has been published yet: run `motcua demo` or `motcua run`")
    file = serving_dir / f"{version}.duckdb"
    if not file.is_file():
        raise NoSnapshotError(f"the pointer names {version}, but that file is gone")
    return Snapshot(version, file)


def list_snapshots(serving_dir: Path) -> list[Snapshot]:
    """Every version that was published and is still there, the oldest first.

    The order is that of the times in their names: a restored backup has other times of change.
    Those count among versions of one second alone, as a clock that stands still makes them.
    """
    announced = announced_version(serving_dir)
    current = _read_pointer(serving_dir).get("version")
    files = sorted(
        serving_dir.glob("motcua-*.duckdb"),
        key=lambda file: (file.stem.rpartition("-")[0], file.stat().st_mtime_ns),
    )
    return [Snapshot(f.stem, f) for f in files if f.stem != announced or f.stem == current]


def point_to(serving_dir: Path, version: str, *, left: str | None = None) -> None:
    """Make `version` the current one, atomically; `left` is the one rolled back from."""
    pointer = {"version": version} | ({"rolled_back_from": left} if left else {})
    temporary = serving_dir / f".{POINTER}.{os.getpid()}"
    try:
        _write(temporary, json.dumps(pointer))
        reach("pointer_written")
        temporary.replace(serving_dir / POINTER)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(serving_dir)


def roll_back(serving_dir: Path, version: str) -> Snapshot:
    """Show readers an older version again, until the next is published.

    Returns the one it was rolled back from. Raises `NoSnapshotError` for a version that is not
    there; the pointer then stays.
    """
    before = current_snapshot(serving_dir)
    known = {snapshot.version: snapshot.file for snapshot in list_snapshots(serving_dir)}
    try:
        # held, so that nobody retires it in this moment
        lease = Lease(known[version])
    except (KeyError, FileNotFoundError):
        raise NoSnapshotError(
            f"there is no version {version}: `motcua snapshots list` names them"
        ) from None
    with lease:
        end_announcement(serving_dir, before.version)
        point_to(serving_dir, version, left=before.version)
    return before


def rolled_back_from(serving_dir: Path) -> str | None:
    """The version that the current one was put in place of; None where it was published."""
    return _read_pointer(serving_dir).get("rolled_back_from")


def name_version(serving_dir: Path, published_at: datetime, run_id: str) -> str:
    """The name of a new version: when it is published, and by which run.

    A run that publishes twice in one second gets a number: no file is ever replaced.
    """
    name = f"motcua-{published_at:%Y%m%dT%H%M%S}-{run_id[:8]}"
    names = chain([name], (f"{name}.{n}" for n in count(2)))
    return next(free for free in names if not (serving_dir / f"{free}.duckdb").exists())


def announce(serving_dir: Path, version: str) -> None:
    """Say that a version is about to be published: if the process dies it may be withdrawn."""
    _write(serving_dir / _ANNOUNCED, version)
    sync_folder(serving_dir)


def announced_version(serving_dir: Path) -> str | None:
    """The version whose publication was begun and not ended."""
    try:
        return (serving_dir / _ANNOUNCED).read_text(encoding="utf-8") or None
    except FileNotFoundError:
        return None


def end_announcement(serving_dir: Path, version: str) -> None:
    """The version is published, or withdrawn; another's announcement stays."""
    if announced_version(serving_dir) in (version, None):
        (serving_dir / _ANNOUNCED).unlink(missing_ok=True)


def _read_pointer(serving_dir: Path) -> dict[str, str]:
    try:
        text = (serving_dir / POINTER).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return cast("dict[str, str]", json.loads(text))


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
