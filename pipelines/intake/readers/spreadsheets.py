"""Spreadsheets: XLSX (and the older XLS) as people fill them, read in memory.

A cell is text as it stands; a cell that is a date is its ISO form, and where a time is due a
bare number is a day number of the workbook's date system. Repaired is what a spreadsheet does
to numbers: 50000.0 is 50000, and a procedure code 1.001 that was 1.001000 is that again where
the catalogue knows it.
"""

# fastexcel's eager loading has no type
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
import fastexcel
import polars as pl

from pipelines.intake.canonical import Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.readers.batch import DAMAGED, Batch, UnreadableError, engine, finish
from pipelines.intake.readers.tables import code_header, find_header, take_rows

_TITLE_ROWS: Final = 50
_SHORT_CODE: Final = r"[0-9](\.[0-9]{1,5})?"
_CODE_LENGTH: Final = 8


def read_workbook(
    content: Path | bytes,
    *,
    record: Record,
    dialect: Dialect,
    file: str,
    reference: Path,
    limit: int,
) -> Iterator[Batch]:
    """Read the sheet the dialect names, else every sheet that holds the header of the code.

    A batch a sheet, its file named `<file>#<number of the sheet>`, positions counted in rows
    below the header; a row without any text is none. Raises `UnreadableError` for a file that
    is no workbook (`unreadable_file`), unpacks to more than `limit` bytes (`too_large`), or
    holds no such sheet or header (`sheet_missing`, `header_missing`).
    """
    body = content.read_bytes() if isinstance(content, Path) else content
    first_year = _date_system(body, limit)
    try:
        book = fastexcel.read_excel(body)
        names = book.sheet_names
        if dialect.sheet is not None and dialect.sheet not in names:
            raise UnreadableError("sheet_missing", f"no sheet {dialect.sheet!r}")
        sheets = {
            number: book.load_sheet(name, header_row=None, dtypes="string").to_polars()
            for number, name in enumerate(names, start=1)
            if dialect.sheet in (None, name)
        }
    except fastexcel.FastExcelError:
        raise UnreadableError("unreadable_file", "the workbook is cut or is none") from None
    with_header = {n: cells for n, cells in sheets.items() if _has_header(cells, dialect)}
    if not with_header:
        wanted = code_header(dialect)
        raise UnreadableError("header_missing", f"no sheet has a column {wanted!r}")
    for number, cells in with_header.items():
        yield _read_sheet(cells, record, dialect, f"{file}#{number}", reference, first_year)


def _read_sheet(
    cells: pl.DataFrame,
    record: Record,
    dialect: Dialect,
    file: str,
    reference: Path,
    first_year: int,
) -> Batch:
    header = find_header(cells.head(_TITLE_ROWS).rows(), dialect)
    table = cells.rename({name: f"c{n}" for n, name in enumerate(cells.columns)})
    rows = table.slice(header.row).with_row_index("_position", 1)
    rows = rows.with_columns(pl.col("_position").cast(pl.Int64)).filter(
        pl.any_horizontal(pl.exclude("_position").str.strip_chars().str.len_chars() > 0)
    )
    with engine().cursor() as connection:
        connection.register("sheet", rows)
        take_rows(
            connection, "sheet", header, record, dialect, file, first_year, position="_position"
        )
        _complete_codes(connection, record, reference)
        frame = finish(connection, record, dialect, reference)
    return Batch(frame, header.dropped(header.columns(record, dialect)))


def _has_header(cells: pl.DataFrame, dialect: Dialect) -> bool:
    try:
        find_header(cells.head(_TITLE_ROWS).rows(), dialect)
    except UnreadableError:
        return False
    return True


def _date_system(body: bytes, limit: int) -> int:
    """The year in which the workbook's day numbers begin; checks what it unpacks to."""
    if not body.startswith(b"PK"):
        return 1900
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            if sum(part.file_size for part in parts.infolist()) > limit:
                raise UnreadableError("too_large", f"the workbook unpacks to over {limit:,} bytes")
            properties = parts.read("xl/workbook.xml")
    except UnreadableError:
        raise
    except DAMAGED:
        raise UnreadableError("unreadable_file", "the workbook is cut or is none") from None
    return 1904 if re.search(rb'date1904="(1|true)"', properties) else 1900


@cache
def _catalogue(reference: Path) -> pl.DataFrame:
    """The short procedure codes, six digits after the point."""
    codes = pl.read_csv(
        reference / "procedures.csv", columns=["procedure_code"], infer_schema=False
    )
    return codes.unique()


def _complete_codes(connection: duckdb.DuckDBPyConnection, record: Record, reference: Path) -> None:
    """Give procedure codes that became numbers their zeros back, where the catalogue has them."""
    if all(field.name != "MaTTHC" for field in record.fields):
        return
    connection.register("catalogue", _catalogue(reference))
    connection.execute(
        f"""update batch set MaTTHC = catalogue.procedure_code from catalogue
        where regexp_full_match(batch.MaTTHC, '{_SHORT_CODE}')
            and catalogue.procedure_code = rpad(
                case when contains(batch.MaTTHC, '.') then batch.MaTTHC
                    else batch.MaTTHC || '.' end, {_CODE_LENGTH}, '0')"""
    )
