"""The list of sources (`data/sources.yml`), validated entry by entry.

A wrong entry is one clear line (source, field, rule) and stops nobody else.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, cast

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from pipelines.intake.canonical import RECORDS

SUPPORTED_KINDS = ("rest", "files")
FileFormat = Literal["auto", "csv", "json", "ndjson", "parquet", "xlsx"]


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is not a number with s, m, h or d, as in 30s or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("is not above zero")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Limit = Annotated[Duration, AfterValidator(_positive)]


class Auth(BaseModel):
    """How a REST source knows us; the secret stays in the environment or in a file of its own.

    A relative `file` starts from the folder of the list of sources.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Literal["none", "bearer"] = "none"
    env: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _names_its_place(self) -> Auth:
        if self.kind == "bearer" and not (self.env or self.file):
            raise ValueError(
                "env is needed: the name of the variable that holds the token,"
                " or file: the path of the file that does"
            )
        if self.env and self.file:
            raise ValueError("env and file exclude each other")
        return self

    @property
    def place(self) -> str:
        """Where the secret is kept, for messages."""
        return self.env or self.file or "none"

    def headers(self, folder: Path) -> dict[str, str]:
        """The request headers, read afresh: a token may have been renewed since.

        Raises `LookupError` with a line that names the field, where there is no usable token.
        """
        if self.kind == "none":
            return {}
        if self.file:
            try:
                token = (folder / self.file).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                token = ""
            missing = f"rest.auth.file: {self.file} is not there, not readable or empty"
        else:
            token = os.environ.get(self.env or "", "").strip()
            missing = f"rest.auth.env: {self.env} is not set"
        if not token:
            raise LookupError(missing)
        if not (token.isascii() and token.isprintable()):
            raise LookupError(f"rest.auth: what is in {self.place} is no token")
        return {"Authorization": f"Bearer {token}"}


class Page(BaseModel):
    """How a REST source pages."""

    model_config = ConfigDict(extra="forbid")
    style: Literal["cursor"] = "cursor"
    size: int = Field(default=500, ge=1, le=10_000)


class LookBack(BaseModel):
    """How often a pull asks for `days` before its watermark: updates that were told late."""

    model_config = ConfigDict(extra="forbid")
    every: Limit = timedelta(days=7)
    days: int = Field(default=45, ge=1, le=3650)


class Rest(BaseModel):
    """A REST source: where, and under which names it keeps records, cursor and times.

    `overlap` is asked again by every pull (a clock over there may be wrong), `look_back` now and
    then (null: never). `timeout` limits the silence within an answer, `deadline` a whole answer,
    `patience` all the waiting that the system asks for (Retry-After) within one pull.
    """

    model_config = ConfigDict(extra="forbid")
    url: str = Field(pattern=r"^https?://")
    auth: Auth = Auth()
    page: Page = Page()
    records: str = "data"
    next: str = "next_cursor"
    updated: str = "updated_at"
    since: str = "updated_from"
    until: str = "updated_to"
    overlap: Duration = timedelta(days=1)
    look_back: LookBack | None = LookBack()
    timeout: Limit = timedelta(seconds=30)
    deadline: Limit = timedelta(minutes=2)
    patience: Duration = timedelta(minutes=10)


class Files(BaseModel):
    """A folder into which a shop delivers files; paths are relative to the list of sources.

    `expanded_mib` bounds what one compressed file may unpack to, since that stands in memory.
    """

    model_config = ConfigDict(extra="forbid")
    path: str
    format: FileFormat = "auto"
    after: Literal["archive", "delete", "keep"] = "keep"
    expanded_mib: int = Field(default=2048, ge=1)


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
            bad.append(BadSource(name, f"{name}: {_first(error)}"))
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


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {message}" if field else message
