"""One answer of a REST source: asked for politely, again where that helps, whole or not at all.

Every limit is the source's own (`rest:` in the list of sources), so that a system which answers
slowly, drips, or asks to be left alone holds no pull for ever.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from types import TracebackType

import httpx
import stamina

from pipelines.intake.readers import Envelope, PageTimes, UnreadableError, inspect_json, page_times
from pipelines.intake.sources import Rest

TRIES = 4
CONNECT_SECONDS = 5.0
_ASK_AGAIN = (408, 425, 429)
_REFUSED = (401, 403)


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
    """One whole page.

    `body` is UTF-8 whatever the source sent, `sha256` that of the bytes as they came, `received`
    their number. `next_cursor` is None on the last page.
    """

    body: bytes = field(repr=False)
    sha256: str
    received: int
    next_cursor: str | None
    times: PageTimes


# what came of the tries stands in the outcome; a line a try is noise on an operator's screen
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True)
class _Reply:
    """What came over the wire, whole by the rules of HTTP."""

    status: int
    headers: httpx.Headers
    charset: str | None
    body: bytes = field(repr=False)


@cache
def _tls() -> ssl.SSLContext:
    """The trusted certificates, read once: that takes longer than a small pull."""
    return httpx.create_ssl_context()


class Caller:
    """A conversation with one source: its connection, its token, and its patience.

    A context manager. `encoding` is the agreed one; a charset said in Content-Type wins. Paths of
    secrets start from `folder`. Raises `PullError` `no_token` where there is no token.
    """

    def __init__(self, rest: Rest, encoding: str, folder: Path) -> None:
        self._rest = rest
        self._encoding = encoding
        self._folder = folder
        self._waited = 0.0
        self._headers = self._token()

    def __enter__(self) -> Caller:
        self._runner = asyncio.Runner()
        timeout = httpx.Timeout(self._rest.timeout.total_seconds(), connect=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(timeout=timeout, verify=_tls())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, params: dict[str, str]) -> Answer:
        """Ask once and, where the answer is faulty, up to three times more with back-off.

        Waiting that the source asks for (Retry-After) is no try; all of it together stays below
        `rest.patience`. A refused token is read anew once. Raises `PullError`: `unauthorized`,
        `unreachable`, `too_slow`, `truncated_page`, `wrong_encoding`, `unexpected_answer`,
        `http_<status>`.
        """
        try:
            for attempt in stamina.retry_context(
                on=_TransientError, attempts=TRIES, wait_initial=0.2, wait_max=5.0, timeout=None
            ):
                with attempt:
                    return self._read(self._reply(params))
        except _TransientError as last:
            raise last.error from None
        raise AssertionError("stamina neither returned nor raised")

    def _reply(self, params: dict[str, str]) -> _Reply:
        """The answer to a request once token and waiting are settled; its status is 200."""
        is_token_new = False
        while True:
            reply = self._runner.run(self._get(params))
            status = reply.status
            if status in _REFUSED:
                before, self._headers = self._headers, self._token()
                if is_token_new or before == self._headers:
                    raise PullError(
                        "unauthorized",
                        f"rest.auth: the token in {self._rest.auth.place} was refused"
                        f" (HTTP {status})",
                    )
                is_token_new = True
            elif status == 200:
                return reply
            elif not self._wait(reply):
                if status in _ASK_AGAIN or status >= 500:
                    raise _TransientError(
                        PullError(f"http_{status}", f"rest.url: HTTP {status} after {TRIES} tries")
                    )
                raise PullError(f"http_{status}", f"rest.url: HTTP {status}")

    def _wait(self, reply: _Reply) -> bool:
        """Wait as long as the source asks; False where it names no time."""
        seconds = _retry_after(reply.headers) if reply.status in (429, 503) else 0.0
        if seconds <= 0:
            return False
        limit = self._rest.patience.total_seconds()
        self._waited += seconds
        if self._waited > limit:
            raise PullError(
                f"http_{reply.status}",
                f"rest.patience: HTTP {reply.status} and waits of {self._waited:.0f} s in all"
                f" asked for, more than {limit:.0f} s",
            )
        time.sleep(seconds)
        return True

    async def _get(self, params: dict[str, str]) -> _Reply:
        """One request, within `rest.deadline` from the first byte sent to the last received."""
        limit = self._rest.deadline.total_seconds()
        has_begun = False
        try:
            async with (
                asyncio.timeout(limit),
                self._client.stream(
                    "GET", self._rest.url, params=params, headers=self._headers
                ) as response,
            ):
                has_begun = True
                body = await response.aread()
                return _Reply(response.status_code, response.headers, _charset(response), body)
        except TimeoutError:
            raise _TransientError(
                PullError(
                    "too_slow",
                    f"rest.deadline: no whole answer within {limit:.0f} s, {TRIES} tries",
                )
            ) from None
        except httpx.DecodingError:
            raise _TransientError(
                PullError("truncated_page", f"page: its compression is broken, {TRIES} tries")
            ) from None
        except httpx.TransportError as error:
            name = type(error).__name__
            if has_begun and not isinstance(error, httpx.TimeoutException):
                found = PullError("truncated_page", f"page: cut on the way ({name}), {TRIES} tries")
            else:
                found = PullError(
                    "unreachable", f"rest.url: no answer ({name}) after {TRIES} tries"
                )
            raise _TransientError(found) from None

    def _read(self, reply: _Reply) -> Answer:
        """The page in a reply, checked whole."""
        raw = reply.body
        envelope = Envelope(self._rest.records, self._rest.updated)
        try:
            body = _as_utf8(raw, reply.charset or self._encoding)
            cursor = inspect_json(
                body, encoding="utf-8", envelope=envelope, following=self._rest.next
            )
            times = page_times(body, envelope)
        except UnreadableError as error:
            found = PullError(error.error_class, f"page: {error}, {len(raw)} bytes, {TRIES} tries")
            raise _TransientError(found) from None
        return Answer(body, hashlib.sha256(raw).hexdigest(), len(raw), cursor or None, times)

    def _token(self) -> dict[str, str]:
        try:
            return self._rest.auth.headers(self._folder)
        except LookupError as missing:
            raise PullError("no_token", str(missing.args[0])) from None


def _charset(response: httpx.Response) -> str | None:
    """The charset that Content-Type says, in the form of a codec's name."""
    said = response.charset_encoding
    return said if said and re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", said) else None


def _as_utf8(body: bytes, encoding: str) -> bytes:
    """The bytes of a text, in UTF-8. Raises `UnreadableError` `wrong_encoding`."""
    name = encoding.lower()
    try:
        is_utf8 = name in ("utf-8", "utf8")
        # JSON holds no raw zero byte: this is UTF-16 or UTF-32 that nobody spoke of
        if is_utf8 and b"\0" in body:
            raise UnreadableError("wrong_encoding", f"the bytes are not {name}")
        text = body.decode("utf-8-sig" if is_utf8 else name)
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError("wrong_encoding", f"the bytes are not {name}") from None
    return body if is_utf8 else text.encode()


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds that the answer asks to wait (RFC 9110 §10.2.3: seconds or a date), else 0.

    A date is compared with the answer's own `Date`, so that a wrong clock there does no harm.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until, sent = _http_date(text), _http_date(headers.get("date", ""))
    if until is None:
        return 0.0
    return max((until - (sent or datetime.now(UTC))).total_seconds(), 0.0)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
