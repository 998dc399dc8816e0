"""Bytes as text: which encoding a file has, found from its bytes, never with a lost character."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipelines.intake.dialects import GUESS
from pipelines.intake.readers.batch import UnreadableError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK: Final = 1 << 22
_UTF8: Final = ("utf-8", "utf-8-sig")


def find_encoding(content: Path | bytes, encoding: str) -> str:
    """The codec of a file: the dialect's, else by the mark of its start, else by its bytes.

    Without a mark it is UTF-8 where every byte fits, or where more of the characters beyond
    ASCII fit than do not (a damaged line is the matter of that line); else cp1258, the code page
    of Vietnamese Windows. Raises `UnreadableError` (`wrong_encoding`) where neither fits.
    """
    start = next(_chunks(content), b"")
    if encoding != GUESS:
        codec = codecs.lookup(encoding).name
        if codec == "utf-8" and (b"\x00" in start or not _utf8_prevails(content)):
            raise UnreadableError("wrong_encoding", f"the bytes are not {codec}")
        return "utf-8-sig" if codec == "utf-8" else codec
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return codec
    if b"\x00" in start:
        raise UnreadableError("wrong_encoding", "the bytes are no text")
    if _utf8_prevails(content):
        return "utf-8-sig"
    if not _decodes(content, "cp1258"):
        raise UnreadableError("wrong_encoding", "the bytes are neither utf-8 nor cp1258")
    return "cp1258"


def is_utf8(codec: str) -> bool:
    """Whether the engine reads the bytes of a codec as they are."""
    return codec in _UTF8


def is_plain_utf8(content: Path | bytes, encoding: str) -> bool:
    """Whether a text is read as UTF-8 as it is: so agreed or guessed, and no mark says else."""
    codec = "utf-8" if encoding == GUESS else codecs.lookup(encoding).name
    start = next(_chunks(content), b"")
    return codec in _UTF8 and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def decode(body: bytes, encoding: str) -> str:
    """A whole body as text. Raises `UnreadableError` (`wrong_encoding`) where a byte misfits.

    Guessed means UTF-8, as JSON demands, or what a mark at the start says.
    """
    codec = "utf-8" if encoding == GUESS else encoding
    for mark, marked in _MARKS:
        if body.startswith(mark) and (encoding == GUESS or codecs.lookup(codec).name == "utf-8"):
            codec = marked if encoding == GUESS or marked == "utf-8-sig" else codec
    try:
        return body.decode(codec)
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError("wrong_encoding", f"the bytes are not {codec}") from None


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        for start in range(0, len(content), _CHUNK):
            yield content[start : start + _CHUNK]
        return
    with content.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _utf8_prevails(content: Path | bytes) -> bool:
    """Whether more of what is beyond ASCII fits UTF-8 than does not."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    fits = misfits = 0
    for chunk in _chunks(content):
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        lost = text.count("\ufffd")
        misfits += lost
        if lost or not fits:
            fits += sum(1 for c in text if c > "\x7f") - lost
    misfits += decoder.decode(b"", final=True).count("\ufffd")
    return misfits <= fits


def _decodes(content: Path | bytes, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for chunk in _chunks(content):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
