"""A fault of the lists of the network: one line with file, row, field and rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

FILE, ROW, NAME = "_file", "_row", "_name"
"""Columns of a list that is checked: its file, the line there, what names the row."""


@dataclass(frozen=True)
class Fault:
    """One row of a list that breaks a rule; `row` counts the lines of the file from 1."""

    file: str
    row: int
    name: str
    field: str
    rule: str

    def __str__(self) -> str:
        """The line that people read."""
        return f"{self.file}: row {self.row}: {self.name}: {self.field}: {self.rule}"


class NetworkError(ValueError):
    """Lists that contradict themselves; one line for each fault."""

    def __init__(self, faults: Iterable[Fault | str]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))


def faults_where(
    rows: pl.DataFrame, is_wrong: pl.Expr, field: str, rule: str | pl.Expr
) -> Iterator[Fault]:
    """A fault for each row of a list for which a condition holds, in their order."""
    words = pl.lit(rule) if isinstance(rule, str) else rule
    wrong = rows.filter(is_wrong).select(FILE, ROW, pl.col(NAME).fill_null(""), words.alias("rule"))
    for file, row, name, said in wrong.iter_rows():
        yield Fault(file, row, name, field, said)


def is_no_day(column: str, *, may_be_empty: bool) -> pl.Expr:
    """Whether a text is no day as the lists write it."""
    text = pl.col(column)
    read = text.str.contains(r"^\d{4}-\d{2}-\d{2}$") & as_day(column).is_not_null()
    return pl.when(text.is_null()).then(pl.lit(value=not may_be_empty)).otherwise(~read)


def as_day(column: str) -> pl.Expr:
    """A text as a day, null where it is none."""
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def expect_days(rows: pl.DataFrame, *columns: str, may_be_empty: bool) -> Iterator[Fault]:
    """A fault for each text in some columns that is no day."""
    for column in columns:
        said = pl.format("must be a day like 2025-07-01, not {}", pl.col(column).fill_null("empty"))
        yield from faults_where(rows, is_no_day(column, may_be_empty=may_be_empty), column, said)


def expect_words(rows: pl.DataFrame, column: str, words: Iterable[str]) -> Iterator[Fault]:
    """A fault for each text in a column that is none of some words."""
    known = list(words)
    said = pl.format(
        f"must be one of {', '.join(known)}, not {{}}", pl.col(column).fill_null("empty")
    )
    yield from faults_where(rows, ~pl.col(column).is_in(known).fill_null(value=False), column, said)
