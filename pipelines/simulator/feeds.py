"""The records of a system's feed, by position: what a window shows, and pages of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.worktime.vectorised import Moments

Spans = npt.NDArray[np.timedelta64]
Positions = range | npt.NDArray[np.int64]
"""Rows of a feed; a range where nothing is left out."""


class RefusedError(ValueError):
    """A request that cannot be answered: HTTP status and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Page:
    """The rows of a page and the cursor of the one that follows."""

    positions: Positions
    following: str | None


@dataclass(frozen=True)
class Feed:
    """One file of records sorted by `updated_at`, with that column in memory.

    `updated` is what the system stamps, `told` when a record can be seen; `is_prompt` where that
    is in the same order.
    """

    frame: pl.LazyFrame
    updated: Moments
    told: Moments
    is_prompt: bool = True

    @staticmethod
    def open(file: Path, shift: timedelta = timedelta(0)) -> Feed:
        """Read the index of a Parquet file; the records stay on disk. `shift` is added to every
        stamp, not to the time at which a record can be seen."""
        scan = pl.scan_parquet(file)
        moments = scan.select("updated_at").collect().to_series().to_numpy()
        told = moments.astype("datetime64[ms]")
        text = (pl.col("updated_at") + shift).dt.strftime("%Y-%m-%dT%H:%M:%S")
        stamped = cast(Moments, told + np.timedelta64(shift, "ms"))
        return Feed(scan.with_columns(text), stamped, told)

    def delayed(self, delays: Spans) -> Feed:
        """The same records, some of them told later."""
        return replace(self, told=self.told + delays, is_prompt=False)

    def window(
        self, start: datetime | None, end: datetime | None, now: datetime | None = None
    ) -> Positions:
        """The rows stamped from `start` (inclusive) to `end` (exclusive) that are told by `now`."""
        first = 0 if start is None else _position(self.updated, start)
        last = self.updated.size if end is None else _position(self.updated, end)
        if now is None:
            return range(first, max(first, last))
        if self.is_prompt:
            seen = int(np.searchsorted(self.told, np.datetime64(now, "ms"), side="right"))
            return range(first, max(first, min(last, seen)))
        is_told = self.told[first:last] <= np.datetime64(now, "ms")
        return first + np.flatnonzero(is_told).astype(np.int64)

    def text(self, positions: Positions) -> str:
        """Rows as the text of a JSON array."""
        if not len(positions):
            return "[]"
        if isinstance(positions, range):
            return self.frame.slice(positions.start, len(positions)).collect().write_json()
        low, high = int(positions.min()), int(positions.max())
        rows = self.frame.slice(low, high - low + 1).collect()
        return rows[positions - low].write_json()


def plain_page(positions: Positions, size: int, cursor: str | None) -> Page:
    """The page from a cursor on, which is a row's position."""
    offset = whole_number(cursor or "0", "cursor")
    if isinstance(positions, range):
        start = max(0, offset - positions.start)
    else:
        start = int(np.searchsorted(positions, offset))
    rows = positions[start : start + size]
    following = start + len(rows)
    return Page(rows, str(positions[following]) if following < len(positions) else None)


def whole_number(text: str, name: str) -> int:
    """The number that a parameter says. Raises `RefusedError`."""
    if not (text.isascii() and text.isdecimal()):
        raise RefusedError(400, f"{name}: not a whole number")
    return int(text)


def _position(moments: Moments, moment: datetime) -> int:
    return int(np.searchsorted(moments, np.datetime64(moment, "ms"), side="left"))
