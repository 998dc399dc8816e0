"""The walk: every file below a folder, by its form, containers opened, what is ours not skipped."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.scanner.databases import scan_postgres, scan_sqlite
from pipelines.scanner.documents import (
    is_workbook,
    scan_bytes,
    scan_pdf,
    scan_text,
    scan_workbook,
)
from pipelines.scanner.findings import Finding, Hit, Patterns, Reader, hits_in_name, name_place
from pipelines.scanner.patterns import EXEMPT, PATTERNS, Exemption
from pipelines.scanner.tables import scan_csv, scan_duckdb, scan_json, scan_parquet

_DEPTH = 3
_ENGINES: tuple[Reader, ...] = (scan_duckdb, scan_sqlite, scan_parquet, scan_pdf, scan_workbook)
UNREADABLE = "unreadable"
"""The kind of a finding that says: this file could not be read by its engine, its bytes at most."""
Reporter = Callable[[int, int], None]
"""Called with the number of files done and the number in all."""


@dataclass(frozen=True)
class _Piece:
    """A file, or the unpacked member of one, under the name that a finding shows."""

    name: str
    path: Path


def find(
    folder: Path,
    *,
    patterns: Patterns = PATTERNS,
    exempt: Iterable[Exemption] = EXEMPT,
    leave: Iterable[Path] = (),
    report: Reporter = lambda _done, _total: None,
) -> list[Finding]:
    """Every place below `folder` that holds a personal value, with the number of cells.

    `leave` names files and folders that are not the product's (an inbox). A form that its engine
    cannot read is read as bytes; a file that vanishes meanwhile is left out.
    """
    left = {path.resolve() for path in leave}
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not left.intersection((path.resolve(), *path.resolve().parents))
    ]
    found: list[Finding] = []
    for number, path in enumerate(paths, start=1):
        inner = path.relative_to(folder)
        name = "/".join(name_place(part, patterns) for part in inner.parts)
        found += [
            Finding(name, "", "(name of the file)", kind, 1)
            for kind in hits_in_name(inner.as_posix(), patterns)
        ]
        found += _in_piece(_Piece(name, path), patterns, tuple(exempt), _DEPTH)
        report(number, len(paths))
    return sorted(found)


def find_in_url(
    url: str,
    name: str,
    *,
    patterns: Patterns = PATTERNS,
    exempt: Iterable[Exemption] = EXEMPT,
) -> list[Finding]:
    """The same for a PostgreSQL; `name` stands in the findings in place of the URL.

    Raises `psycopg2.Error` where the server does not answer.
    """
    return sorted(_findings(name, scan_postgres(url, patterns), tuple(exempt)))


def _in_piece(
    piece: _Piece, patterns: Patterns, exempt: tuple[Exemption, ...], depth: int
) -> list[Finding]:
    unread: list[Finding] = []
    try:
        if depth and _is_container(piece.path):
            return _in_container(piece, patterns, exempt, depth)
        for read in _readers(piece.path):
            try:
                return unread + _findings(piece.name, read(piece.path, patterns), exempt)
            except FileNotFoundError:
                return []
            except Exception:  # whatever an engine says to a broken file: its bytes are read
                if read in _ENGINES:
                    unread = [Finding(piece.name, "", "", UNREADABLE, 1)]
    except FileNotFoundError:
        return []
    except OSError:
        pass
    return [Finding(piece.name, "", "", UNREADABLE, 1)]


def _findings(name: str, hits: Iterator[Hit], exempt: tuple[Exemption, ...]) -> list[Finding]:
    return [
        Finding(name, table, column, kind, count)
        for table, column, kind, count in hits
        if not any(rule.covers(table, column, kind) for rule in exempt)
    ]


def _readers(path: Path) -> Iterator[Reader]:
    """The readers that may know a file, the best first; the last one reads anything."""
    with path.open("rb") as stream:
        start = stream.read(16)
    suffixes = path.suffixes[-1:]
    if start[8:12] == b"DUCK":
        yield scan_duckdb
    elif start == b"SQLite format 3\0":
        yield scan_sqlite
    elif start.startswith(b"PAR1"):
        yield scan_parquet
    elif start.startswith(b"%PDF-"):
        yield scan_pdf
    elif start.startswith(b"PK") and is_workbook(path):
        yield scan_workbook
    elif suffixes in ([".csv"], [".tsv"]):
        yield scan_csv
        yield scan_text
    elif suffixes in ([".json"], [".ndjson"], [".jsonl"]):
        yield scan_json
        yield scan_text
    elif b"\0" not in start:
        yield scan_text
    yield scan_bytes


def _is_container(path: Path) -> bool:
    if zipfile.is_zipfile(path):
        return not is_workbook(path)
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return is_gzip or tarfile.is_tarfile(path)


def _in_container(
    piece: _Piece, patterns: Patterns, exempt: tuple[Exemption, ...], depth: int
) -> list[Finding]:
    """The members, each unpacked into a folder of its own that is removed at once."""
    found: list[Finding] = []
    try:
        for number, (inner, copy) in enumerate(_members(piece.path), start=1):
            name = f"{piece.name}#{number}"
            found += [
                Finding(name, "", "(name of the member)", kind, 1)
                for kind in hits_in_name(inner, patterns)
            ]
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / f"member{Path(inner).suffix}"
                copy(target)
                found += _in_piece(_Piece(name, target), patterns, exempt, depth - 1)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, zlib.error, RuntimeError):
        found += _findings(piece.name, scan_bytes(piece.path, patterns), exempt)
    return found


def _members(path: Path) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Name and copier of every file inside of an archive or a compressed file."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield member.filename, partial(_copy, partial(archive.open, member))
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile():
                    yield member.name, partial(_copy, partial(archive.extractfile, member))
    else:
        yield path.name.removesuffix(".gz"), partial(_copy, partial(gzip.open, path))


def _copy(open_member: Callable[[], Any], target: Path) -> None:
    with open_member() as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out)
