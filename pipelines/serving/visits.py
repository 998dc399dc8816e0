"""The access log of the dashboard: who looked at what, when, of which snapshot.

A line names nobody: `who` is an HMAC of the login's e-mail address or subject, under a key that is
made of the secret of the dashboard's cookies. Of an address only what may be a choice of ours is
kept: whatever could be a name, a number of identity or free text is struck out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel

from pipelines.logs import append_line, record

LOG: Final = "access.ndjson"
STRUCK_OUT: Final = "…"
LENGTH: Final = 16
"""Hexadecimal digits of a viewer's pseudonym."""

Event = Literal["view", "export", "refused", "login", "logout"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# a word of ours, a period, a code with its validity; eight digits in a row may be anybody's
_CHOICE = re.compile(r"(?!.*[0-9]{8})[0-9A-Za-z._-]{1,40}(?:@[0-9-]{0,10})?")
_MOST = 20


class Visit(BaseModel):
    """One line of the access log."""

    at: datetime
    event: Event
    who: str
    role: str | None
    page: str
    parameters: dict[str, str]
    snapshot: str | None


def viewer_pseudonym(claim: str, cookie_secret: str) -> str:
    """The name under which the log knows an e-mail address, or a subject without one."""
    key = hmac.new(cookie_secret.encode(), b"access log", hashlib.sha256).digest()
    return hmac.new(key, claim.casefold().encode(), hashlib.sha256).hexdigest()[:LENGTH]


def keep_choices(parameters: Mapping[str, str]) -> dict[str, str]:
    """An address's parameters as they may be written down."""
    named = [(name, value) for name, value in parameters.items() if _NAME.fullmatch(name)][:_MOST]
    return {
        name: value if _CHOICE.fullmatch(value) else STRUCK_OUT for name, value in sorted(named)
    }


def record_visit(visit: Visit, folder: Path) -> None:
    """Append a line (mode 0600). Where it cannot be written the work goes on: an export does not,
    its own log is stricter."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / LOG
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        append_line(file, visit.model_dump_json())
    except OSError as error:
        record("access log", status="failed", error_class=type(error).__name__)
