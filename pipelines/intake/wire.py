"""Requests and replies over the wire: within the source's limits, waiting where it asks to."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType

import httpx

from pipelines.intake.errors import PullError
from pipelines.intake.kinds import Rest

TRIES = 4
CONNECT_SECONDS = 5.0
_ASK_AGAIN = (408, 425, 429)

# httpx tells every address at INFO, and a key may be part of one
logging.getLogger("httpx").setLevel(logging.WARNING)


class TransientError(Exception):
    """An answer worth asking for again; carries what to say when it stays so."""

    def __init__(self, error: PullError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Reply:
    """What came over the wire, whole by the rules of HTTP."""

    status: int
    headers: httpx.Headers
    charset: str | None
    next_link: str | None
    body: bytes = field(repr=False)


@cache
def _tls() -> ssl.SSLContext:
    """The trusted certificates, read once: that takes longer than a small pull."""
    return httpx.create_ssl_context()


class Wire:
    """The connection to one source and its patience. A context manager.

    Every request names its `place`, the entry's field that holds the address, for messages.
    """

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._waited = 0.0

    def __enter__(self) -> Wire:
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

    def get(self, place: str, url: str, params: dict[str, str], headers: dict[str, str]) -> Reply:
        """Ask for a page. Raises `TransientError`."""
        whole = httpx.URL(url).copy_merge_params(params)
        return self._send(place, self._client.build_request("GET", whole, headers=headers))

    def post(self, place: str, url: str, form: dict[str, str], login: httpx.Auth) -> Reply:
        """Send a form. Raises `TransientError`."""
        return self._send(place, self._client.build_request("POST", url, data=form), login)

    def wait_or_fail(self, place: str, reply: Reply) -> None:
        """Wait as long as a reply that is no success asks to.

        Raises `TransientError` or `PullError` (`http_<status>`) where it names no time, or one
        beyond `rest.patience`.
        """
        status = reply.status
        seconds = _retry_after(reply.headers) if status in (429, 503) else 0.0
        if seconds <= 0:
            if status in _ASK_AGAIN or status >= 500:
                raise TransientError(
                    PullError(f"http_{status}", f"{place}: HTTP {status} after {TRIES} tries")
                )
            raise PullError(f"http_{status}", f"{place}: HTTP {status}")
        limit = self._rest.patience.total_seconds()
        self._waited += seconds
        if self._waited > limit:
            raise PullError(
                f"http_{status}",
                f"rest.patience: HTTP {status} and waits of {self._waited:.0f} s in all"
                f" asked for, more than {limit:.0f} s",
            )
        time.sleep(seconds)

    def _send(self, place: str, request: httpx.Request, login: httpx.Auth | None = None) -> Reply:
        return self._runner.run(self._exchange(place, request, login))

    async def _exchange(
        self, place: str, request: httpx.Request, login: httpx.Auth | None
    ) -> Reply:
        """Send within `rest.deadline`, from the first byte sent to the last received."""
        limit = self._rest.deadline.total_seconds()
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(limit):
                response = await self._client.send(request, auth=login, stream=True)
                body = await response.aread()
                link = response.links.get("next", {}).get("url")
                return Reply(response.status_code, response.headers, _charset(response), link, body)
        except TimeoutError:
            raise TransientError(
                PullError(
                    "too_slow",
                    f"rest.deadline: no whole answer within {limit:.0f} s, {TRIES} tries",
                )
            ) from None
        except httpx.DecodingError:
            raise TransientError(
                PullError("truncated_page", f"page: its compression is broken, {TRIES} tries")
            ) from None
        except httpx.TransportError as error:
            name = type(error).__name__
            if response is not None and not isinstance(error, httpx.TimeoutException):
                found = PullError("truncated_page", f"page: cut on the way ({name}), {TRIES} tries")
            else:
                found = PullError("unreachable", f"{place}: no answer ({name}) after {TRIES} tries")
            raise TransientError(found) from None
        finally:
            if response is not None:
                await response.aclose()


def _charset(response: httpx.Response) -> str | None:
    """The charset that Content-Type says, in the form of a codec's name."""
    said = response.charset_encoding
    return said if said and re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", said) else None


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
