"""Backups: one tar file with all that a home needs to go on, and a manifest to verify it by.

The pseudonym key is never in it: whoever finds a backup must not be able to undo a pseudonym. Nor
are inboxes and logs (not de-identified, or of no use), nor what can be computed again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import BaseModel

from pipelines.intake.erasures import enter, key_id, read_register
from pipelines.warehouse.lock import WarehouseError, writer_lock
from pipelines.warehouse.migrate import LAYOUT
from pipelines.warehouse.tables import connect_writer

MANIFEST: Final = "manifest.json"
RECORD: Final = "backups.ndjson"
FOLDERS: Final = ("landing", "serving", "reports", "dagster", "dialects", "dashboard")
SUFFIXES: Final = (".yml", ".yaml", ".ndjson")
NAMES: Final = ("unit_change_edits.csv", "unit_costs.csv")
_COMPUTED: Final = ("as-of",)
_BLOCK = 1 << 20

Reporter = Callable[[int, int], None]
"""Called with the number of bytes written and the number in all."""


class BackupError(WarehouseError):
    """A backup that cannot be made or used; one line that says why."""


class Entry(BaseModel):
    """A file of a backup: path within the home, bytes, SHA-256."""

    path: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds, of when, and which key its pseudonyms were made with."""

    made_at: datetime
    layout: int
    key_id: str
    files: list[Entry]


@dataclass(frozen=True)
class Backup:
    """A backup that was written."""

    file: Path
    files: int
    bytes: int


def back_up(home: Path, warehouse_file: Path, out: Path, at: datetime, report: Reporter) -> Backup:
    """Write a consistent backup of a home to `out` (a folder, or a file ending in `.tar`).

    The writer's lock is held only while the warehouse is copied and the rest is linked; what
    lands or is published meanwhile is in the next one. Raises `BackupError`.
    """
    file = _name(out, at)
    stage = home / f".backup-{os.getpid()}"
    shutil.rmtree(stage, ignore_errors=True)
    partial = file.with_name(f".{file.name}.part")
    try:
        with writer_lock(warehouse_file, "a backup"):
            stage.mkdir(parents=True)
            _copy_warehouse(warehouse_file, stage / "warehouse" / warehouse_file.name)
            for path in _list_files(home):
                _stage(path, stage / path.relative_to(home))
            files = sorted(path for path in stage.rglob("*") if path.is_file())
        manifest = Manifest(made_at=at, layout=LAYOUT, key_id=key_id(), files=[])
        total = sum(path.stat().st_size for path in files)
        done = 0
        partial.touch(mode=0o600)
        with partial.open("wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            for path in files:
                manifest.files.append(_add(tar, path, path.relative_to(stage).as_posix()))
                done += manifest.files[-1].size
                report(done, total)
            body = manifest.model_dump_json(indent=1).encode()
            head = tarfile.TarInfo(MANIFEST)
            head.size = len(body)
            tar.addfile(head, io.BytesIO(body))
        _sync(partial)
        partial.replace(file)
    except OSError as error:
        raise BackupError(
            f"{file}: the backup was not written ({os.strerror(error.errno or 0)})"
        ) from None
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(stage, ignore_errors=True)
    enter(file.parent, read_register(home / "landing"))
    made = Backup(file, len(files), file.stat().st_size)
    _record(home, made, at)
    return made


def mark_backups(home: Path) -> list[str]:
    """Lay today's tombstones beside every backup that is known; returns the backups' names.

    A backup whose folder is not there is named all the same: give it the register by hand.
    """
    record = home / RECORD
    if not record.is_file():
        return []
    lines = record.read_text(encoding="utf-8").splitlines()
    known = {Path(json.loads(line)["file"]) for line in lines if line.strip()}
    tombstones = read_register(home / "landing")
    names: list[str] = []
    for file in sorted(known):
        if file.exists():
            enter(file.parent, tombstones)
        if file.exists() or not file.parent.is_dir():
            names.append(str(file))
    return names


def _name(out: Path, at: datetime) -> Path:
    if out.is_dir():
        out = out / f"motcua-{at:%Y%m%dT%H%M%S}.tar"
    if out.suffix != ".tar":
        raise BackupError(f"{out}: no such folder; a file's name has to end in .tar")
    if not out.parent.is_dir():
        raise BackupError(f"{out.parent}: there is no such folder")
    if out.exists():
        raise BackupError(f"{out}: is there already; a backup is never written over")
    return out.resolve()


def _copy_warehouse(warehouse_file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    if not warehouse_file.exists():
        raise BackupError("there is no warehouse yet: run `motcua demo` or `motcua run`")
    connection = connect_writer(warehouse_file)
    try:
        connection.execute("checkpoint motcua")
    finally:
        connection.close()
    shutil.copyfile(warehouse_file, target)


def _list_files(home: Path) -> Iterator[Path]:
    """What of a home is kept: nothing hidden, nothing that is computed again."""
    for name in FOLDERS:
        for path in sorted((home / name).rglob("*")):
            inner = path.relative_to(home).parts
            hidden = any(part.startswith(".") for part in inner)
            if path.is_file() and not hidden and not set(inner) & set(_COMPUTED):
                yield path
    for path in sorted(home.iterdir()):
        is_ours = path.suffix in SUFFIXES or path.name in NAMES
        if path.is_file() and is_ours and not path.name.startswith("."):
            yield path


def _stage(path: Path, target: Path) -> None:
    """Hold a file as it is now: a link where it never changes, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    elif path.suffix in (".parquet", ".duckdb"):
        try:
            target.hardlink_to(path)
        except OSError:  # another file system
            shutil.copyfile(path, target)
    elif not path.name.endswith((".db-wal", ".db-shm", ".db-journal")):
        shutil.copyfile(path, target)


class _Hashed(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.digest.update(block)
        return block


def _add(tar: tarfile.TarFile, path: Path, name: str) -> Entry:
    info = tarfile.TarInfo(name)
    info.size = path.stat().st_size
    info.mtime = int(path.stat().st_mtime)
    with path.open("rb") as stream:
        hashed = _Hashed(stream)
        tar.addfile(info, hashed)
    return Entry(path=name, size=info.size, sha256=hashed.digest.hexdigest())


def _record(home: Path, made: Backup, at: datetime) -> None:
    line = {"made_at": at.isoformat(), "file": str(made.file), "bytes": made.bytes}
    with (home / RECORD).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
