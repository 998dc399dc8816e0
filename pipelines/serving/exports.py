"""Exports of dossiers to a file, and the log of them: who took what, written before it is there."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
from pydantic import BaseModel

from pipelines.disk import sync_file, sync_folder
from pipelines.serving.workbooks import csv_bytes, write_workbook

LOG = "exports.ndjson"
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
    file.write_bytes(csv_bytes(frame))


def _write_json(frame: pl.DataFrame, file: Path, entry: Callable[[str], Export]) -> None:
    head = entry("").model_dump(mode="json", include={*_HEAD})
    rows = frame.with_columns(
        pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%S"), pl.col(pl.Date).dt.to_string()
    )
    text = json.dumps({**head, "rows": rows.to_dicts()}, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")


def _write_xlsx(frame: pl.DataFrame, file: Path, entry: Callable[[str], Export]) -> None:
    said = entry("")
    source = (
        ("snapshot", said.snapshot),
        ("role", said.role),
        ("at", said.at.isoformat()),
        ("ground_vi", said.ground_vi or ""),
    )
    try:
        write_workbook(file, frame, title="hồ sơ", notes=[("nguồn", source)])
    except ValueError as error:
        raise ExportError(f"{error}: use --format csv") from None


_WRITERS: dict[str, Callable[[pl.DataFrame, Path, Callable[[str], Export]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
    "xlsx": _write_xlsx,
}
