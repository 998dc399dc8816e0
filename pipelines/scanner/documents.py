"""Documents and everything else: workbooks, PDF, plain text, and the words inside of bytes."""

# neither fastexcel's loading nor pypdf's properties have types
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pypdf

from pipelines.scanner.findings import Hit, Patterns, count_texts, name_place

_TAG = re.compile(r"<[^>]*>")
_WORDS = re.compile(rb"[\x20-\x7e\x80-\xff]{6,}")
_WIDE_WORDS = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")
_CELLS = re.compile(r"xl/(worksheets/sheet|sharedStrings)")


def scan_workbook(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every column of every sheet, then comments, properties, names, headers and footers."""
    book = fastexcel.read_excel(path)
    for sheet in book.sheet_names:
        cells = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
        for number, name in enumerate(cells.columns, start=1):
            texts = cells[name].drop_nulls().to_list()
            for kind, count in count_texts(texts, patterns).items():
                yield name_place(sheet, patterns), f"column {number}", kind, count
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            text = parts.read(part).decode("utf-8", "replace")
            if _CELLS.match(part):
                # the cells are read above; what stands around the rows is not
                text = re.sub(r"<sheetData.*</sheetData>|<si>.*</si>", " ", text, flags=re.DOTALL)
            attributes = re.findall(r'(?:name|val|tooltip|target|location)="([^"]*)"', text, re.I)
            for kind, count in count_texts([*_TAG.split(text), *attributes], patterns).items():
                yield name_place(part, patterns), "text", kind, count


def scan_pdf(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """The text of every page, as a reader would copy it, and the document's properties."""
    document = pypdf.PdfReader(path)
    for number, page in enumerate(document.pages, start=1):
        for kind, count in count_texts(page.extract_text().splitlines(), patterns).items():
            yield f"page {number}", "text", kind, count
    properties = [str(value) for value in (document.metadata or {}).values()]
    for kind, count in count_texts(properties, patterns).items():
        yield "properties", "text", kind, count


def scan_text(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Lines of a text. Raises `UnicodeDecodeError` where it is none."""
    yield from _count(path.read_text(encoding="utf-8").splitlines(), "line", patterns)


def scan_bytes(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """The words inside of a file of unknown form, of one byte a letter, of UTF-8 or UTF-16."""
    content = path.read_bytes()
    words = [word.decode("utf-8", "replace") for word in _WORDS.findall(content)]
    wide = [word.decode("utf-16-le") for word in _WIDE_WORDS.findall(content)]
    yield from _count(words + wide, "words", patterns)


def _count(texts: list[str], column: str, patterns: Patterns) -> Iterator[Hit]:
    for kind, count in count_texts(texts, patterns).items():
        yield "", column, kind, count


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook, whatever its name."""
    return zipfile.is_zipfile(path) and "xl/workbook.xml" in zipfile.ZipFile(path).namelist()
