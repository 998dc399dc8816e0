"""What an entry of the list says about its kind of source: `rest`, `files` or `database`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipelines.intake.auth import ENV_NAME, Auth
from pipelines.intake.dialects import EPOCH_MS
from pipelines.settings import PROVINCE_ZONE

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


def _time_pattern(value: str) -> str:
    if value not in ("iso", EPOCH_MS) and not ("%" in value and ("%S" in value or "%T" in value)):
        raise ValueError(f"is neither iso nor {EPOCH_MS} nor a pattern with seconds (%S)")
    return value


def _without_account(url: str) -> str:
    if "@" in urlsplit(url).netloc:
        raise ValueError("holds an account; secrets belong into a variable or a file (rest.auth)")
    return url


def _one_select(query: str) -> str:
    text = query.strip().removesuffix(";").rstrip()
    if not re.match(r"(select|with)\b", text, re.IGNORECASE):
        raise ValueError("is no query: it begins with neither select nor with")
    return text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Limit = Annotated[Duration, AfterValidator(_positive)]


class Page(BaseModel):
    """How a REST source pages: by the cursor of the answer before, by the number of the page
    (from `first` on), or by the link to the next page.

    `name` and `size_name` are the query parameters that carry the cursor or number and the size;
    `total` is where an answer says how many records there are in all (`number` only).
    """

    model_config = ConfigDict(extra="forbid")
    style: Literal["cursor", "number", "link"] = "cursor"
    size: int = Field(default=500, ge=1, le=10_000)
    size_name: str = "size"
    name: str | None = None
    first: Literal[0, 1] = 1
    total: str | None = None

    @model_validator(mode="after")
    def _has_what_its_style_reads(self) -> Page:
        if self.style != "number" and (self.total or self.first != 1):
            raise ValueError("total and first belong to the style number")
        if self.style == "link" and self.name:
            raise ValueError("name does not belong to the style link")
        return self

    @property
    def parameter(self) -> str:
        """The query parameter that says which page."""
        return self.name or {"number": "page"}.get(self.style, "cursor")


class LookBack(BaseModel):
    """How often a pull asks for `days` before its watermark: updates that were told late."""

    model_config = ConfigDict(extra="forbid")
    every: Limit = timedelta(days=7)
    days: int = Field(default=45, ge=1, le=3650)


class Windowed(BaseModel):
    """What is asked for by a window of update times.

    `overlap` is asked again by every pull (a clock over there may be wrong), `look_back` now and
    then (null: never).
    """

    model_config = ConfigDict(extra="forbid")
    overlap: Duration = timedelta(days=1)
    look_back: LookBack | None = LookBack()


class Rest(Windowed):
    """A REST source: where, and under which names it keeps records, cursor and times.

    `next` is where an answer keeps the cursor (default `next_cursor`) or the link to the next
    page (default: the `Link` header). `times` is how the window is written: `iso`, `epoch_ms` or
    a pattern with seconds. `timeout` limits the silence within an answer, `deadline` a whole
    answer, `patience` all the waiting that the system asks for (Retry-After) within one pull.
    """

    url: Annotated[str, Field(pattern=r"^https?://"), AfterValidator(_without_account)]
    auth: Auth = Auth()
    page: Page = Page()
    records: str = "data"
    next: str | None = None
    updated: str = "updated_at"
    since: str = "updated_from"
    until: str = "updated_to"
    times: Annotated[str, AfterValidator(_time_pattern)] = "iso"
    timeout: Limit = timedelta(seconds=30)
    deadline: Limit = timedelta(minutes=2)
    patience: Duration = timedelta(minutes=10)

    @property
    def following(self) -> str | None:
        """Where an answer says what follows it: cursor, link or total; None: nowhere in it."""
        if self.page.style == "number":
            return self.page.total
        return self.next or ("next_cursor" if self.page.style == "cursor" else None)

    def written(self, moment: datetime) -> str:
        """A local moment of a window as the source wants it written."""
        if self.times == "iso":
            return moment.isoformat()
        zoned = moment.replace(tzinfo=PROVINCE_ZONE)
        if self.times == EPOCH_MS:
            return str(int(zoned.timestamp() * 1000))
        return zoned.strftime(self.times)


class Database(Windowed):
    """A PostgreSQL database of a source: its address in a variable or a file, and a query.

    The query's column `cursor` holds the time of a row's last update; `timeout` limits the
    statement over there.
    """

    url_env: str | None = Field(default=None, pattern=ENV_NAME)
    url_file: str | None = None
    query: Annotated[str, AfterValidator(_one_select)]
    cursor: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,62}$")
    timeout: Limit = timedelta(minutes=10)

    @model_validator(mode="after")
    def _names_its_place(self) -> Database:
        if bool(self.url_env) == bool(self.url_file):
            raise ValueError(
                "url_env is needed: the name of the variable that holds the address,"
                " or url_file: the path of the file that does"
            )
        return self


class Files(BaseModel):
    """A folder into which a shop delivers files; paths are relative to the list of sources.

    `expanded_mib` bounds what one compressed file may unpack to, since that stands in memory.
    """

    model_config = ConfigDict(extra="forbid")
    path: str
    format: FileFormat = "auto"
    after: Literal["archive", "delete", "keep"] = "keep"
    expanded_mib: int = Field(default=2048, ge=1)
