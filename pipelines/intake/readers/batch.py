"""What every reader shares: the batch it returns, the engine, and the allow-list as SQL."""

# fsspec brings no type information
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from fsspec.implementations.memory import MemoryFileSystem

from pipelines.intake.canonical import Field, Kind, ListField, Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.privacy import allow, allow_each, clean, mask_listed
from pipelines.intake.readers.legacy import repair_listed

TRACE = ("_position", "_file", "_updated_at", "_defect")
_WHOLE_NUMBER = r"-?[0-9]+\.0{1,2}"
_SERIAL = r"[0-9]{5}(\.[0-9]+)?"
_NUMBERS = count()


# what the standard library raises at the bytes of a damaged archive, by where the damage is
DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    ValueError,
    OverflowError,
)


class UnreadableError(ValueError):
    """Bytes that are no answer of the agreed form; carries an error class and one sentence."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


@dataclass(frozen=True)
class Batch:
    """De-identified records and the distinct fields that were dropped."""

    frame: pl.DataFrame
    dropped: frozenset[str]


@dataclass(frozen=True)
class Envelope:
    """Where an answer keeps its records and the time of their last update."""

    records: str | None
    updated: str | None


_memory = MemoryFileSystem()


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One engine in memory for all readers; each works on a cursor with tables of its own.

    One thread: the pulls already run side by side, more would only wait for each other. No
    directory to spill into: what is not de-identified yet must not reach the disk.
    """
    connection = duckdb.connect(config={"threads": 1, "temp_directory": ""})
    connection.register_filesystem(_memory)
    return connection


@contextmanager
def in_memory(content: bytes) -> Generator[str]:
    """A name under which the engine reads `content`, for the length of a block."""
    name = f"content-{next(_NUMBERS)}"
    _memory.pipe_file(f"/{name}", content)
    try:
        yield f"memory://{name}"
    finally:
        _memory.rm_file(f"/{name}")


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(text: str) -> str:
    """A name as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True)
class Columns:
    """The canonical scalars as three SQL select lists, one upon the other: `prepared` takes each
    value once, in the dialect's words, `grouped` lets those of a kind through as far as the kind
    goes, `allowed` names them."""

    prepared: list[str]
    grouped: list[str]
    allowed: list[str]

    def select_from(self, source: str, *others: str) -> str:
        """SQL: a relation with everything of `source`, others and the canonical scalars' groups."""
        prepared = ", ".join(["*", *self.prepared, *others])
        grouped = ", ".join(["*", *self.grouped])
        return f"(select {grouped} from (select {prepared} from {source}))"


def allowed_columns(
    record: Record, dialect: Dialect, values: dict[str, str], serials: int | None = None
) -> Columns:
    """How each canonical scalar comes out of a row; a field the source lacks is empty.

    `values` says which expression holds a field. `serials` is the year in which the day numbers
    of a spreadsheet begin, where bare numbers are times.
    """
    prepared: list[str] = []
    allowed: list[str] = []
    groups: dict[Kind, list[str]] = {}
    for field in record.fields:
        kind = "listed" if field.name in dialect.vocabulary else field.kind
        value = values.get(field.name)
        if value is None:
            allowed.append(f"null::varchar as {field.name}")
            continue
        if kind == "time" and serials is not None:
            value = _from_serial(value, serials)
        prepared.append(f"{_recoded(field, value, dialect)} as p_{field.name}")
        if kind in ("listed", "present"):
            allowed.append(f"{allow(Field(field.name, kind), f'p_{field.name}')} as {field.name}")
            continue
        group = groups.setdefault(kind, [])
        group.append(f"p_{field.name}")
        allowed.append(f"g_{kind}[{len(group)}] as {field.name}")
    grouped = [f"{_allow_group(kind, names)} as g_{kind}" for kind, names in groups.items()]
    return Columns(prepared, grouped, allowed)


def _allow_group(kind: Kind, names: list[str]) -> str:
    if kind not in ("number", "enum"):
        return allow_each(kind, names)
    whole = f"list_transform([{', '.join(names)}], lambda w: {_without_zeros('w')})"
    return f"list_transform({whole}, lambda x: {allow(Field('x', kind), 'x')})"


def empty_list(nested: ListField) -> str:
    """SQL: the column of a list of sub-records that a flat source cannot have."""
    parts = ", ".join(f"{field.name} varchar" for field in nested.fields)
    return f"null::struct({parts})[] as {nested.name}"


def finish(
    connection: duckdb.DuckDBPyConnection, record: Record, dialect: Dialect, reference: Path
) -> pl.DataFrame:
    """The table `batch`, in its order, once its listed texts are mended or masked."""
    for field in record.fields:
        if field.kind == "listed" or field.name in dialect.vocabulary:
            repair_listed(connection, "batch", field.name, reference)
            mask_listed(connection, "batch", field.name, dialect, reference)
    return connection.sql("select * from batch order by _position").pl()


def _recoded(field: Field, value: str, dialect: Dialect) -> str:
    table = dialect.codes.get(field.name)
    if not table:
        return value
    cases = " ".join(f"when {quoted(k)} then {quoted(v)}" for k, v in table.items())
    return f"case {clean(value)} {cases} else {value} end"


def _without_zeros(value: str) -> str:
    """SQL: 50000.0 is how a spreadsheet or a float column writes 50000; 150.000 is not."""
    whole = f"regexp_full_match({value}, '{_WHOLE_NUMBER}')"
    return (
        f"(case when not contains({value}, '.0') then {value} "
        f"when {whole} then split_part({value}, '.', 1) else {value} end)"
    )


def _from_serial(value: str, year: int) -> str:
    """SQL: a day number of a spreadsheet (5 digits: 1927 to 2173) as a moment, to the second.

    Day 0 of the 1900 system is 1899-12-30 for every date after February 1900; the 1904 system
    starts at 1904-01-01.
    """
    start = {1900: "1899-12-30", 1904: "1904-01-01"}[year]
    seconds = f"to_seconds(round({value}::double * 86400)::bigint)"
    moment = f"strftime(timestamp '{start}' + {seconds}, '%Y-%m-%d %H:%M:%S')"
    return f"(case when regexp_full_match({value}, '{_SERIAL}') then {moment} else {value} end)"
