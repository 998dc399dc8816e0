"""Spreadsheets: rows as a sheet of typed cells, and what they are of on the sheets beside it."""

# XlsxWriter's methods have no types
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

ROWS_OF_A_SHEET = 1_048_575
"""Rows that fit a sheet below its heading."""

_WIDTH = 20
_WIDEST = 90
_SHEET_NAME = 31  # letters that a spreadsheet program takes
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))

Notes = Sequence[tuple[str, Sequence[tuple[str, ...]]]]
"""Sheets beside the rows: a title, and lines of texts."""


def escape_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that a spreadsheet would take for a formula, with an apostrophe in front."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'${1}"))


def write_workbook(
    target: Path | BytesIO,
    frame: pl.DataFrame,
    *,
    title: str,
    notes: Notes = (),
    shares: Collection[str] = (),
) -> None:
    """Write rows under their column names as they stand, the heading frozen, with sheets of notes.

    `shares` are the columns of fractions (0-1), shown as percentages. Raises `ValueError` for more
    rows than `ROWS_OF_A_SHEET`, `OSError`.
    """
    if frame.height > ROWS_OF_A_SHEET:
        raise ValueError(f"{frame.height:,} rows do not fit a sheet")
    with xlsxwriter.Workbook(
        target, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    ) as book:
        _write_rows(book, frame, title, shares)
        for name, lines in notes:
            _write_notes(book, name, lines)


def workbook_bytes(
    frame: pl.DataFrame, *, title: str, notes: Notes = (), shares: Collection[str] = ()
) -> bytes:
    """The same in memory."""
    target = BytesIO()
    write_workbook(target, frame, title=title, notes=notes, shares=shares)
    return target.getvalue()


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """The rows as CSV in UTF-8 with its mark, as spreadsheet programs want it."""
    target = BytesIO()
    escape_cells(frame).rename(_escaped_names(frame)).write_csv(target, include_bom=True)
    return target.getvalue()


def _write_rows(
    book: xlsxwriter.Workbook, frame: pl.DataFrame, title: str, shares: Collection[str]
) -> None:
    forms: dict[type, Any] = {
        datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        int: book.add_format({"num_format": "#,##0"}),
        float: book.add_format({"num_format": "#,##0.00"}),
    }
    share = book.add_format({"num_format": "0.00%"})
    by_column = [share if name in shares else None for name in frame.columns]
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, frame.width, _WIDTH)
    head = _escaped_names(frame).values()
    sheet.write_row(0, 0, head, book.add_format({"bold": True, "text_wrap": True}))
    for number, row in enumerate(escape_cells(frame).iter_rows(), start=1):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value, by_column[column] or forms.get(type(value)))


def _escaped_names(frame: pl.DataFrame) -> dict[str, str]:
    """The columns' names as cells."""
    names = pl.DataFrame({"name": frame.columns})
    return dict(zip(frame.columns, escape_cells(names)["name"], strict=True))


def _write_notes(book: xlsxwriter.Workbook, name: str, lines: Sequence[tuple[str, ...]]) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.set_column(0, 0, _WIDTH * 2)
    sheet.set_column(1, max((len(line) for line in lines), default=1), _WIDEST)
    for number, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text, wrapped if column else bold)


def _sheet_name(name: str) -> str:
    return name.translate(_NOT_IN_NAMES)[:_SHEET_NAME].strip("' ")
