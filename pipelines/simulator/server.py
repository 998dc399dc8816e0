"""The systems of the simulated province over HTTP, with the record shape of the national service.

`GET /{system}/dossiers` and `GET /{system}/progress`, bearer token, pages by cursor within a
window of update times. Pages are slices of the Parquet files, serialised as columns. A system
may misbehave (`behaviours`), and the server may have a present (`now`): it then tells only what
would have been told by that moment, and `POST /_clock` with `{"now": "…"}` moves it.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.simulator.behaviours.base import Ask, Behaviour, Seat, refusal
from pipelines.simulator.behaviours.parse import read_behaviours
from pipelines.simulator.feeds import Feed, Page, RefusedError, plain_page, whole_number
from pipelines.simulator.sources import TOKEN_ENV

DEFAULT_PAGE, LARGEST_PAGE = 500, 5000
FEEDS = ("dossiers", "progress")


@dataclass
class _Clock:
    """The server's present; None where everything is told."""

    now: datetime | None


@dataclass(frozen=True)
class _Counter:
    """A feed behind which a system sits, with its ways to misbehave."""

    feed: Feed
    behaviours: Sequence[Behaviour]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def open(file: Path, behaviours: Sequence[Behaviour], seat: Seat) -> _Counter:
        """Read the index of the records and seat the behaviours."""
        for behaviour in behaviours:
            behaviour.sit(seat)
        feed = Feed.open(file, sum((b.shift() for b in behaviours), timedelta(0)))
        for delays in (b.delays(feed.told.size) for b in behaviours):
            feed = feed if delays is None else feed.delayed(delays)
        return _Counter(feed, behaviours)

    def page(self, ask: Ask) -> Page:
        """The rows of a page, as the first behaviour that cares chooses them."""
        # what is drawn depends on the order of the requests alone, not on threads
        with self.lock:
            for behaviour in self.behaviours:
                page = behaviour.choose(ask)
                if page is not None:
                    return page
        return plain_page(ask.positions, ask.size, ask.cursor)


def make_app(
    out: Path,
    token: str,
    *,
    behaviours: Sequence[str] = (),
    seed: int = 0,
    now: datetime | None = None,
) -> Starlette:
    """The application over what `write_province` wrote into `out`.

    `behaviours` are texts `SYSTEM=NAME[:key=value…]`, drawn from `seed`. Raises
    `FileNotFoundError` where there is no simulated province, `ValueError` for a behaviour that
    is none.
    """
    folders = sorted(path for path in (out / "systems").glob("*") if path.is_dir())
    if not folders:
        raise FileNotFoundError(f"{out}: no simulated province; write one first")
    counters: dict[tuple[str, str], _Counter] = {}
    for feed in FEEDS:
        # each feed draws for itself: two of them asked at once draw as one after the other
        chosen = read_behaviours(behaviours, (f.name for f in folders), has_clock=now is not None)
        for folder in folders:
            seat = Seat(folder.name, feed, seed, out, token)
            file = folder / f"{feed}.parquet"
            counters[folder.name, feed] = _Counter.open(file, chosen[folder.name], seat)
    clock = _Clock(now)

    async def answer(request: Request) -> Response:
        counter = counters.get((request.path_params["system"], request.path_params["feed"]))
        behaviours = counter.behaviours if counter is not None else ()
        bearer = _bearer(request)
        valid = (token,)
        try:
            for behaviour in behaviours:
                refused = behaviour.refuse(bearer, clock.now)
                if refused is not None:
                    return refused
                valid = behaviour.tokens(valid)
            _check_token(bearer, valid)
            if counter is None:
                raise RefusedError(404, "no such system or feed")
            text = await run_in_threadpool(_answer, counter, request, clock.now)
        except RefusedError as refused:
            return refusal(refused.status, str(refused))
        body = text.encode()
        for behaviour in behaviours:
            reply = await behaviour.reply(body)
            if reply is not None:
                return reply
        return Response(body, media_type="application/json")

    async def move_clock(request: Request) -> Response:
        try:
            _check_token(_bearer(request), (token,))
            clock.now = _told_now(await request.body())
        except RefusedError as refused:
            return refusal(refused.status, str(refused))
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/_clock", move_clock, methods=["POST"]),
            Route("/{system}/{feed}", answer),
        ]
    )


def serve(
    out: Path,
    port: int,
    host: str = "127.0.0.1",
    *,
    behaviours: Sequence[str] = (),
    seed: int = 0,
    now: datetime | None = None,
) -> None:
    """Serve the province until stopped; the token is that of `MOTCUA_SIM_TOKEN`.

    Raises `LookupError` where the variable is not set, `FileNotFoundError` without a province,
    `ValueError` for a behaviour that is none.
    """
    token = os.environ.get(TOKEN_ENV)
    if not token:
        raise LookupError(f"{TOKEN_ENV} is not set: the simulated systems need a token")
    app = make_app(out, token, behaviours=behaviours, seed=seed, now=now)
    # a page that is cut on purpose is an error to the server
    level = "critical" if behaviours else "warning"
    config = uvicorn.Config(app, host=host, port=port, log_level=level, access_log=False)
    uvicorn.Server(config).run()


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


def _check_token(sent: str, valid: tuple[str, ...]) -> None:
    if not any(hmac.compare_digest(sent.encode(), token.encode()) for token in valid):
        raise RefusedError(401, "wrong or missing bearer token")


def _told_now(body: bytes) -> datetime | None:
    try:
        told = cast("dict[str, str | None]", orjson.loads(body))["now"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise RefusedError(400, "now: is missing") from None
    return _moment(told, "now")


def _answer(counter: _Counter, request: Request, now: datetime | None) -> str:
    params = request.query_params
    size = whole_number(params.get("size", str(DEFAULT_PAGE)), "size")
    if not 1 <= size <= LARGEST_PAGE:
        raise RefusedError(400, f"size: from 1 to {LARGEST_PAGE}")
    shown = counter.feed.window(
        _moment(params.get("updated_from"), "updated_from"),
        _moment(params.get("updated_to"), "updated_to"),
        now,
    )
    page = counter.page(Ask(shown, size, params.get("cursor")))
    cursor = f'"{page.following}"' if page.following is not None else "null"
    records = counter.feed.text(page.positions)
    return f'{{"synthetic": true, "data": {records}, "next_cursor": {cursor}}}'


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None or not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise RefusedError(400, f"{name}: not a local ISO time") from None
