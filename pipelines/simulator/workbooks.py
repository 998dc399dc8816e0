"""Workbooks as offices fill them: titles above, totals below, dates in three ways."""

# XlsxWriter brings no type information
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import io
import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.simulator.tcvn3 import in_tcvn3

_UNIT: Final = "Đơn vị xử lý"
_PROCEDURE: Final = "Mã thủ tục"
_NUMBERS: Final = ("Lệ phí", "Số lần bổ sung")
_DATE_STARTS: Final = ("Ngày ", "Thời điểm", "Bắt đầu", "Hạn ")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_CREATED: Final = datetime(2021, 1, 1)
_DAY_ZERO: Final = datetime(1899, 12, 30)
_HEADER_ROW: Final = 4


class Cells(StrEnum):
    """What stands in the cells, and on which sheets."""

    TEXT = "text"
    DATES = "dates"
    SERIALS = "serials"
    TWO_SHEETS = "two sheets"
    TCVN3 = "tcvn3"


def write_workbook(table: pl.DataFrame, cells: Cells, time_format: str) -> bytes:
    """A workbook of a table of text columns; the same table gives the same bytes.

    Merged title rows stand above the header and a line of totals below the rows. `dates` are
    real dates, `serials` bare day numbers beside numbers as numbers (so that a procedure code
    loses its zeros); `two sheets` has a cover and the rows on two sheets, with empty rows
    between; `tcvn3` has the names of units from before Unicode, all other text decomposed.
    """
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    dated = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    title = book.add_format({"bold": True, "align": "center"})
    if cells is Cells.TWO_SHEETS:
        book.add_worksheet("Bìa").write(0, 0, "BÁO CÁO TỔNG HỢP")
        half = table.height // 2
        parts = {"Tháng này": table.head(half), "Chuyển sang": table.slice(half)}
    else:
        parts = {"Hồ sơ": table}
    for name, part in parts.items():
        _fill(book.add_worksheet(name), part, cells, time_format, (title, dated))
    book.close()
    return body.getvalue()


def _fill(
    sheet: Worksheet,
    table: pl.DataFrame,
    cells: Cells,
    time_format: str,
    formats: tuple[Format, Format],
) -> None:
    title, dated = formats
    sheet.merge_range(0, 0, 0, table.width - 1, "ỦY BAN NHÂN DÂN", title)
    sheet.merge_range(1, 0, 1, table.width - 1, "SỔ THEO DÕI HỒ SƠ", title)
    gap = 2 if cells is Cells.TWO_SHEETS else 1
    for column, (header, values) in enumerate(table.to_dict(as_series=True).items()):
        decomposed = unicodedata.normalize("NFD", header) if cells is Cells.TCVN3 else header
        sheet.write_string(_HEADER_ROW, column, f"{decomposed} ")
        for row, text in enumerate(values):
            if text is None:
                continue
            place = (_HEADER_ROW + 1 + row * gap, column)
            moment = _moment(header, text, time_format)
            if cells is Cells.DATES and moment is not None:
                sheet.write_datetime(*place, moment, dated)
            elif cells is Cells.SERIALS and moment is not None:
                sheet.write_number(*place, (moment - _DAY_ZERO).total_seconds() / 86400)
            elif cells is Cells.SERIALS and _is_number(header, text):
                sheet.write_number(*place, float(text))
            else:
                sheet.write_string(*place, _text(header, text, cells))
    below = _HEADER_ROW + 1 + table.height * gap
    sheet.write_string(below, 1, f"Tổng cộng: {table.height}")
    sheet.set_column(0, table.width - 1, 18)


def _moment(header: str, text: str, time_format: str) -> datetime | None:
    return datetime.strptime(text, time_format) if header.startswith(_DATE_STARTS) else None


def _is_number(header: str, text: str) -> bool:
    return header in (*_NUMBERS, _PROCEDURE) and bool(_NUMBER.fullmatch(text))


def _text(header: str, text: str, cells: Cells) -> str:
    if cells is not Cells.TCVN3:
        return text
    return in_tcvn3(text) if header == _UNIT else f"{unicodedata.normalize('NFD', text)} "
