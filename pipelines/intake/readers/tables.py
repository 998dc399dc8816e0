"""Tables: rows of text cells under a header, from a delimited file or from a sheet.

Every cell is text, nothing is guessed. Only the cells of allowed columns are ever taken out of
the file's bytes.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from pipelines.intake.canonical import Field, ListField, Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.privacy import allow, allow_list
from pipelines.intake.readers.batch import (
    Batch,
    UnreadableError,
    allowed_columns,
    empty_list,
    engine,
    finish,
    in_memory,
    quoted,
)
from pipelines.intake.readers.encodings import find_encoding, is_utf8

CODE: Final = "MaHoSo"
UPDATED: Final = "updated_at"
_TITLE_ROWS: Final = 50
_DELIMITERS: Final = ",;\t|"
_START: Final = 1 << 20
_PATTERN_LETTERS: Final = frozenset("*?[]{}'\\:")
_ANY_CODE: Final = r"[0-9A-Za-z._/\-]{8,}"
_TOTAL: Final = r"(^|\n)\s*(tổng( cộng| số| hợp)?|cộng)\s*($|\n|[:.(])"


@dataclass(frozen=True)
class Header:
    """The header of a table: its cells, the row it stands in (from 1), the cells' delimiter."""

    cells: list[str]
    row: int
    delimiter: str = ""

    def columns(self, record: Record, dialect: Dialect) -> dict[str, str]:
        """Canonical field -> column of the table; the first of two equal headers counts.

        The national lists and the envelope's time are known by their own names alone.
        """
        fields = {field.name for field in record.fields}
        as_they_are = {nested.name for nested in record.lists} | {UPDATED}
        words = {tidy(source): target for source, target in dialect.fields.items()}
        found: dict[str, str] = {}
        for number, cell in enumerate(self.cells):
            target = words.get(cell) if dialect.fields else cell
            if target in fields or (target := cell) in as_they_are:
                found.setdefault(str(target), f"c{number}")
        return found

    def dropped(self, found: dict[str, str]) -> frozenset[str]:
        """The headers whose columns are not taken."""
        used = set(found.values())
        return frozenset(c for n, c in enumerate(self.cells) if c and f"c{n}" not in used)


def tidy(cell: str | None) -> str:
    """A header cell as dialects write it: NFC, single blanks."""
    return " ".join(unicodedata.normalize("NFC", cell or "").split())


def code_header(dialect: Dialect) -> str:
    """The header of the column that holds the dossier's code."""
    names = (source for source, target in dialect.fields.items() if target == CODE)
    return tidy(next(names, CODE))


def find_header(rows: Sequence[Sequence[str | None]], dialect: Dialect) -> Header:
    """The header among the first rows of a table: the one the dialect names, else the first
    that holds the header of the code.

    Raises `UnreadableError` (`header_missing`).
    """
    wanted = code_header(dialect)
    numbered = list(enumerate(rows[:_TITLE_ROWS], start=1))
    if dialect.header_row is not None:
        numbered = numbered[dialect.header_row - 1 : dialect.header_row]
    for number, row in numbered:
        cells = [tidy(cell) for cell in row]
        if wanted in cells:
            return Header(cells, number)
    where = f"in line {dialect.header_row or min(1, len(rows))}"
    if dialect.header_row is None and len(rows) > 1:
        where = f"in the first {len(numbered)} lines"
    raise UnreadableError("header_missing", f"no column {wanted!r} {where}")


def read_table(
    content: Path | bytes, *, record: Record, dialect: Dialect, file: str, reference: Path
) -> Batch:
    """Read a delimited text with a header line.

    Encoding, delimiter and the line of the header are the dialect's, else found. Raises
    `UnreadableError` for an encoding or a header that is not the agreed one. A line with too
    many or too few cells is a defect (`malformed_row`) of that line alone, a line of totals is
    one too (`total_row`).
    """
    codec = find_encoding(content, dialect.encoding)
    with engine_readable(content, codec) as place:
        header = _find_in_lines(_first_lines(content, codec), dialect)
        found = header.columns(record, dialect)
        types = ", ".join(f"c{n}: 'varchar'" for n in range(len(header.cells)))
        source = f"""read_csv({quoted(place)}, columns = {{{types}}}, skip = {header.row},
            delim = {quoted(header.delimiter)}, quote = '"', escape = '"', header = false,
            auto_detect = false, store_rejects = true, parallel = false)"""
        serials = 1900 if dialect.excel_serials else None
        with engine().cursor() as connection:
            try:
                take_rows(connection, source, header, record, dialect, file, serials)
            except (duckdb.Error, UnicodeDecodeError):
                raise UnreadableError("unreadable_table", f"not a {codec} table") from None
            _place_rows(connection, header.row, file)
            frame = finish(connection, record, dialect, reference)
    return Batch(frame, header.dropped(found))


