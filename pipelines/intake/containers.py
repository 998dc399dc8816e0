"""Containers: what is inside a compressed file or an archive, unpacked in memory alone."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from pipelines.intake.labels import file_label
from pipelines.intake.readers import DAMAGED, UnreadableError

_CHUNK: Final = 1 << 20
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload")
_BY_THE_SYSTEM: Final = ("__macosx", "thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Piece:
    """One file to read: the name under which it is known, the one that tells its form, and its
    bytes, or its path where it is read from where it lies."""

    file: str
    name: str
    content: Path | bytes


def is_delivery(name: str) -> bool:
    """Whether a name is that of a delivered file: not hidden, not a lock, not unfinished."""
    lower = name.lower()
    return not lower.startswith((".", "~$", *_BY_THE_SYSTEM)) and not lower.endswith(_UNFINISHED)


def pieces(path: Path, limit: int) -> Iterator[Piece | UnreadableError]:
    """What a file holds: itself, its unpacked content, or the members of an archive.

    Members are numbered in the order of their names (`<file>#<number>`): a name inside an
    archive is neither a path of ours nor printed. One that cannot be read is given back as the
    error that says so, and the others go on; an archive inside an archive is such a one. Raises
    `UnreadableError` for a file that is cut or unpacks to more than `limit` bytes in all.
    """
    name, label = path.name.lower(), file_label(path.name)
    if name.endswith(".zip"):
        yield from _members(path, limit)
    elif name.endswith(".gz"):
        yield Piece(label, name.removesuffix(".gz"), _gunzip(path, limit))
    else:
        yield Piece(label, name, path)


def _gunzip(content: Path | bytes, limit: int) -> bytes:
    try:
        with gzip.open(content if isinstance(content, Path) else io.BytesIO(content)) as stream:
            return _read(stream, limit)
    except UnreadableError:
        raise
    except DAMAGED:
        raise UnreadableError("truncated_file", "the compressed file is cut") from None


def _read(stream: IO[bytes] | gzip.GzipFile, limit: int) -> bytes:
    """All bytes of a stream. Raises `UnreadableError` (`too_large`) beyond `limit`."""
    body = io.BytesIO()
    while chunk := stream.read(_CHUNK):
        if body.tell() + len(chunk) > limit:
            raise UnreadableError("too_large", "it unpacks to more than files.expanded_mib")
        body.write(chunk)
    return body.getvalue()


def _members(path: Path, limit: int) -> Iterator[Piece | UnreadableError]:
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED:
        raise UnreadableError("truncated_file", "the archive is cut or is none") from None
    with archive:
        members = sorted(
            (member for member in archive.infolist() if _is_member(member)),
            key=lambda member: member.filename,
        )
        if not members:
            raise UnreadableError("empty_archive", "the archive holds no file")
        left = limit
        for number, member in enumerate(members, start=1):
            try:
                piece = _member(archive, member, f"{file_label(path.name)}#{number:03}", left)
            except UnreadableError as error:
                if error.error_class == "too_large":
                    raise
                yield UnreadableError(error.error_class, f"member {number}: {error}")
                continue
            left -= member.file_size
            yield piece


def _is_member(member: zipfile.ZipInfo) -> bool:
    names = PurePosixPath(member.filename.replace("\\", "/")).parts
    return not member.is_dir() and all(is_delivery(n) for n in names if n not in ("..", "/"))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, limit: int) -> Piece:
    name = PurePosixPath(member.filename.replace("\\", "/")).name.lower()
    if name.endswith(".zip"):
        raise UnreadableError("unreadable_file", "an archive inside an archive is not opened")
    if member.flag_bits & 1:
        raise UnreadableError("unreadable_file", "it is locked with a password")
    try:
        with archive.open(member) as stream:
            body = _read(stream, limit)
    except UnreadableError:
        raise
    except DAMAGED:
        raise UnreadableError("truncated_file", "it is cut or damaged") from None
    if name.endswith(".gz"):
        name, body = name.removesuffix(".gz"), _gunzip(body, limit)
    return Piece(file, name, body)
