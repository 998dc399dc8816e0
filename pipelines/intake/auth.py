"""What proves us to a REST source; secrets stay in the environment or in files of their own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

# a token is renewed before its end, for the request takes its time too
_EARLY_SECONDS = 30.0

ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"
"""What the name of a variable looks like; a secret typed in its place mostly does not."""

_ALLOWED: dict[str, tuple[str, ...]] = {
    "none": (),
    "bearer": ("env", "file"),
    "api_key": ("env", "file", "header", "query"),
    "oauth2": ("env", "file", "token_url", "client_env", "client_file", "scope"),
}
_SECRET = {"bearer": "token", "api_key": "key", "oauth2": "client's secret"}


def read_secret(env: str | None, file: str | None, folder: Path, field: str) -> str:
    """A secret from a variable, or from a file (relative to `folder`), read afresh.

    `field` is the entry's part that names them, for messages: `rest.auth.`, `database.url_`.
    Raises `LookupError` with one line that says which name leads nowhere, never a value.
    """
    if file:
        try:
            secret = (folder / file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            secret = ""
        missing = f"{field}file: {file} is not there, not readable or empty"
    else:
        secret = os.environ.get(env or "", "").strip()
        missing = f"{field}env: {env} is not set"
    if not secret:
        raise LookupError(missing)
    return secret


@dataclass(frozen=True)
class Proof:
    """What every request carries; `until` is its end on the monotonic clock, None if unknown."""

    headers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    params: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    until: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether its time has passed."""
        return self.until is not None and time.monotonic() >= self.until


@dataclass(frozen=True)
class TokenRequest:
    """How to ask an OAuth2 server for a token: the client's name and secret, and the form."""

    url: str
    client: str = field(repr=False)
    secret: str = field(repr=False)
    form: dict[str, str]


class Auth(BaseModel):
    """How a REST source knows us.

    `env` or `file` holds the token (`bearer`), the key (`api_key`, sent as the `header` or under
    the `query` name) or the client's secret (`oauth2`, client credentials of RFC 6749 §4.4 asked
    for at `token_url`, the client's name in `client_env` or `client_file`). A relative file
    starts from the folder of the list of sources.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Literal["none", "bearer", "api_key", "oauth2"] = "none"
    env: str | None = Field(default=None, pattern=ENV_NAME)
    file: str | None = None
    header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,60}$")
    query: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    token_url: str | None = Field(default=None, pattern=r"^https?://")
    client_env: str | None = Field(default=None, pattern=ENV_NAME)
    client_file: str | None = None
    scope: str | None = None

    @model_validator(mode="after")
    def _names_its_place(self) -> Auth:
        given = {name for name, value in self if name != "kind" and value is not None}
        foreign = sorted(given - set(_ALLOWED[self.kind]))
        if foreign and self.kind != "none":
            raise ValueError(f"{foreign[0]} does not belong to {self.kind}")
        if self.kind == "none":
            return self
        what = _SECRET[self.kind]
        if not (self.env or self.file):
            raise ValueError(
                f"env is needed: the name of the variable that holds the {what},"
                " or file: the path of the file that does"
            )
        if self.env and self.file:
            raise ValueError("env and file exclude each other")
        if self.kind == "api_key" and bool(self.header) == bool(self.query):
            raise ValueError(
                "header or query is needed, one of them: under which name the key goes"
            )
        if self.kind == "oauth2":
            if not self.token_url:
                raise ValueError("token_url is needed: where the tokens are given")
            if bool(self.client_env) == bool(self.client_file):
                raise ValueError("client_env or client_file is needed, one of them")
        return self

    @property
    def place(self) -> str:
        """What is kept where, for messages."""
        what = {"oauth2": "token for the client"}.get(self.kind, _SECRET.get(self.kind, "token"))
        return f"{what} in {self.client_env or self.client_file or self.env or self.file or 'none'}"

    def proof(self, folder: Path) -> Proof:
        """What a request carries, read afresh: it may have been renewed since.

        Not for `oauth2`, whose tokens are asked for (`token_request`). Raises `LookupError` with
        a line that names the field, where there is nothing usable.
        """
        if self.kind == "none":
            return Proof()
        secret = self._usable(self.env, self.file, folder, "rest.auth.")
        if self.kind == "bearer":
            return Proof(headers={"Authorization": f"Bearer {secret}"})
        if self.header:
            return Proof(headers={self.header: secret})
        return Proof(params={str(self.query): secret})

    def token_request(self, folder: Path) -> TokenRequest:
        """How to ask for a token. Raises `LookupError` like `proof`."""
        form = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        return TokenRequest(
            str(self.token_url),
            self._usable(self.client_env, self.client_file, folder, "rest.auth.client_"),
            self._usable(self.env, self.file, folder, "rest.auth."),
            form,
        )

    def _usable(self, env: str | None, file: str | None, folder: Path, field: str) -> str:
        secret = read_secret(env, file, folder, field)
        if not (secret.isascii() and secret.isprintable()):
            raise LookupError(f"rest.auth: what is in {env or file} is no {_SECRET[self.kind]}")
        return secret


def read_token(body: bytes) -> Proof:
    """The token in the answer of an OAuth2 server (RFC 6749 §5.1).

    Raises `ValueError` where there is none.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError("the answer is no JSON") from None
    answer = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    token = answer.get("access_token")
    if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
        raise ValueError("the answer holds no access_token")
    try:
        seconds = float(answer.get("expires_in") or 0)
    except (TypeError, ValueError):
        seconds = 0.0
    until = None
    if seconds > 0:
        until = time.monotonic() + seconds - min(_EARLY_SECONDS, seconds / 10)
    return Proof(headers={"Authorization": f"Bearer {token}"}, until=until)


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two addresses are the same scheme, host and port: a proof may go to both."""
    return (one.scheme, one.host, _port(one)) == (other.scheme, other.host, _port(other))


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
