"""Pages with other rows than expected: told twice, in another order, stamped wrongly, or late."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from pipelines.simulator.behaviours.base import Ask, Behaviour, Seat, Trigger
from pipelines.simulator.feeds import Page, Spans, plain_page, whole_number


class PageTwice(Behaviour):
    """About every `every`-th page is served again although the cursor has moved on.

    With `skip` the repeated page stands in the place of the next one, which is never served.
    """

    every: int = Field(default=3, ge=1)
    skip: bool = False
    _trigger: Trigger = PrivateAttr()

    def sit(self, seat: Seat) -> None:
        """Draw which pages are served twice."""
        super().sit(seat)
        self._trigger = Trigger(self._rng, self.every)

    def choose(self, ask: Ask) -> Page | None:
        """The page asked for, or the one before it."""
        is_again = ask.cursor is not None and ask.cursor.endswith("a")
        page = plain_page(ask.positions, ask.size, (ask.cursor or "").removesuffix("a") or None)
        if is_again or page.following is None or not self._trigger.strikes():
            return page
        if not self.skip:
            # the same rows once more, under a cursor of another name
            return Page(page.positions, f"{page.positions[0]}a")
        rows = np.asarray(ask.positions)
        at = int(np.searchsorted(rows, page.positions[0]))
        return page if at < ask.size else Page(rows[at - ask.size : at], page.following)


class PageOrder(Behaviour):
    """Every request sees the rows of its window in an order of its own."""

    def choose(self, ask: Ask) -> Page | None:
        """A page of a shuffled window; the cursor counts rows."""
        shuffled = self._rng.permutation(np.asarray(ask.positions, dtype=np.int64))
        start = whole_number(ask.cursor or "0", "cursor")
        end = start + ask.size
        return Page(shuffled[start:end], str(end) if end < shuffled.size else None)


class ClockSkew(Behaviour):
    """The system's clock is `hours` ahead (below zero: behind); its stamps follow it."""

    hours: float = Field(default=2.0, ge=-24, le=24)

    def shift(self) -> timedelta:
        """How far the system's clock is ahead."""
        return timedelta(hours=self.hours)


class LateUpdates(Behaviour):
    """A `share` of the updates is told only 2 to `days` days after its time of update."""

    needs_clock: ClassVar[bool] = True
    share: float = Field(default=0.1, gt=0, le=1)
    days: float = Field(default=20, ge=2, le=365)

    def delays(self, rows: int) -> Spans | None:
        """Days for the updates that are late, nothing for the others."""
        is_late = self._rng.random(rows) < self.share
        seconds = self._rng.uniform(2 * 86_400, self.days * 86_400, rows) * is_late
        return (seconds * 1000).astype("timedelta64[ms]")
