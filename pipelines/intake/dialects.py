"""Dialects: how a system's words become the canonical record, as data (YAML), not code."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path
from typing import Annotated, Literal, cast
from zoneinfo import available_timezones

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from pipelines.settings import PROJECT_ROOT

DIALECT_DIR = PROJECT_ROOT / "data" / "dialects"
GUESS = "auto"
EPOCH_MS = "epoch_ms"
"""The time format of milliseconds since 1970 in UTC, as Java writes a moment."""

NATIONAL_TIME_FORMATS = (
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y%m%d",
)


def _as_text(codes: object) -> object:
    """YAML reads 1 as a number and Yes as true; a code is always text."""
    if not isinstance(codes, dict):
        return codes
    tables = cast("dict[object, object]", codes)
    return {
        str(field): {str(k): str(v) for k, v in cast("dict[object, object]", table).items()}
        if isinstance(table, dict)
        else table
        for field, table in tables.items()
    }


class DialectError(ValueError):
    """A dialect that cannot be used; the message names the file, the field and the rule."""


class Dialect(BaseModel):
    """A declarative mapping to the canonical record (design §4, `data/sources.yml`).

    `fields` maps a source's field (a dotted path in JSON, a header in a table) to a canonical
    one; empty means that the canonical names are used as they are. `codes` translates values.
    `vocabulary` names listed or code fields whose words the source itself defines: the author
    of the dialect vouches that they are no free text; identity numbers are masked all the same.
    A time format is a pattern of strftime or `epoch_ms`; they are tried in their order.
    `due_limit_years` null means that the log knows no terms, so that no due date is too far.
    Of a table, `header_row` (from 1), `delimiter`, `encoding` and `sheet` are found where they
    are not given; `excel_serials` says that bare numbers are times outside spreadsheets too.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    header_row: int | None = Field(default=None, ge=1)
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = GUESS
    sheet: str | None = None
    excel_serials: bool = False
    time_zone: str = "Asia/Ho_Chi_Minh"
    time_formats: tuple[str, ...] = NATIONAL_TIME_FORMATS
    precision: Literal["second", "day", "guess"] = "guess"
    units: Literal["known", "open"] = "known"
    calendar: Literal["vn", "none"] = "vn"
    due_limit_years: int | None = 10
    fields: dict[str, str] = {}
    codes: Annotated[dict[str, dict[str, str]], BeforeValidator(_as_text)] = {}
    vocabulary: tuple[str, ...] = ()
    version: str = ""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is no time zone")
        return name

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, name: str) -> str:
        if name == GUESS:
            return name
        try:
            codecs.lookup(name)
        except LookupError:
            raise ValueError("is no encoding") from None
        return name


def load_dialect(name: str, beside: Path | None = None) -> Dialect:
    """Read a dialect by its name, or by a path relative to the list of sources.

    Raises `DialectError` with one line naming file, field and rule.
    """
    candidates = [DIALECT_DIR / f"{name}.yml"]
    if beside is not None:
        candidates += [beside / name, beside / "dialects" / f"{name}.yml"]
    path = next((p for p in candidates if p.is_file()), None)
    if path is None:
        known = ", ".join(sorted(p.stem for p in DIALECT_DIR.glob("*.yml")))
        raise DialectError(f"dialect: {name!r} is not one of {known} and no such file exists")
    text = path.read_text(encoding="utf-8")
    try:
        dialect = Dialect.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DialectError(f"dialect {path.name}: {field}: {first['msg']}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark is not None else ""
        raise DialectError(f"dialect {path.name}: not readable as YAML{line}") from None
    dialect.version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return dialect
