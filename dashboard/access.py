"""Who is here and what they may see: asked on every run, and again when a file is made.

A page gets a reader that is narrowed to the viewer already (`SnapshotReader.for_viewer`), so it
asks for figures as ever. What a page does with dossiers it does through `dossiers_of` and
`components.files.offer_dossiers`; `viewer.sees_codes` says whether codes are in the rows. A
fragment that draws figures by itself calls `current_viewer()` first: that is its check, and what
keeps the login of somebody who works in it alive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import polars as pl
import streamlit as st

from dashboard.logins import LOGINS, Login, Over, read_login
from dashboard.reader import SnapshotReader
from pipelines.serving.access import Reader
from pipelines.serving.access_list import AccessListError, find_entry, read_access_list
from pipelines.serving.login import cookie_secret, is_loopback
from pipelines.serving.pseudonyms import find_key
from pipelines.serving.roles import Role, State
from pipelines.serving.visits import viewer_pseudonym
from pipelines.settings import LOOPBACK, settings

Reason = Literal["login", "expired", "idle", "ended", "unlisted", "no_unit", "no_list", "no_login"]

LOCAL = "local"
"""The pseudonym of whoever sits at this machine, where there is no provider."""

_MARKS_OF_A_PROXY = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")


class NoViewerError(PermissionError):
    """Nobody who may see anything is here: `reason` says why, `claims` are those of a login."""

    def __init__(self, reason: Reason, claims: Mapping[str, object] | None = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.claims: Mapping[str, object] = claims or {}


@dataclass(frozen=True)
class Viewer:
    """Who looks. `units` are keys, for a unit leader alone; for others empty means all.

    `name_label` is shown to the viewer alone; everything else knows them by `pseudonym`.
    `expires_at` (UTC) is the token's; None without a provider.
    """

    role: Role
    units: frozenset[str]
    name_label: str
    pseudonym: str
    expires_at: datetime | None = None
    claims: Mapping[str, object] = field(
        default_factory=dict[str, object], repr=False, compare=False
    )

    @property
    def sees_codes(self) -> bool:
        """Whether rows of dossiers bear their codes."""
        return self.as_reader.sees_codes

    @property
    def as_reader(self) -> Reader:
        """The same for the statement of dossiers."""
        return Reader(self.role, self.units)

    @property
    def login_key(self) -> tuple[str, ...] | None:
        """What no other login has; None without a provider."""
        return read_login(self.claims).key if self.claims else None


def current_viewer() -> Viewer:
    """Who is here now; counts as a use of the login. Raises `NoViewerError`."""
    if not settings().needs_login:
        return _at_this_machine()
    claims = st.user.to_dict()
    if "is_logged_in" not in claims:
        raise NoViewerError("no_login")
    if not claims["is_logged_in"]:
        raise NoViewerError("login")
    viewer = identify(claims)
    LOGINS.use(read_login(claims))
    return viewer


def identify(claims: Mapping[str, object]) -> Viewer:
    """Who the claims of a token speak of, by the list as it is now. Raises `NoViewerError`."""
    login = read_login(claims)
    over = _why_over(login)
    if over is not None:
        raise NoViewerError(over, claims)
    try:
        entry = find_entry(read_access_list(settings().access_file), claims)
    except AccessListError:
        raise NoViewerError("no_list", claims) from None
    if entry is None:
        raise NoViewerError("unlisted", claims)
    return Viewer(
        role=entry.role,
        units=frozenset(entry.units),
        name_label=name_of(claims),
        pseudonym=pseudonym_of(claims),
        expires_at=datetime.fromtimestamp(login.expires_at, UTC),
        claims=claims,
    )


def name_of(claims: Mapping[str, object]) -> str:
    """What to call the bearer of a token, to nobody else than themselves."""
    return str(claims.get("name") or claims.get("email") or claims.get("sub") or "")


def pseudonym_of(claims: Mapping[str, object]) -> str:
    """The name under which the logs know the bearer of a token."""
    named = str(claims.get("email") or claims.get("sub"))
    return viewer_pseudonym(named, cookie_secret(settings()))


def check_again(viewer: Viewer) -> None:
    """Before a file is made: still here, and listed as then. Raises `NoViewerError`."""
    if viewer.claims:
        now = identify(viewer.claims)
        if (now.role, now.units) != (viewer.role, viewer.units):
            raise NoViewerError("unlisted", viewer.claims)


def log_out(claims: Mapping[str, object]) -> None:
    """End a login here, in its other windows and, where the provider can, at the provider."""
    LOGINS.end(read_login(claims))
    st.logout()


def is_over(viewer: Viewer) -> bool:
    """Whether the viewer is no more who may look; asking is no use of the login."""
    try:
        check_again(viewer)
    except NoViewerError:
        return True
    return False


def dossiers_of(
    reader: SnapshotReader, viewer: Viewer, state: State, *, most: int | None = None
) -> pl.DataFrame:
    """The dossiers of a state that the viewer may see, in the columns of the role.

    `most` cuts the list off. Raises `AccessError` where the role sees none, or the key of an
    analyst's pseudonyms is not on this machine.
    """
    key = find_key() if viewer.role is Role.analyst else None
    return reader.dossiers(viewer.as_reader, state, key=key, most=most)


def _why_over(login: Login) -> Over | None:
    return LOGINS.why_over(login, settings().login_idle_minutes * 60)


def _at_this_machine() -> Viewer:
    """Without a provider: whoever sits here runs the product, and nobody else gets through.

    A name of another host, or the mark of a proxy, says that it is somebody else.
    """
    headers = st.context.headers
    host = urlsplit(f"//{headers.get('Host', LOOPBACK)}").hostname or ""
    if not is_loopback(host) or any(name in headers for name in _MARKS_OF_A_PROXY):
        raise NoViewerError("no_login")
    return Viewer(Role.operator, frozenset(), "", LOCAL)
