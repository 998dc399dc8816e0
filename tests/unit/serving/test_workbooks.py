"""Files for spreadsheet programs: typed cells, nothing that is taken for a formula."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO

import fastexcel
import polars as pl
import pytest

from pipelines.serving.workbooks import csv_bytes, workbook_bytes, write_workbook

ROWS = pl.DataFrame(
    {
        "=SUM(A1)": ["=1+1", "+84", "-5", "@a", "Xã Một"],
        "day": [date(2025, 6, 14)] * 5,
        "at": [datetime(2025, 6, 14, 8, 5)] * 5,
        "n": [1, 2, 3, 4, None],
        "share": [0.5, 0.25, None, 1.0, 0.0],
    }
)


def read_back(content: bytes, sheet: int = 0) -> pl.DataFrame:
    return fastexcel.read_excel(content).load_sheet(sheet).to_polars()


def test_cells_keep_their_types_and_nothing_stays_empty() -> None:
    rows = read_back(workbook_bytes(ROWS, title="Bảng", shares=["share"]))
    for name in ("day", "at"):
        assert rows[name].cast(pl.Datetime("us")).to_list() == (
            ROWS[name].cast(pl.Datetime("us")).to_list()
        )
    assert rows["n"].to_list() == ROWS["n"].to_list()
    assert rows["share"].to_list() == ROWS["share"].to_list()


def test_no_text_and_no_heading_is_taken_for_a_formula() -> None:
    rows = read_back(workbook_bytes(ROWS, title="Bảng"))
    assert rows.columns[0] == "'=SUM(A1)"
    assert rows.to_series(0).to_list() == ["'=1+1", "'+84", "'-5", "'@a", "Xã Một"]
    lines = csv_bytes(ROWS).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["'=SUM(A1)", *rows.to_series(0)]


def test_notes_stand_beside_the_rows_as_plain_texts() -> None:
    notes = [("Nguồn", [("Bản số liệu", "motcua-1"), ("=1+1", "+84")])]
    content = workbook_bytes(ROWS, title="Chỉ tiêu: theo [đơn vị] rất rất rất dài", notes=notes)
    book = fastexcel.read_excel(content)
    assert book.sheet_names == ["Chỉ tiêu  theo  đơn vị  rất rất"[:31].strip(), "Nguồn"]
    assert book.load_sheet(1, header_row=None).to_polars().rows() == [
        ("Bản số liệu", "motcua-1"),
        ("=1+1", "+84"),
    ]


def test_more_rows_than_a_sheet_holds_are_refused() -> None:
    many = pl.DataFrame({"n": pl.int_range(1_048_576, eager=True)})
    with pytest.raises(ValueError, match="1,048,576 rows do not fit a sheet"):
        write_workbook(BytesIO(), many, title="Bảng")
