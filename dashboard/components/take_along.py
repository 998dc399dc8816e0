"""What is seen, to take along: a table as XLSX or CSV, with what it is of and how it counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import polars as pl
import streamlit as st

from dashboard.access import current_viewer
from dashboard.address import page_shown
from dashboard.components.choices import name_choices, name_days
from dashboard.components.files import offer_file
from dashboard.components.header import name_place
from dashboard.filters import Filters
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.workbooks import Notes, csv_bytes, workbook_bytes


def export_buttons(
    reader: SnapshotReader,
    language: Language,
    filters: Filters,
    *,
    name: str,
    title: str,
    make: Callable[[], pl.DataFrame],
    metrics: Sequence[str] = (),
    shares: Collection[str] = (),
) -> None:
    """Two buttons; the file is made on the click, of what the page shows now.

    `name` is ASCII and unique on the page, `title` the heading of the sheet. `make` gives the rows
    under the column names that people read, values unrounded, fractions (0-1) in the columns
    `shares`; it may not draw. `metrics` are explained on a sheet of their own.
    """
    viewer = current_viewer()
    version = reader.about.version
    notes = describe_export(reader, language, filters, title=title, metrics=metrics)

    def as_workbook() -> bytes:
        return workbook_bytes(make(), title=title, notes=notes, shares=shares)

    def as_csv() -> bytes:
        return csv_bytes(make())

    with st.container(key=f"export-{name}", horizontal=True, vertical_alignment="center"):
        for form, content in (("xlsx", as_workbook), ("csv", as_csv)):
            offer_file(
                language.say("Tải về {form}", form=form.upper()),
                content,
                viewer=viewer,
                version=version,
                name=f"{name}-{version}",
                form=form,
                key=f"{page_shown()}-{name}",
            )


def describe_export(
    reader: SnapshotReader,
    language: Language,
    filters: Filters,
    *,
    title: str,
    metrics: Sequence[str],
) -> Notes:
    """The sheets beside the rows: whose and of when the figures are, and how each is counted."""
    about, numbers = reader.about, language.numbers
    source = [
        (language.say("Bảng"), title),
        (language.say("Nơi"), name_place(language, about)),
        (language.say("Kỳ số liệu"), name_days(language, filters)),
        *name_choices(reader, language, filters).values(),
        (language.say("Số liệu đến ngày"), numbers.day(about.as_of)),
        (language.say("Bản số liệu"), about.version),
        (language.say("Công bố lúc"), numbers.moment(about.published_at)),
        (language.say("Mã quy tắc"), about.rules_hash),
        (language.say("Phiên bản mã nguồn"), about.code_revision),
    ]
    if about.is_synthetic:
        source.insert(0, (language.say("DỮ LIỆU TỔNG HỢP (mô phỏng)"), ""))
    counted = [
        (language.label(spec), spec.formula_vi, spec.legal_basis)
        for spec in (reader.metrics[metric] for metric in metrics)
    ]
    return [
        (language.say("Nguồn số liệu"), source),
        *([(language.say("Cách tính"), counted)] if counted else []),
    ]
