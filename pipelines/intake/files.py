"""File sources: what a shop puts into its inbox."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

from pipelines.intake.canonical import Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.readers import (
    Batch,
    Envelope,
    UnreadableError,
    inspect_json,
    read_json,
    read_table,
)
from pipelines.intake.sources import Files

ARCHIVE = "archive"


def inbox(files: Files, folder: Path) -> list[Path]:
    """The files waiting for a source, by name. `path` is relative to the list of sources."""
    pattern = Path(files.path).expanduser()
    if pattern.is_absolute():
        root, relative = Path(pattern.anchor), str(pattern.relative_to(pattern.anchor))
    else:
        root, relative = folder, files.path
    return sorted(p for p in root.glob(relative) if p.is_file())


def read_file(
    path: Path, files: Files, *, record: Record, dialect: Dialect, reference: Path
) -> Batch:
    """Read one file by its format, guessed from its name unless the source says it.

    Raises `UnreadableError` if it cannot be read as a whole.
    """
    name = path.name.removesuffix(".gz")
    kind = files.format
    if kind == "auto":
        kind = "json" if name.endswith(".json") else "csv"
    if kind == "csv":
        return read_table(path, record=record, dialect=dialect, file=path.name, reference=reference)
    try:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError):
        raise UnreadableError("truncated_file", "the compressed file is cut") from None
    envelope = Envelope(None, "updated_at")
    inspect_json(body, encoding=dialect.encoding, envelope=envelope, following=None)
    return read_json(
        [body],
        record=record,
        dialect=dialect,
        envelope=envelope,
        file=path.name,
        reference=reference,
    )


def sha256_of(path: Path) -> str:
    """The fingerprint of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def put_away(path: Path, files: Files) -> None:
    """What the source asks for once a file has landed: archive, delete or keep."""
    if files.after == "delete":
        path.unlink()
    elif files.after == "archive":
        target = path.parent / ARCHIVE
        target.mkdir(exist_ok=True)
        shutil.move(path, target / f"{sha256_of(path)[:8]}-{path.name}")
