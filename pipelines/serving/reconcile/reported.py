"""A file of reported figures, checked row by row; a bad row is named and the rest goes on."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.serving.calendar_periods import month_end
from pipelines.serving.metrics.registry import Definition, MetricSpec

COLUMNS = ("source", "unit_code", "month", "figure", "value")
OPTIONAL = ("unit_valid_from", "definition", "reported_at")
DAYS_TO_REPORT = 10
"""A report without a day is taken for one of so many days after the end of its month."""

_SOURCE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?")


class ReportedFileError(Exception):
    """A file that is no list of reported figures; one sentence."""


@dataclass(frozen=True)
class ReportedFigure:
    """A figure of one unit and month as somebody else reported it; a share is a fraction 0-1."""

    source: str
    unit_key: str
    unit_code: str
    unit_valid_from: date | None
    month_on: date
    metric: str
    definition: str | None
    value: float
    reported_on: date
    line: int

    @property
    def month_ends_on(self) -> date:
        """The last day of its month."""
        return month_end(self.month_on)


@dataclass(frozen=True)
class BadRow:
    """A row that is not taken: its line in the file, the field and the rule it breaks."""

    line: int
    field: str
    rule: str


@dataclass(frozen=True)
class Known:
    """What a figure may name: metrics, definitions, and units with key, code and validity."""

    metrics: Mapping[str, MetricSpec]
    definitions: Mapping[str, Definition]
    units: pl.DataFrame
    today: date


class _BrokenRuleError(Exception):
    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field, self.rule = field, rule


def read_reported(file: Path, known: Known) -> tuple[list[ReportedFigure], list[BadRow]]:
    """The figures of a CSV file (UTF-8, comma or semicolon) and the rows that cannot be taken.

    Raises `ReportedFileError` where the file cannot be read or lacks a column.
    """
    good = list[ReportedFigure]()
    bad = list[BadRow]()
    lines = dict[tuple[object, ...], int]()
    for line, row in _rows(file):
        try:
            figure = _check(row, known, line)
        except _BrokenRuleError as broken:
            bad.append(BadRow(line, broken.field, broken.rule))
            continue
        key = (figure.source, figure.unit_key, figure.month_on, figure.metric, figure.definition)
        if key in lines:
            bad.append(BadRow(line, "figure", f"already given on line {lines[key]}"))
            continue
        lines[key] = line
        good.append(figure)
    return good, bad


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReportedFileError(f"{file.name}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise ReportedFileError(f"{file.name}: not UTF-8 text; save it as CSV UTF-8") from None
    head, _, _ = text.partition("\n")
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in head else ",")
    names = [name.strip() for name in reader.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in names]:
        raise ReportedFileError(f"{file.name}: column {', '.join(missing)} is missing")
    reader.fieldnames = names
    for row in reader:
        if any(isinstance(value, str) and value.strip() for value in row.values()):
            wanted = (*COLUMNS, *OPTIONAL)
            yield reader.line_num, {name: (row.get(name) or "").strip() for name in wanted}


def _check(row: dict[str, str], known: Known, line: int) -> ReportedFigure:
    if not _SOURCE.fullmatch(row["source"]):
        raise _BrokenRuleError("source", "a name of up to 40 letters, digits, '.', '_' and '-'")
    month_on = _check_month(row["month"])
    spec = known.metrics.get(row["figure"])
    if spec is None or spec.groups:
        raise _BrokenRuleError("figure", "no metric of this snapshot has that id")
    key, valid_from = _find_unit(row, month_on, known.units)
    return ReportedFigure(
        source=row["source"],
        unit_key=key,
        unit_code=row["unit_code"],
        unit_valid_from=valid_from,
        month_on=month_on,
        metric=spec.name,
        definition=_check_definition(row["definition"], spec, known),
        value=_check_value(row["value"], spec),
        reported_on=_check_reported(row["reported_at"], month_on, known.today),
        line=line,
    )


def _check_month(text: str) -> date:
    found = _MONTH.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise _BrokenRuleError("month", "a month as YYYY-MM")
    return date(int(found[1]), int(found[2]), 1)


def _find_unit(row: dict[str, str], month_on: date, units: pl.DataFrame) -> tuple[str, date | None]:
    """The unit meant: of several with one code the one in force in the month."""
    found = units.filter(pl.col("unit_code") == row["unit_code"])
    if found.is_empty():
        raise _BrokenRuleError("unit_code", "no unit has that code")
    if row["unit_valid_from"]:
        day = _check_day("unit_valid_from", row["unit_valid_from"])
        found = found.filter(pl.col("unit_valid_from") == day)
        if found.is_empty():
            raise _BrokenRuleError("unit_valid_from", "no unit of that code begins on that day")
    elif found.height > 1:
        begun = pl.col("unit_valid_from").is_null() | (
            pl.col("unit_valid_from") <= month_end(month_on)
        )
        lasts = pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= month_on)
        found = found.filter(begun & lasts)
        if found.height != 1:
            raise _BrokenRuleError("unit_code", "borne by several units; give unit_valid_from")
    key, valid_from = found.select("unit_key", "unit_valid_from").row(0)
    return str(key), valid_from


def _check_definition(text: str, spec: MetricSpec, known: Known) -> str | None:
    if not spec.has_definition:
        if text:
            raise _BrokenRuleError("definition", "the figure depends on no definition")
        return None
    name = text or next(iter(known.definitions))
    if name not in known.definitions:
        raise _BrokenRuleError("definition", f"one of {', '.join(known.definitions)}")
    if name in spec.not_in:
        raise _BrokenRuleError("definition", f"{name} has no class for this figure")
    return name


def _check_value(text: str, spec: MetricSpec) -> float:
    if not _NUMBER.fullmatch(text):
        raise _BrokenRuleError("value", "a number such as 128 or 0.8152, not negative")
    value = float(text)
    if spec.unit == "ratio" and value > 1:
        raise _BrokenRuleError("value", "a share is a fraction from 0 to 1, not a percentage")
    if spec.unit == "count" and not math.isclose(value, round(value)):
        raise _BrokenRuleError("value", "a count is a whole number")
    return value


def _check_reported(text: str, month_on: date, today: date) -> date:
    if not text:
        return month_end(month_on) + timedelta(days=DAYS_TO_REPORT)
    day = _check_day("reported_at", text[:10])
    if not month_on <= day <= today:
        raise _BrokenRuleError("reported_at", "a day between the month's first and today")
    return day


def _check_day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _BrokenRuleError(field, "a day as YYYY-MM-DD") from None
