"""What every behaviour is: options, a seed, and places in the life of a request."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, PrivateAttr
from starlette.responses import JSONResponse, Response

from pipelines.simulator.feeds import Page, Positions, Spans


@dataclass(frozen=True)
class Seat:
    """Where a behaviour sits: the system and feed, the province's seed, folder and token."""

    system: str
    feed: str
    seed: int
    out: Path
    token: str


@dataclass(frozen=True)
class Ask:
    """A request for a page: the rows that its window shows, how many, and from which cursor."""

    positions: Positions
    size: int
    cursor: str | None


class Behaviour(BaseModel):
    """One way to misbehave. Its fields are the options of `--behaviour`; here it does nothing.

    `needs_clock`: it happens at a time, so that the server must have a present.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    needs_clock: ClassVar[bool] = False
    _rng: np.random.Generator = PrivateAttr(default_factory=np.random.default_rng)
    _seat: Seat | None = PrivateAttr(default=None)

    def sit(self, seat: Seat) -> None:
        """Take a seat: the same seed, system and feed misbehave in the same way."""
        words = (type(self).__name__, seat.system, seat.feed)
        self._rng = np.random.default_rng([seat.seed, *(zlib.crc32(w.encode()) for w in words)])
        self._seat = seat

    def shift(self) -> timedelta:
        """How far the system's clock is ahead."""
        return timedelta(0)

    def delays(self, rows: int) -> Spans | None:
        """For each row, how long after its update it is told; None if at once."""
        del rows
        return None

    def refuse(self, bearer: str, now: datetime | None) -> Response | None:
        """An answer instead of a page, decided before the request is read."""
        del bearer, now
        return None

    def tokens(self, valid: tuple[str, ...]) -> tuple[str, ...]:
        """The tokens that are valid for this request."""
        return valid

    def choose(self, ask: Ask) -> Page | None:
        """The rows of a page and the next cursor; None leaves it to the feed."""
        del ask
        return None

    async def reply(self, body: bytes) -> Response | None:
        """The answer with a page; None leaves it to the next."""
        del body
        return None


class Trigger:
    """Strikes at every `every`-th call on average, at gaps drawn from the seed."""

    def __init__(self, rng: np.random.Generator, every: int) -> None:
        self._rng = rng
        self._every = every
        self._left = self._gap()

    def strikes(self) -> bool:
        """Count a call; whether this is one."""
        self._left -= 1
        if self._left:
            return False
        self._left = self._gap()
        return True

    def _gap(self) -> int:
        return int(self._rng.integers(1, 2 * self._every))


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An answer that says why there is no page."""
    content = {"synthetic": True, "error": message}
    return JSONResponse(content, status_code=status, headers=headers)
