"""Slices of a stream of JSON: the lines of a file, or the elements of one array, as text.

However large the file is, only a few slices are in memory at a time.
"""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import polars as pl

from pipelines.intake.readers.batch import UnreadableError, engine, quoted
from pipelines.intake.readers.encodings import decode, is_plain_utf8
from pipelines.intake.readers.tables import engine_readable

_SLICE_BYTES: Final = 1 << 24
_SLICE_ROWS: Final = 25_000
_LINES: Final = 50_000


def text_lines(content: Path | bytes, encoding: str) -> Iterator[pl.DataFrame]:
    """The lines of a text that are not blank, with the number of each (`_position`, from 1).

    Raises `UnreadableError` (`wrong_encoding`) where a byte misfits.
    """
    if not is_plain_utf8(content, encoding):
        body = content.read_bytes() if isinstance(content, Path) else content
        content = decode(body, encoding).encode()
    before = 0
    with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as stream:
        for block in _blocks(stream):
            try:
                lines = pl.read_lines(io.BytesIO(block), name="line")
            except pl.exceptions.ComputeError:
                raise UnreadableError("wrong_encoding", "the bytes are not utf-8") from None
            numbered = lines.with_row_index("_position", before + 1)
            before += lines.height
            yield from numbered.filter(pl.col("line").str.strip_chars() != "").iter_slices(_LINES)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in blocks of whole lines."""
    is_start = True
    while block := stream.read(_SLICE_BYTES):
        if not block.endswith(b"\n"):
            block += stream.readline()
        yield block.removeprefix(BOM_UTF8) if is_start else block
        is_start = False


def elements(content: Path | bytes) -> Iterator[pl.DataFrame]:
    """The elements of an array as text (`line`), numbered from 1 (`_position`).

    Raises the engine's error where the file is not one whole array in UTF-8; what came before
    says nothing then.
    """
    before = 0
    with engine_readable(content, "utf-8") as name, engine().cursor() as connection:
        reader = connection.sql(
            f"select json::varchar as line from read_json_objects({quoted(name)}, format = 'array')"
        ).to_arrow_reader(_SLICE_ROWS)
        for batch in reader:
            lines = pl.DataFrame(batch)
            yield lines.with_row_index("_position", before + 1)
            before += lines.height
