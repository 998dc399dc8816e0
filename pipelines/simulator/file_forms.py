"""The forms in which shops send a table: encodings, delimiters, compressions, spreadsheets."""

from __future__ import annotations

import gzip
import io
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.simulator.workbooks import Cells, write_workbook

_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"


class FileForm(StrEnum):
    """A form of file; all hold the same rows under the same headers."""

    CSV = "csv"
    CSV_BOM = "csv-bom"
    CSV_UTF16 = "csv-utf16"
    CSV_CP1258 = "csv-cp1258"
    CSV_SEMICOLON = "csv-semicolon"
    CSV_TAB = "csv-tab"
    CSV_NFD = "csv-nfd"
    CSV_TITLED = "csv-titled"
    CSV_GZ = "csv-gz"
    CSV_ZIP = "csv-zip"
    JSON = "json"
    NDJSON = "ndjson"
    NDJSON_GZ = "ndjson-gz"
    PARQUET = "parquet"
    XLSX = "xlsx"
    XLSX_DATES = "xlsx-dates"
    XLSX_SERIALS = "xlsx-serials"
    XLSX_SHEETS = "xlsx-sheets"
    XLSX_TCVN3 = "xlsx-tcvn3"
    XLSX_ZIP = "xlsx-zip"


_SUFFIX: Final[Mapping[FileForm, str]] = {
    FileForm.CSV_GZ: ".csv.gz",
    FileForm.CSV_ZIP: ".zip",
    FileForm.JSON: ".json",
    FileForm.NDJSON: ".ndjson",
    FileForm.NDJSON_GZ: ".ndjson.gz",
    FileForm.PARQUET: ".parquet",
    FileForm.XLSX: ".xlsx",
    FileForm.XLSX_DATES: ".xlsx",
    FileForm.XLSX_SERIALS: ".xlsx",
    FileForm.XLSX_SHEETS: ".xlsx",
    FileForm.XLSX_TCVN3: ".xlsx",
    FileForm.XLSX_ZIP: ".zip",
}


def write_table(stem: Path, table: pl.DataFrame, form: FileForm, time_format: str) -> Path:
    """Write a table of text columns as `<stem>.<suffix of the form>`; returns the file.

    The same table gives the same bytes. `time_format` is how its times are written; as real
    dates or day numbers they stand only in spreadsheets.
    """
    path = stem.with_name(stem.name + _SUFFIX.get(form, ".csv"))
    path.write_bytes(_content(stem.name, table, form, time_format))
    return path


def _content(name: str, table: pl.DataFrame, form: FileForm, time_format: str) -> bytes:
    if form is FileForm.CSV_ZIP:
        half = table.height // 2
        parts = {f"{name}/1.csv": table.head(half), f"{name}/2.csv": table.slice(half)}
        return _zipped({member: _csv(part).encode() for member, part in parts.items()})
    if form is FileForm.XLSX_ZIP:
        return _zipped({f"{name}.xlsx": write_workbook(table, Cells.TEXT, time_format)})
    if form is FileForm.CSV_TITLED:
        title = '"SỔ THEO DÕI HỒ SƠ, QUÝ"\n\n'
        total = f"Tổng cộng: {table.height} hồ sơ" + "," * (table.width - 1)
        return f"{title}{_csv(table)}{total}\n".encode()
    if form in _WORKBOOKS:
        return write_workbook(table, _WORKBOOKS[form], time_format)
    return _TEXTS[form](table)


def _csv(table: pl.DataFrame, separator: str = ",") -> str:
    return table.write_csv(separator=separator)


def _ndjson(table: pl.DataFrame) -> bytes:
    return table.write_ndjson().encode()


def _parquet(table: pl.DataFrame) -> bytes:
    body = io.BytesIO()
    table.write_parquet(body)
    return body.getvalue()


def _zipped(members: dict[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_DATE), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def in_cp1258(text: str) -> bytes:
    """A text in the code page of Vietnamese Windows: the letter, then its tone as a mark."""
    apart = "".join(_tone_apart(c) if c > "\x7f" else c for c in text)
    return apart.encode("cp1258")


def _tone_apart(letter: str) -> str:
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in marks if mark in _TONES)
    rest = "".join(mark for mark in marks if mark not in _TONES)
    return unicodedata.normalize("NFC", rest) + tone


_WORKBOOKS: Final[Mapping[FileForm, Cells]] = {
    FileForm.XLSX: Cells.TEXT,
    FileForm.XLSX_DATES: Cells.DATES,
    FileForm.XLSX_SERIALS: Cells.SERIALS,
    FileForm.XLSX_SHEETS: Cells.TWO_SHEETS,
    FileForm.XLSX_TCVN3: Cells.TCVN3,
}
_TEXTS: Final[Mapping[FileForm, Callable[[pl.DataFrame], bytes]]] = {
    FileForm.CSV: lambda table: _csv(table).encode(),
    FileForm.CSV_BOM: lambda table: _csv(table).encode("utf-8-sig"),
    FileForm.CSV_UTF16: lambda table: _csv(table).encode("utf-16"),
    FileForm.CSV_CP1258: lambda table: in_cp1258(_csv(table)),
    FileForm.CSV_SEMICOLON: lambda table: _csv(table, ";").encode(),
    FileForm.CSV_TAB: lambda table: _csv(table, "\t").replace("\n", "\r\n").encode(),
    FileForm.CSV_NFD: lambda table: unicodedata.normalize("NFD", _csv(table)).encode(),
    FileForm.CSV_GZ: lambda table: gzip.compress(_csv(table).encode(), mtime=0),
    FileForm.JSON: lambda table: table.write_json().encode(),
    FileForm.NDJSON: _ndjson,
    FileForm.NDJSON_GZ: lambda table: gzip.compress(_ndjson(table), mtime=0),
    FileForm.PARQUET: _parquet,
}
