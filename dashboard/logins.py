"""Logins as this process knows them: whose token it is, when it was last used, whether it ended.

Streamlit keeps a login in a cookie for 30 days and reads it once a connection, whatever the token
says. So every run asks here. What is kept is small, dies with the process, and errs to the safe
side: a login that this process has not seen counts as last used when its token was issued.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Over = Literal["expired", "idle", "ended"]

_MOST = 10_000


@dataclass(frozen=True)
class Login:
    """One login: seconds of the epoch, and a key that no other login has."""

    key: tuple[str, ...]
    issued_at: float
    expires_at: float


def read_login(claims: Mapping[str, object]) -> Login:
    """The login of a token's claims; one without times is one that is over."""
    key = tuple(str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce", "jti"))
    return Login(key, _seconds(claims.get("iat")), _seconds(claims.get("exp")))


class Logins:
    """What is remembered of logins. Safe to share between threads."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock = Lock()
        self._used: dict[tuple[str, ...], float] = {}
        self._ended: dict[tuple[str, ...], float] = {}

    def why_over(self, login: Login, idle_seconds: float, now: float | None = None) -> Over | None:
        """Why a login is no more, None while it lasts. Looking is no use of it."""
        now = time.time() if now is None else now
        with self._lock:
            used = self._used.get(login.key, login.issued_at)
            if login.key in self._ended:
                return "ended"
        if now >= login.expires_at:
            return "expired"
        return "idle" if now - used > idle_seconds else None

    def use(self, login: Login, now: float | None = None) -> None:
        """The bearer did something."""
        now = time.time() if now is None else now
        with self._lock:
            self._used[login.key] = now
            if len(self._used) > _MOST:
                self._used.pop(min(self._used, key=lambda key: self._used[key]))

    def end(self, login: Login, now: float | None = None) -> None:
        """The bearer went; other windows and a copy of the cookie go with it."""
        now = time.time() if now is None else now
        with self._lock:
            self._ended = {key: until for key, until in self._ended.items() if until > now}
            self._ended[login.key] = login.expires_at


LOGINS = Logins()
"""The logins of this process."""


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
