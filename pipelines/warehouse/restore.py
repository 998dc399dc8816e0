"""Restoring a backup: everything is verified before any of it is shown, erasures are repeated."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pipelines.intake.erasures import check_key, enter, key_id, read_register
from pipelines.warehouse.backup import MANIFEST, BackupError, Entry, Manifest
from pipelines.warehouse.erase import erase, recognise
from pipelines.warehouse.holders import snapshots_with
from pipelines.warehouse.migrate import LAYOUT

Reporter = Callable[[int, int], None]
"""Called with the number of bytes read and the number in all."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What was restored: its manifest, whether the key in force is that of then, and how many
    dossiers, erased since the backup, were erased again."""

    manifest: Manifest
    is_same_key: bool
    erased: int


def restore(
    file: Path, home: Path, reference: Path, dialects: Path | None, report: Reporter
) -> Restored:
    """Restore a backup into a home that is empty; all of it or nothing.

    Erasures registered beside the backup that it does not know are repeated before anything is
    shown. Raises `BackupError`, and `ErasureKeyError` where they cannot be.
    """
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"{home}: is not empty; a backup is restored into a new home alone")
    stage = home / f".restoring-{os.getpid()}"
    try:
        stage.mkdir(parents=True)
        manifest = _unpack(file, stage, report)
        erased = _erase_again(file, stage, reference, dialects)
        for path in sorted(stage.iterdir()):
            path.rename(home / path.name)
    except OSError as error:
        raise BackupError(f"{file}: not restored ({os.strerror(error.errno or 0)})") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Restored(manifest, manifest.key_id == key_id(), erased)


def _unpack(file: Path, stage: Path, report: Reporter) -> Manifest:
    """Unpack and verify. Raises `BackupError` naming the first file that is not as it was."""
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file")
    total = file.stat().st_size
    found: dict[str, Entry] = {}
    manifest = None
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                if not member.isfile() or _leaves(member.name):
                    raise BackupError(f"{file.name}: {member.name} is no file of a backup")
                if member.name == MANIFEST:
                    stream = tar.extractfile(member)
                    manifest = Manifest.model_validate_json(stream.read() if stream else b"")
                else:
                    found[member.name] = _extract(tar, member, stage / member.name)
                report(tar.fileobj.tell() if tar.fileobj else total, total)
    except (tarfile.TarError, ValidationError):
        raise BackupError(f"{file.name}: is no whole backup") from None
    if manifest is None:
        raise BackupError(f"{file.name}: is no whole backup (no manifest)")
    wrong = [e.path for e in manifest.files if found.get(e.path) != e]
    wrong += sorted(found.keys() - {e.path for e in manifest.files})
    if wrong:
        raise BackupError(f"{file.name}: {len(wrong)} files are not as they were, {wrong[0]} first")
    if manifest.layout > LAYOUT:
        raise BackupError(
            f"{file.name}: has layout {manifest.layout}, this program knows up to {LAYOUT}:"
            " use the newer program"
        )
    return manifest


def _leaves(name: str) -> bool:
    path = Path(name)
    return path.is_absolute() or ".." in path.parts


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> Entry:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    stream = tar.extractfile(member)
    assert stream is not None
    with stream, target.open("wb") as out:
        while block := stream.read(_BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    os.utime(target, (member.mtime, member.mtime))
    return Entry(path=member.name, size=target.stat().st_size, sha256=digest.hexdigest())


def _erase_again(file: Path, stage: Path, reference: Path, dialects: Path | None) -> int:
    """Erase what was erased since the backup was made, snapshots that hold it included."""
    landing, serving = stage / "landing", stage / "serving"
    own = {(t.source, t.code_hmac) for t in read_register(landing)}
    later = [t for t in read_register(file.parent) if (t.source, t.code_hmac) not in own]
    if not later:
        return 0
    check_key(later)
    warehouse = next((stage / "warehouse").glob("*.duckdb"))
    found = recognise(warehouse, later)
    for tombstone, code in found:
        erase(
            warehouse, landing, reference, dialects,
            source=tombstone.source, code=code, by=tombstone.erased_by,
            reason=tombstone.reason, at=tombstone.erased_at,
        )  # fmt: skip
        for name in snapshots_with(serving, code):
            (serving / f"{name}.duckdb").unlink()
    enter(landing, later)
    pointer = serving / "CURRENT.json"
    if pointer.exists():
        current = json.loads(pointer.read_text(encoding="utf-8"))["version"]
        if not (serving / f"{current}.duckdb").exists():
            pointer.unlink()
    return len(found)
