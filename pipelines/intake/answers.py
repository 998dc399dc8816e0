"""One answer of a REST source: asked for politely, again where that helps, whole or not at all.

Every limit is the source's own (`rest:` in the list of sources), so that a system which answers
slowly, drips, or asks to be left alone holds no pull for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import httpx
import stamina

from pipelines.intake.auth import Proof, read_token
from pipelines.intake.errors import PullError
from pipelines.intake.kinds import Rest
from pipelines.intake.readers import Envelope, PageTimes, UnreadableError, inspect_json, page_times
from pipelines.intake.wire import TRIES, Reply, TransientError, Wire

_REFUSED = (401, 403)

# what came of the tries stands in the outcome; a line a try is noise on an operator's screen
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True)
class Answer:
    """One whole page.

    `body` is UTF-8 whatever the source sent, `sha256` that of the bytes as they came, `received`
    their number. `following` is what the answer says of what follows it: the cursor, the link or
    the total, by the style of paging; None where it says nothing.
    """

    body: bytes = field(repr=False)
    sha256: str
    received: int
    following: str | None
    times: PageTimes


class Caller:
    """A conversation with one source: its connection, its proof, and its patience.

    A context manager. `encoding` is the agreed one; a charset said in Content-Type wins. Paths of
    secrets start from `folder`.
    """

    def __init__(self, rest: Rest, encoding: str, folder: Path) -> None:
        self._rest = rest
        self._encoding = encoding
        self._folder = folder
        self._wire = Wire(rest)
        self._proof: Proof | None = None

    def __enter__(self) -> Caller:
        self._wire.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.__exit__(kind, error, trace)

    def ask(self, url: str, params: dict[str, str]) -> Answer:
        """Ask once and, where the answer is faulty, up to three times more with back-off.

        `params` join those of the URL. Waiting that the source asks for (Retry-After) is no try;
        all of it together stays below `rest.patience`. A refused proof is renewed once. Raises
        `PullError`: `no_token`, `unauthorized`, `unreachable`, `too_slow`, `truncated_page`,
        `wrong_encoding`, `unexpected_answer`, `http_<status>`.
        """
        try:
            for attempt in stamina.retry_context(
                on=TransientError, attempts=TRIES, wait_initial=0.2, wait_max=5.0, timeout=None
            ):
                with attempt:
                    return self._read(self._reply(url, params))
        except TransientError as last:
            raise last.error from None
        raise AssertionError("stamina neither returned nor raised")

    def _reply(self, url: str, params: dict[str, str]) -> Reply:
        """The answer to a request once proof and waiting are settled; its status is 200."""
        is_proof_new = False
        while True:
            if self._proof is None or self._proof.is_over:
                self._proof = self._prove()
            proof = self._proof
            reply = self._wire.get("rest.url", url, params | proof.params, proof.headers)
            if reply.status in _REFUSED:
                self._proof = self._prove()
                if is_proof_new or _is_same(proof, self._proof):
                    raise PullError(
                        "unauthorized",
                        f"rest.auth: the {self._rest.auth.place} was refused (HTTP {reply.status})",
                    )
                is_proof_new = True
            elif reply.status == 200:
                return reply
            else:
                self._wire.wait_or_fail("rest.url", reply)

    def _prove(self) -> Proof:
        """Read or fetch anew what the next requests carry."""
        auth = self._rest.auth
        try:
            if auth.kind != "oauth2":
                return auth.proof(self._folder)
            wanted = auth.token_request(self._folder)
        except LookupError as missing:
            raise PullError("no_token", str(missing.args[0])) from None
        place = "rest.auth.token_url"
        login = httpx.BasicAuth(quote(wanted.client, safe=""), quote(wanted.secret, safe=""))
        while True:
            reply = self._wire.post(place, wanted.url, wanted.form, login)
            if reply.status == 200:
                break
            if reply.status in (400, *_REFUSED):
                raise PullError(
                    "unauthorized",
                    f"{place}: no {auth.place}: it was refused (HTTP {reply.status})",
                )
            self._wire.wait_or_fail(place, reply)
        try:
            return read_token(reply.body)
        except ValueError as error:
            raise PullError("unexpected_answer", f"{place}: {error}") from None

    def _read(self, reply: Reply) -> Answer:
        """The page in a reply, checked whole."""
        raw = reply.body
        envelope = Envelope(self._rest.records, self._rest.updated)
        try:
            body = _as_utf8(raw, reply.charset or self._encoding)
            following = inspect_json(
                body, encoding="utf-8", envelope=envelope, following=self._rest.following
            )
            times = page_times(body, envelope)
        except UnreadableError as error:
            found = PullError(error.error_class, f"page: {error}, {len(raw)} bytes, {TRIES} tries")
            raise TransientError(found) from None
        if self._rest.following is None and self._rest.page.style == "link":
            following = reply.next_link
        return Answer(body, hashlib.sha256(raw).hexdigest(), len(raw), following or None, times)


def _is_same(one: Proof, other: Proof) -> bool:
    return (one.headers, one.params) == (other.headers, other.params)


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
