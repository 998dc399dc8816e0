"""Answers instead of pages: too many requests, errors, a system that is down, an old token."""

from __future__ import annotations

import math
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

from pydantic import Field, PrivateAttr
from starlette.responses import Response

from pipelines.simulator.behaviours.base import Behaviour, Seat, Trigger, refusal

_ERRORS = (500, 502, 503)


class RateLimited(Behaviour):
    """About every `every`-th request opens `wait` seconds of 429, also for who asks too early.

    Retry-After is in seconds and, every other time, a date.
    """

    every: int = Field(default=5, ge=1)
    wait: int = Field(default=2, ge=1)
    _trigger: Trigger = PrivateAttr()
    _closed_until: float = PrivateAttr(default=0.0)
    _number: int = PrivateAttr(default=0)

    def sit(self, seat: Seat) -> None:
        """Draw which requests are too many."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)

    def refuse(self, bearer: str, now: datetime | None) -> Response | None:
        """429 while the system wants to be left alone."""
        del bearer, now
        if time.monotonic() >= self._closed_until:
            if not self._trigger.strikes():
                return None
            self._closed_until = time.monotonic() + self.wait
            self._number += 1
        left = math.ceil(self._closed_until - time.monotonic())
        after = str(left)
        if self._number % 2 == 0:
            # a date has no fractions of a second
            after = format_datetime(datetime.now(UTC) + timedelta(seconds=left + 1), usegmt=True)
        return refusal(429, "too many requests", {"Retry-After": after})


class ErrorBurst(Behaviour):
    """About every `every`-th request begins a burst of `length` times 500, 502 or 503."""

    every: int = Field(default=8, ge=1)
    length: int = Field(default=2, ge=1)
    _trigger: Trigger = PrivateAttr()
    _left: int = PrivateAttr(default=0)

    def sit(self, seat: Seat) -> None:
        """Draw where the bursts begin."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)

    def refuse(self, bearer: str, now: datetime | None) -> Response | None:
        """An error while a burst lasts."""
        del bearer, now
        if self._left == 0 and self._trigger.strikes():
            self._left = self.length
        if self._left == 0:
            return None
        self._left -= 1
        return refusal(_ERRORS[int(self._rng.integers(len(_ERRORS)))], "the simulated system fails")


class Down(Behaviour):
    """503 from the day `since`, for `days` days of the server's clock."""

    needs_clock: ClassVar[bool] = True
    since: date
    days: int = Field(default=5, ge=1)

    def refuse(self, bearer: str, now: datetime | None) -> Response | None:
        """503 while the system is down."""
        del bearer
        begin = datetime.combine(self.since, datetime.min.time())
        if now is None or not begin <= now < begin + timedelta(days=self.days):
            return None
        return refusal(503, "the simulated system is down")


class TokenExpires(Behaviour):
    """After `after` pages the token is no longer valid, from then on `<token>-renewed` is.

    `file` (from the province's folder) holds the valid token, as a system's own client would
    keep it; without it somebody else has to bring the new one.
    """

    after: int = Field(default=3, ge=1)
    file: Path | None = None
    _pages: int = PrivateAttr(default=0)

    def sit(self, seat: Seat) -> None:
        """Hand out the first token."""
        super().sit(seat)
        self._write(seat.token)

    def tokens(self, valid: tuple[str, ...]) -> tuple[str, ...]:
        """Both tokens up to the end of the first, then the renewed one alone."""
        renewed = tuple(f"{token}-renewed" for token in valid)
        return renewed if self._pages > self.after else valid + renewed

    def refuse(self, bearer: str, now: datetime | None) -> Response | None:
        """Count a request; the first after the last page renews the token."""
        del now
        if bearer.endswith("-renewed"):
            return None
        self._pages += 1
        if self._pages == self.after + 1 and self._seat is not None:
            self._write(f"{self._seat.token}-renewed")
        return None

    def _write(self, token: str) -> None:
        if self.file is None or self._seat is None:
            return
        path = self._seat.out / self.file
        path.touch(mode=0o600)
        path.write_text(token, encoding="utf-8")