def take_rows(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    header: Header,
    record: Record,
    dialect: Dialect,
    file: str,
    serials: int | None = None,
    position: str = "row_number() over ()",
) -> None:
    """Create the table `batch` of the allowed columns of a relation with columns c0, c1 …."""
    found = header.columns(record, dialect)
    columns = allowed_columns(record, dialect, found, serials)
    cells = ", ".join(f"c{n}" for n in range(len(header.cells)))
    # a row whose code is one cannot be a row of totals: the others are searched
    code = f"coalesce({found[CODE]}, '')"
    total = f"""case when regexp_full_match({code}, '{_ANY_CODE}') then false
        else regexp_matches(lower(nfc_normalize(concat_ws(chr(10), {cells}))), '{_TOTAL}') end"""
    lists = [
        _list_of_json(nested) if nested.name in found else empty_list(nested)
        for nested in record.lists
    ]
    told = [nested.name for nested in record.lists if nested.name in found]
    texts = [f"nullif(trim({found[name]}), '') as p_{name}" for name in told]
    wrong = " ".join(
        f"when p_{name} is not null"
        f" and (not json_valid(p_{name}) or json_type(p_{name}) <> 'ARRAY')"
        f" then 'wrong_type__{name}'"
        for name in told
    )
    texts.append(f"{found.get(UPDATED, 'null::varchar')} as p_updated")
    told_too = [f"{position} as _position", f"{total} as _is_total", *texts]
    connection.execute(
        f"""create temp table batch as select _position, {quoted(file)} as _file,
            {allow(Field("updated", "time"), "p_updated")} as _updated_at,
            case when _is_total then 'total_row' {wrong} end as _defect,
            {", ".join(columns.allowed + lists)}
        from {columns.select_from(source, *told_too)}"""
    )
    empty = ", ".join(f"{field.name} = null" for field in record.fields)
    connection.execute(f"update batch set {empty} where _defect = 'total_row'")


def _list_of_json(nested: ListField) -> str:
    """SQL: a list of sub-records that stands in a cell as JSON; what is none is empty."""
    shape = json.dumps([{field.name: "VARCHAR" for field in nested.fields}])
    cell = f"case when json_valid(p_{nested.name}) then p_{nested.name} end"
    items = f"json_transform({cell}, '{shape}')"
    return f"{allow_list(nested, items)} as {nested.name}"


def _place_rows(connection: duckdb.DuckDBPyConnection, header_row: int, file: str) -> None:
    """Give the lines that were refused their place among the others, as defects."""
    rejected = connection.sql(
        f"select distinct line - {header_row} as _position from reject_errors order by all"
    ).pl()
    if rejected.is_empty():
        return
    count = connection.sql("select count(*) from batch").fetchall()[0][0]
    positions = pl.int_range(1, count + rejected.height + 1, eager=True, dtype=pl.Int64)
    kept = positions.filter(~positions.is_in(rejected["_position"].implode())).head(count)
    connection.register("place", pl.DataFrame({"place": kept}).with_row_index("row", 1))
    connection.execute(
        "update batch set _position = place.place from place where batch._position = place.row"
    )
    connection.register("refused", rejected)
    connection.execute(
        f"""insert into batch by name select _position, {quoted(file)} as _file,
            'malformed_row' as _defect from refused"""
    )


@contextmanager
def engine_readable(content: Path | bytes, codec: str) -> Generator[str]:
    """A name under which the engine reads the content as UTF-8; a copy is in memory alone."""
    if isinstance(content, Path) and is_utf8(codec) and not _is_pattern(content):
        yield str(content)
        return
    body = content.read_bytes() if isinstance(content, Path) else content
    if not is_utf8(codec):
        body = body.decode(codec).encode()
    with in_memory(body) as name:
        yield name


def _is_pattern(path: Path) -> bool:
    return bool(_PATTERN_LETTERS & set(str(path)))


def _first_lines(content: Path | bytes, codec: str) -> list[str]:
    """The first lines as text, of which one is the header; a damaged one is empty."""
    if isinstance(content, Path):
        with content.open("rb") as stream:
            start = stream.read(_START)
    else:
        start = content[:_START]
    if is_utf8(codec):
        return [_line(raw) for raw in start.removeprefix(BOM_UTF8).split(b"\n")[:_TITLE_ROWS]]
    try:
        text = getincrementaldecoder(codec)().decode(start)
    except UnicodeError:
        raise UnreadableError("wrong_encoding", f"the bytes are not {codec}") from None
    return text.replace("\r\n", "\n").split("\n")[:_TITLE_ROWS]


def _line(raw: bytes) -> str:
    try:
        return raw.rstrip(b"\r").decode()
    except UnicodeDecodeError:
        return ""


def _find_in_lines(lines: list[str], dialect: Dialect) -> Header:
    if not any(line.strip() for line in lines):
        raise UnreadableError("header_missing", "the table is empty")
    wanted = re.escape(code_header(dialect))
    guess = dialect.delimiter
    if guess is None:
        with_code = (line for line in lines if re.search(wanted, tidy(line)))
        guess = max(_DELIMITERS, key=next(with_code, lines[0]).count)
    # line by line: what stands above the header need not be a table
    rows = [next(csv.reader([line], delimiter=guess), list[str]()) for line in lines]
    header = find_header(rows, dialect)
    return Header(header.cells, header.row, guess)
