"""Names that a shop chose and words of an engine never carry a person into a message."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.intake import pull as pulls
from pipelines.intake.labels import cursor_label, file_label
from pipelines.intake.pull import Pull, pull_source
from pipelines.intake.sources import Files, Source
from pipelines.intake.windows import Window
from pipelines.settings import settings

NAME = "Nông Thị Tổng Hợp"


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "dossiers-2021-10.csv",
        "ho-so-thang-3.xlsx",
        "bao-cao-tuan-12-2025.xlsx",
        "2025-03-01.ndjson",
        "shop_2025.json.gz",
    ],
)
def test_a_file_of_usual_words_is_named_as_it_is(name: str) -> None:
    assert file_label(name) == name


@pytest.mark.parametrize(
    "name",
    [
        f"{NAME}.xlsx",
        "nong-thi-tong-hop.csv",
        "NONGTHITONGHOP.csv",
        "Nong-Thi.csv",
        "pham.seo.thang.thang.csv",
        "tan-thi-phuong.xlsx",
        "0912345678.csv",
        "dossiers-0912.345.678.csv",
        "ho-so-001085012345.json.gz",
        "cmnd 273456789.zip",
        "an@nha.example.csv",
    ],
)
def test_a_file_that_may_be_named_after_a_person_has_a_label(name: str) -> None:
    label = file_label(name)
    assert label.startswith("file:") and label == file_label(name)
    assert not set(name.split(".")[0].lower().split("-")) & set(label.lower().split("-"))
    assert label.partition(".")[2] == name.removesuffix(".gz").rpartition(".")[2] + (
        ".gz" if name.endswith(".gz") else ""
    )


def test_a_cursor_is_shown_only_where_it_is_short_and_plain() -> None:
    assert cursor_label("2") == "'2'"
    assert all(cursor_label(c).startswith("cursor:") for c in (NAME, "0912345678", "a@b.vn"))


@pytest.mark.parametrize(
    "error",
    [
        duckdb.ConversionException(f"Could not convert string '{NAME}' to INT64"),
        pl.exceptions.ComputeError(f"could not parse `{NAME}`"),
        UnicodeDecodeError("utf-8", NAME.encode(), 0, 1, NAME),
    ],
)
def test_what_an_engine_says_to_a_file_is_told_by_its_kind_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def read_file(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pulls, "read_file", read_file)
    (tmp_path / "a.csv").write_text("MaHoSo\n")
    (tmp_path / "b.csv").write_text("MaHoSo\n")
    outcome = pull_source(
        Source(id="shop", kind="files", files=Files(path="*.csv")),
        Pull(
            landing=tmp_path / "landing",
            reference=settings().reference_dir,
            folder=tmp_path,
            window=Window(None, datetime(2025, 3, 20)),
            fetched_at=datetime(2025, 3, 20),
            run_id="run",
            report=lambda _source, _records: None,
        ),
    )
    assert (outcome.status, outcome.error_class) == ("failed", "unreadable_file")
    assert outcome.error == f"files.path: a.csv: {type(error).__name__} and 1 more"
    landed = "".join(p.read_text() for p in (tmp_path / "landing").rglob("outcome.json"))
    assert NAME not in landed
