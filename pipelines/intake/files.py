"""File sources: what a shop puts into its inbox, in whatever form it comes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from pipelines.intake.canonical import Record
from pipelines.intake.containers import Piece, is_delivery, pieces
from pipelines.intake.dialects import Dialect
from pipelines.intake.kinds import FileFormat, Files
from pipelines.intake.readers import (
    Batch,
    UnreadableError,
    read_array,
    read_lines,
    read_parquet,
    read_table,
    read_workbook,
)

ARCHIVE: Final = "archive"
_MIB: Final = 1 << 20
_FORMS: Final = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
}


def inbox(files: Files, folder: Path) -> list[Path]:
    """The files waiting for a source, by name. `path` is relative to the list of sources.

    Left alone are hidden files, locks of an office program (`~$…`) and names that say
    themselves that a copy is not finished (`.part`, `.tmp`, `.filepart` …).
    """
    pattern = Path(files.path).expanduser()
    if pattern.is_absolute():
        root, relative = Path(pattern.anchor), str(pattern.relative_to(pattern.anchor))
    else:
        root, relative = folder, files.path
    return sorted(p for p in root.glob(relative) if is_delivery(p.name) and p.is_file())


def read_file(
    path: Path, files: Files, *, record: Record, dialect: Dialect, reference: Path
) -> Iterator[Batch]:
    """Read a file, or every file of an archive, each by its form, in batches.

    The form is guessed from the name unless the source says it. Raises `UnreadableError` if it
    cannot be read as a whole; of an archive, what can be read comes first, then the error of
    the first member that cannot.
    """
    bad: list[UnreadableError] = []
    try:
        for piece in pieces(path, files.expanded_mib * _MIB):
            if isinstance(piece, UnreadableError):
                bad.append(piece)
                continue
            try:
                yield from _read_piece(piece, files, record, dialect, reference)
            except UnreadableError as error:
                if not path.name.lower().endswith(".zip"):
                    raise
                number = int(piece.file.rpartition("#")[2])
                bad.append(UnreadableError(error.error_class, f"member {number}: {error}"))
    except OSError as error:
        raise UnreadableError(
            "unreadable_file", f"it cannot be opened ({type(error).__name__})"
        ) from None
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise UnreadableError(bad[0].error_class, f"{bad[0]}{more}")


def _read_piece(
    piece: Piece, files: Files, record: Record, dialect: Dialect, reference: Path
) -> Iterator[Batch]:
    form: FileFormat = files.format
    if form == "auto":
        form = cast(FileFormat, _FORMS.get(Path(piece.name).suffix, "csv"))
    content = piece.content
    if form == "csv":
        yield read_table(
            content, record=record, dialect=dialect, file=piece.file, reference=reference
        )
    elif form == "parquet":
        yield from read_parquet(
            content, record=record, dialect=dialect, file=piece.file, reference=reference
        )
    elif form == "xlsx":
        yield from read_workbook(
            content,
            record=record,
            dialect=dialect,
            file=piece.file,
            reference=reference,
            limit=files.expanded_mib * _MIB,
        )
    else:
        read = read_lines if form == "ndjson" else read_array
        yield from read(
            content, record=record, dialect=dialect, file=piece.file, reference=reference
        )


def sha256_of(path: Path) -> str:
    """The fingerprint of a file; one that has not changed since is not read for it again."""
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)


@lru_cache(maxsize=4096)
def _digest(path: Path, _size: int, _changed: int, _inode: int) -> str:
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
