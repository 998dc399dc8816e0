"""Pages that come slowly, in drops, cut, or in another encoding than agreed."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from itertools import cycle
from typing import Literal

from pydantic import Field, PrivateAttr
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pipelines.simulator.behaviours.base import Behaviour, Seat, Trigger

_JSON = "application/json"
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class Slow(Behaviour):
    """Every page takes `delay` seconds, about every `every`-th one `beyond` seconds."""

    delay: float = Field(default=2.0, ge=0)
    beyond: float = Field(default=45.0, ge=0)
    every: int = Field(default=10, ge=1)
    _trigger: Trigger = PrivateAttr()

    def sit(self, seat: Seat) -> None:
        """Draw which pages take too long."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)

    async def reply(self, body: bytes) -> Response | None:
        """Wait; the page itself is as it should be."""
        del body
        await asyncio.sleep(self.beyond if self._trigger.strikes() else self.delay)
        return None


class Dripping(Behaviour):
    """About every `every`-th page comes in `pieces` pieces with `pause` seconds between them."""

    every: int = Field(default=5, ge=1)
    pieces: int = Field(default=300, ge=2)
    pause: float = Field(default=1.0, ge=0)
    _trigger: Trigger = PrivateAttr()

    def sit(self, seat: Seat) -> None:
        """Draw which pages drip."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)

    async def reply(self, body: bytes) -> Response | None:
        """A page in drops."""
        if not self._trigger.strikes():
            return None
        return StreamingResponse(self._drops(body), media_type=_JSON)

    async def _drops(self, body: bytes) -> AsyncIterator[bytes]:
        size = -(-len(body) // self.pieces)
        for start in range(0, len(body), size):
            yield body[start : start + size]
            await asyncio.sleep(self.pause)


class Cut(Behaviour):
    """About every `every`-th page breaks off in the middle, in three ways by turns.

    Cut off while its length was said, cut off in the middle of chunks, and a body that is half a
    page by HTTP's own rules.
    """

    every: int = Field(default=4, ge=1)
    _trigger: Trigger = PrivateAttr()
    _ways: cycle[Literal["length", "chunks", "half"]] = PrivateAttr()

    def sit(self, seat: Seat) -> None:
        """Draw which pages break off."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)
        self._ways = cycle(("length", "chunks", "half"))

    async def reply(self, body: bytes) -> Response | None:
        """Half a page."""
        return _CutResponse(body, next(self._ways)) if self._trigger.strikes() else None


class _CutResponse(Response):
    """The first half of a body; returning before its end makes the server close the connection."""

    def __init__(self, whole: bytes, way: Literal["length", "chunks", "half"]) -> None:
        half = whole[: len(whole) // 2]
        super().__init__(half, media_type=_JSON)
        self._way = way
        if way == "length":
            self.headers["content-length"] = str(len(whole))
        elif way == "chunks":
            del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is."""
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send(
            {
                "type": "http.response.body",
                "body": bytes(self.body),
                "more_body": self._way != "half",
            }
        )


class WrongEncoding(Behaviour):
    """About every `every`-th page is no UTF-8: windows-1258 and saying so, or UTF-16 in silence.

    `form` picks one of the two; `both` takes them by turns.
    """

    every: int = Field(default=3, ge=1)
    form: Literal["both", "windows-1258", "utf-16"] = "both"
    _trigger: Trigger = PrivateAttr()
    _forms: cycle[str] = PrivateAttr()

    def sit(self, seat: Seat) -> None:
        """Draw which pages are encoded otherwise."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)
        self._forms = cycle(("windows-1258", "utf-16") if self.form == "both" else (self.form,))

    async def reply(self, body: bytes) -> Response | None:
        """The same page in other bytes."""
        if not self._trigger.strikes():
            return None
        if next(self._forms) == "utf-16":
            return Response(body.decode().encode("utf-16"), media_type=_JSON)
        text = "".join(_toned(letter) for letter in body.decode())
        return Response(
            text.encode("windows-1258"), headers={"content-type": f"{_JSON}; charset=windows-1258"}
        )


def _toned(letter: str) -> str:
    """A letter as windows-1258 has it: the tone is a mark after the letter."""
    if letter.isascii():
        return letter
    parts = unicodedata.normalize("NFD", letter)
    base = "".join(part for part in parts if part not in _TONES)
    tones = "".join(part for part in parts if part in _TONES)
    return unicodedata.normalize("NFC", base) + tones
