"""Which file was made for which login, and until when it may be fetched."""

from __future__ import annotations

import secrets
import time
from email.message import Message
from threading import Lock

Owner = tuple[str, ...] | None
"""The key of a login; None is whoever sits at the machine of a dashboard without a provider."""

OPEN_SECONDS = 120
"""How long a file may be fetched after it was made: for a slow line, no link to keep."""

_PARAMETER = "file"


def draw_mark() -> str:
    """128 bits of chance for one file."""
    return secrets.token_hex(16)


def mark_type(media_type: str, mark: str) -> str:
    """A media type that bears a mark: it goes into the hash that is the file's address."""
    return f"{media_type}; {_PARAMETER}={mark}"


def read_mark(media_type: str) -> str | None:
    """The mark of a media type, None where it has none."""
    message = Message()
    message["Content-Type"] = media_type
    found = message.get_param(_PARAMETER)
    return found if isinstance(found, str) else None


class HandedOut:
    """The files of this process that may be fetched. Safe to share between threads."""

    def __init__(self) -> None:
        """Nothing was handed out."""
        self._lock = Lock()
        self._open: dict[str, tuple[Owner, float]] = {}

    def open(self, mark: str, owner: Owner, now: float | None = None) -> None:
        """A file was made for its owner."""
        now = time.time() if now is None else now
        with self._lock:
            self._open = {text: one for text, one in self._open.items() if one[1] > now}
            self._open[mark] = (owner, now + OPEN_SECONDS)

    def may_fetch(self, mark: str, owner: Owner, now: float | None = None) -> bool:
        """Whether the bearer of a login may have the file of a mark."""
        now = time.time() if now is None else now
        with self._lock:
            found = self._open.get(mark)
        return found is not None and found[0] == owner and now < found[1]


HANDED_OUT = HandedOut()
"""The files of this process."""
