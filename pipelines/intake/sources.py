"""The list of sources (`data/sources.yml`), validated entry by entry.

A wrong entry is one clear line (source, field, rule) and stops nobody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.intake.canonical import RECORDS
from pipelines.intake.kinds import Database, Files, Rest

SUPPORTED_KINDS = ("rest", "files", "database")


class Initial(BaseModel):
    """The first load of a source: `source` takes each record's update time as known time."""

    model_config = ConfigDict(extra="forbid")
    known_at: Literal["fetched", "source"] = "fetched"


class Expect(BaseModel):
    """What is normal, so that silence and floods are noticed."""

    model_config = ConfigDict(extra="forbid")
    every: str = Field(default="1d", pattern=r"^[0-9]+[hd]$")
    min_rows: int = 0
    max_rows: int | None = None

    @property
    def interval(self) -> timedelta:
        """`every` as a time."""
        number = int(self.every[:-1])
        return timedelta(hours=number) if self.every.endswith("h") else timedelta(days=number)


class Source(BaseModel):
    """One entry. `system` is the identity of the dossiers; feeds of one system share it."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    name_vi: str = ""
    kind: str
    dialect: str = "national"
    feed: str = "dossiers"
    system: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    units: tuple[str, ...] = ()
    synthetic: bool = False
    rest: Rest | None = None
    files: Files | None = None
    database: Database | None = None
    initial: Initial = Initial()
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _is_supported(self) -> Source:
        if self.kind not in SUPPORTED_KINDS:
            raise ValueError(f"kind: {self.kind!r} is not one of {', '.join(SUPPORTED_KINDS)}")
        if self.feed not in RECORDS:
            raise ValueError(f"feed: {self.feed!r} is not one of {', '.join(RECORDS)}")
        if getattr(self, self.kind) is None:
            raise ValueError(f"{self.kind}: the section is missing")
        return self

    @property
    def identity(self) -> str:
        """The name under which the dossiers of this source are known (domain §2)."""
        return self.system or self.id


@dataclass(frozen=True)
class BadSource:
    """An entry that cannot be used, and the one line that says why."""

    id: str
    message: str


@dataclass(frozen=True)
class SourceList:
    """The usable entries, the others with their reasons, and the folder paths start from."""

    sources: tuple[Source, ...]
    bad: tuple[BadSource, ...]
    folder: Path


class SourceListError(ValueError):
    """The file as a whole cannot be read."""


def load_sources(path: Path) -> SourceList:
    """Read and validate the list of sources.

    Raises `SourceListError` where the file is missing, is no YAML or has no list `sources`.
    """
    if not path.is_file():
        raise SourceListError(f"{path.name}: no such file; name one with --sources")
    try:
        document = cast(object, yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where is not None else ""
        raise SourceListError(f"{path.name}: not readable as YAML{line}") from None
    entries = cast("dict[str, object]", document).get("sources") if _is_map(document) else None
    if not isinstance(entries, list):
        raise SourceListError(f"{path.name}: there is no list `sources`")
    good: list[Source] = []
    bad: list[BadSource] = []
    for number, entry in enumerate(cast("list[object]", entries), start=1):
        name = _name(entry, number)
        try:
            source = Source.model_validate(entry)
        except ValidationError as error:
            bad.append(BadSource(name, f"{name}: {first_error(error)}"))
            continue
        if any(known.id == source.id for known in good):
            bad.append(BadSource(name, f"{name}: id: is not unique"))
            continue
        good.append(source)
    return SourceList(tuple(good), tuple(bad), path.resolve().parent)


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _name(entry: object, number: int) -> str:
    value = cast("dict[str, object]", entry).get("id") if _is_map(entry) else None
    # what is no id must not become the name of a folder either
    text = re.sub(r"[^a-z0-9-]+", "-", str(value).lower()).strip("-")[:64] if value else ""
    return text or f"entry-{number}"


def first_error(error: ValidationError) -> str:
    """The first thing wrong with an entry: field and rule, without a value."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {message}" if field else message
