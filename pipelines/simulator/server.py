"""The systems of the simulated province over HTTP, with the record shape of the national service.

`GET /{system}/dossiers` and `GET /{system}/progress`, bearer token, pages by cursor within a
window of update times. Pages are slices of the Parquet files, serialised as columns.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipelines.simulator.sources import TOKEN_ENV
from pipelines.worktime.vectorised import Moments

DEFAULT_PAGE, LARGEST_PAGE = 500, 5000
FEEDS = ("dossiers", "progress")


class _RefusedError(ValueError):
    """A request that cannot be answered: HTTP status and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Feed:
    """One file of records sorted by `updated_at`, with that column in memory."""

    frame: pl.LazyFrame
    updated: Moments

    @staticmethod
    def open(file: Path) -> Feed:
        """Read the index of a Parquet file; the records stay on disk."""
        scan = pl.scan_parquet(file)
        updated = scan.select("updated_at").collect().to_series().to_numpy()
        text = pl.col("updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S")
        return Feed(scan.with_columns(text), updated.astype("datetime64[ms]"))

    def window(self, start: datetime | None, end: datetime | None) -> tuple[int, int]:
        """The rows told from `start` (inclusive) to `end` (exclusive)."""
        first = 0 if start is None else self._position(start)
        last = self.updated.size if end is None else self._position(end)
        return first, max(first, last)

    def page(self, offset: int, rows: int) -> str:
        """Rows from `offset` as the text of a JSON array."""
        if rows <= 0:
            return "[]"
        return self.frame.slice(offset, rows).collect().write_json()

    def _position(self, moment: datetime) -> int:
        return int(np.searchsorted(self.updated, np.datetime64(moment, "ms"), side="left"))


def make_app(out: Path, token: str) -> Starlette:
    """The application over what `write_province` wrote into `out`.

    Raises `FileNotFoundError` where there is no simulated province.
    """
    folders = sorted(path for path in (out / "systems").glob("*") if path.is_dir())
    if not folders:
        raise FileNotFoundError(f"{out}: no simulated province; write one first")
    feeds = {
        (folder.name, feed): Feed.open(folder / f"{feed}.parquet")
        for folder in folders
        for feed in FEEDS
    }

    async def answer(request: Request) -> Response:
        try:
            _check_token(request, token)
            feed = feeds.get((request.path_params["system"], request.path_params["feed"]))
            if feed is None:
                raise _RefusedError(404, "no such system or feed")
            body = await run_in_threadpool(_answer, feed, request)
        except _RefusedError as refusal:
            return JSONResponse(
                {"synthetic": True, "error": str(refusal)}, status_code=refusal.status
            )
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/{system}/{feed}", answer)])


def serve(out: Path, port: int, host: str = "127.0.0.1") -> None:
    """Serve the province until stopped; the token is that of `MOTCUA_SIM_TOKEN`.

    Raises `LookupError` where the variable is not set, `FileNotFoundError` without a province.
    """
    token = os.environ.get(TOKEN_ENV)
    if not token:
        raise LookupError(f"{TOKEN_ENV} is not set: the simulated systems need a token")
    config = uvicorn.Config(
        make_app(out, token), host=host, port=port, log_level="warning", access_log=False
    )
    uvicorn.Server(config).run()


def _check_token(request: Request, token: str) -> None:
    sent = request.headers.get("authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise _RefusedError(401, "wrong or missing bearer token")


def _answer(feed: Feed, request: Request) -> str:
    params = request.query_params
    first, last = feed.window(
        _moment(params.get("updated_from"), "updated_from"),
        _moment(params.get("updated_to"), "updated_to"),
    )
    size = _whole(params.get("size", str(DEFAULT_PAGE)), "size")
    if not 1 <= size <= LARGEST_PAGE:
        raise _RefusedError(400, f"size: from 1 to {LARGEST_PAGE}")
    offset = max(first, _whole(params.get("cursor", "0"), "cursor"))
    rows = max(min(size, last - offset), 0)
    following = offset + rows
    cursor = f'"{following}"' if following < last else "null"
    records = feed.page(offset, rows)
    return f'{{"synthetic": true, "data": {records}, "next_cursor": {cursor}}}'


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None or not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise _RefusedError(400, f"{name}: not a local ISO time") from None


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise _RefusedError(400, f"{name}: not a whole number")
    return int(text)
