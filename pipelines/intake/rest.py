"""REST sources: pages by cursor within a window of update times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx
import stamina

from pipelines.intake.readers import Envelope, UnreadableError, inspect_json
from pipelines.intake.sources import Rest, Source

TRIES = 4
TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class PullError(Exception):
    """A pull that cannot go on: an error class and one line naming field and rule."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


class _TransientError(Exception):
    """An answer worth asking for again; carries what to say when it stays so."""

    def __init__(self, error: PullError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Answer:
    """One page as it came, its sha256, and the cursor of the next one."""

    body: bytes
    sha256: str
    next_cursor: str | None


def pages(
    source: Source, since: datetime | None, until: datetime, encoding: str, client: httpx.Client
) -> Iterator[Answer]:
    """Ask for all pages of the window [since, until); a faulty answer is asked for again.

    Raises `PullError`: `no_token`, `unauthorized`, `unreachable`, `truncated_page`,
    `unexpected_answer`, `http_<status>`.
    """
    rest = source.rest
    assert rest is not None
    try:
        headers = rest.auth.headers()
    except LookupError as missing:
        raise PullError("no_token", f"rest.auth.env: {missing} is not set") from None
    cursor: str | None = None
    while True:
        params = {"size": str(rest.page.size), rest.until: until.isoformat()}
        if since is not None:
            params[rest.since] = since.isoformat()
        if cursor is not None:
            params["cursor"] = cursor
        try:
            answer = _ask(client, rest, headers, params, encoding)
        except _TransientError as last:
            raise last.error from None
        yield answer
        if answer.next_cursor is None:
            return
        if answer.next_cursor == cursor:
            raise PullError("unexpected_answer", f"rest.next: the cursor stays at {cursor!r}")
        cursor = answer.next_cursor


@stamina.retry(on=_TransientError, attempts=TRIES, wait_initial=0.2, wait_max=5.0, timeout=None)
def _ask(
    client: httpx.Client, rest: Rest, headers: dict[str, str], params: dict[str, str], encoding: str
) -> Answer:
    try:
        response = client.get(rest.url, params=params, headers=headers)
    except httpx.TransportError as error:
        name = type(error).__name__
        raise _TransientError(
            PullError("unreachable", f"rest.url: no answer ({name}) after {TRIES} tries")
        ) from None
    status = response.status_code
    if status in (401, 403):
        variable = rest.auth.env or "none"
        raise PullError(
            "unauthorized", f"rest.auth: the token in {variable} was refused (HTTP {status})"
        )
    if status in (408, 425, 429) or status >= 500:
        raise _TransientError(
            PullError(f"http_{status}", f"rest.url: HTTP {status} after {TRIES} tries")
        )
    if status != 200:
        raise PullError(f"http_{status}", f"rest.url: HTTP {status}")
    body = response.content
    envelope = Envelope(rest.records, rest.updated)
    try:
        cursor = inspect_json(body, encoding=encoding, envelope=envelope, following=rest.next)
    except UnreadableError as error:
        found = PullError(error.error_class, f"page: {error}, {len(body)} bytes, {TRIES} tries")
        raise _TransientError(found) from None
    return Answer(body, hashlib.sha256(body).hexdigest(), cursor or None)
