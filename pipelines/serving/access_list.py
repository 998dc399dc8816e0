"""`access.yml`: who may see what of the dashboard, held against its rules.

An entry names a person or a group by one claim of the provider's token, a role (domain §9) and,
for a unit leader, the own units. One wrong entry and the list is refused as a whole: whoever falls
through a broken entry must not be caught by a wider one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from pipelines.intake.sources import first_error
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.roles import Role

_UNIT_KEY = re.compile(r"[^@]+@([0-9]{4}-[0-9]{2}-[0-9]{2})?")
_CLAIMS = ("email", "sub", "group")


class AccessListError(ValueError):
    """A list that cannot be used; one line with the entry and the field, without a value."""


class Entry(BaseModel):
    """One line of the list: exactly one of `email`, `sub` and `group` says who it is for.

    `units` are keys `CODE@VALID_FROM` (`024@`): codes are used again after mergers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: str | None = None
    sub: str | None = None
    group: str | None = None
    role: Role
    units: tuple[str, ...] = ()

    @field_validator("email")
    @classmethod
    def _has_form(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("is no e-mail address")
        return value and value.casefold()

    @field_validator("units")
    @classmethod
    def _are_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_UNIT_KEY.fullmatch(key) for key in value):
            raise ValueError("a unit is CODE@ or CODE@YYYY-MM-DD, the first day of its validity")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(getattr(self, claim) is not None for claim in _CLAIMS) != 1:
            raise ValueError("exactly one of email, sub and group says who it is for")
        if (self.role is Role.unit_leader) != bool(self.units):
            raise ValueError("units: a unit leader has the own units, nobody else has any")
        return self

    @property
    def who(self) -> tuple[str, str]:
        """The claim and the value that it has to have."""
        claim = next(name for name in _CLAIMS if getattr(self, name) is not None)
        return claim, str(getattr(self, claim))


def read_access_list(file: Path) -> tuple[Entry, ...]:
    """The entries of a list, in its order; read anew once the file is another one.

    Raises `AccessListError`.
    """
    try:
        found = file.stat()
    except OSError:
        raise AccessListError(
            f"{file.name}: there is no such file, or it is not readable"
        ) from None
    return _read(file, found.st_mtime_ns, found.st_size)


def find_entry(entries: tuple[Entry, ...], claims: Mapping[str, object]) -> Entry | None:
    """What the list says of the bearer of a token; a person's own entry goes before a group's.

    An e-mail address that the provider calls unverified is nobody's.
    """
    held = {("sub", str(claims.get("sub")))}
    if claims.get("email") and claims.get("email_verified") is not False:
        held.add(("email", str(claims["email"]).casefold()))
    own = next((entry for entry in entries if entry.who in held), None)
    if own is not None:
        return own
    groups = claims.get("groups")
    names = cast("list[object]", groups) if isinstance(groups, list) else [groups]
    held = {("group", str(name)) for name in names if name}
    return next((entry for entry in entries if entry.who in held), None)


def unknown_units(
    entries: tuple[Entry, ...], snapshot: SealedSnapshot
) -> tuple[tuple[int, str], ...]:
    """Units that a snapshot does not know, each with the number of its entry, from 1."""
    known = set(snapshot.run("select unit_key from motcua.dim_unit")["unit_key"])
    return tuple(
        (number, unit)
        for number, entry in enumerate(entries, start=1)
        for unit in entry.units
        if unit not in known
    )


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, _size: int) -> tuple[Entry, ...]:
    try:
        document = cast(object, yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where is not None else ""
        raise AccessListError(f"{file.name}: not readable as YAML{line}") from None
    listed = cast("dict[str, object]", document).get("people") if _is_map(document) else None
    if not isinstance(listed, list):
        raise AccessListError(f"{file.name}: there is no list `people`")
    entries: dict[tuple[str, str], Entry] = {}
    for number, one in enumerate(cast("list[object]", listed), start=1):
        try:
            entry = Entry.model_validate(one)
        except ValidationError as error:
            raise AccessListError(f"{file.name}: entry {number}: {first_error(error)}") from None
        if entry.who in entries:
            raise AccessListError(f"{file.name}: entry {number}: {entry.who[0]}: is named twice")
        entries[entry.who] = entry
    return tuple(entries.values())


def _is_map(value: object) -> bool:
    return isinstance(value, dict)
