"""Exports of dossiers to a file, and the log of them: who took what, written before it is there."""

# XlsxWriter's methods have no types
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter
from pydantic import BaseModel

from pipelines.disk import sync_file, sync_folder

LOG = "exports.ndjson"
_ROWS_OF_A_SHEET = 1_048_575
_HEAD = ("at", "role", "units", "state", "snapshot", "ground_vi")


class ExportError(RuntimeError):
    """An export that was not made; one line that says why."""


class Export(BaseModel):
    """One line of the export log; `ground_vi` is the part of the province that the data covers."""

    at: datetime
    who: str
    role: str
    units: list[str]
    state: str
    columns: list[str]
    has_codes: bool
    rows: int
    file: str
    sha256: str
    snapshot: str
    ground_vi: str | None = None


def export(
    frame: pl.DataFrame, file: Path, form: str, entry: Callable[[str], Export], home: Path
) -> Export:
    """Write a file (json, csv or xlsx) so that it appears only after its line stands in the log.

    `entry` makes the line from the file's sha256. Raises `ExportError`: the log or the file
    cannot be written, or a sheet cannot hold the rows. Then no file is there.
    """
    hidden = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _WRITERS[form](frame, hidden, entry)
        sync_file(hidden)
        with hidden.open("rb") as stream:
            line = entry(hashlib.file_digest(stream, "sha256").hexdigest())
        try:
            _append(home / LOG, line.model_dump_json())
        except OSError as error:
            raise ExportError(
                f"{LOG} cannot be written ({type(error).__name__}): nothing was exported"
            ) from None
        hidden.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise ExportError(f"{file}: cannot be written ({type(error).__name__})") from None
    finally:
        hidden.unlink(missing_ok=True)
    return line


def who() -> str:
    """The user of the operating system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def escape_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that a spreadsheet would take for a formula, with an apostrophe in front."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'${1}"))


def _append(log: Path, line: str) -> None:
    """Append one line in one write, and make it durable."""
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        content = f"{line}\n".encode()
        if os.write(handle, content) != len(content):
            raise OSError("the line was cut")
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(log.parent)


def _write_csv(frame: pl.DataFrame, file: Path, _entry: Callable[[str], Export]) -> None:
    escape_cells(frame).write_csv(file, include_bom=True)


def _write_json(frame: pl.DataFrame, file: Path, entry: Callable[[str], Export]) -> None:
    head = entry("").model_dump(mode="json", include={*_HEAD})
    rows = frame.with_columns(
        pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%S"), pl.col(pl.Date).dt.to_string()
    )
    text = json.dumps({**head, "rows": rows.to_dicts()}, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")


def _write_xlsx(frame: pl.DataFrame, file: Path, entry: Callable[[str], Export]) -> None:
    if frame.height > _ROWS_OF_A_SHEET:
        raise ExportError(f"{frame.height:,} rows do not fit a sheet: use --format csv")
    said = entry("")
    with xlsxwriter.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    ) as book:
        forms = {
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        sheet = book.add_worksheet("hồ sơ")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, frame.width, 20)
        sheet.write_row(0, 0, frame.columns, book.add_format({"bold": True}))
        for number, row in enumerate(escape_cells(frame).iter_rows(), start=1):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value, forms.get(type(value)))
        about = book.add_worksheet("nguồn")
        for number, (name, value) in enumerate(
            {
                "snapshot": said.snapshot,
                "role": said.role,
                "at": said.at.isoformat(),
                "ground_vi": said.ground_vi,
            }.items()
        ):
            about.write_row(number, 0, [name, value])


_WRITERS: dict[str, Callable[[pl.DataFrame, Path, Callable[[str], Export]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
    "xlsx": _write_xlsx,
}
