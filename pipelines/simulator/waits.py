"""Waits of a dossier: what the applicant must add (5) or pay (6) before work goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.worktime.vectorised import Booleans, Integers, Moments, WorkClock

NEVER = 2**60
NO_WAIT, SUPPLEMENT, OBLIGATION = 0, 5, 6
HOUR, DAY = 3600, 8 * 3600  # of working time, in seconds

_SHARES = (0.05, 0.012)  # of supplements and of obligations
_SHARES_AGAIN = (0.8, 0.2)  # the same, of those that wait a second time
_SECOND_WAIT_SHARE, _UNANSWERED_SHARE = 0.08, 0.05
_DUE_MOVED_SHARE = 0.88


def seconds_of(moments: Moments) -> Integers:
    """Epoch seconds of moments (local time)."""
    return moments.astype("datetime64[s]").astype(np.int64)


@dataclass(frozen=True)
class Waits:
    """Up to two waits in working seconds (`NEVER` if absent), due dates they led to."""

    kind1: npt.NDArray[np.int8]
    from1: Integers
    to1: Integers
    due1: Integers
    kind2: npt.NDArray[np.int8]
    from2: Integers
    to2: Integers
    due2: Integers
    unanswered: Booleans
    last_end: Integers  # 0 without a wait
    due: Moments  # in force after the waits


def draw_waits(
    rng: np.random.Generator, clock: WorkClock, accepted: Integers, due: Moments, able: Booleans
) -> Waits:
    """Supplements mostly move the due date (the pause rule, to the close of the day reached)."""
    first = _draw_wait(rng, clock, accepted, due, able, _SHARES)
    kind1, from1, to1, due1 = first
    due_between = np.where(due1 < NEVER, due1.astype("datetime64[s]"), due)
    again = (kind1 == SUPPLEMENT) & (rng.random(able.size) < _SECOND_WAIT_SHARE)
    base = np.where(again, to1, accepted)
    kind2, from2, to2, due2 = _draw_wait(rng, clock, base, due_between, again, _SHARES_AGAIN)
    last = np.where(kind2 > 0, kind2, kind1)
    unanswered = (last == SUPPLEMENT) & (rng.random(able.size) < _UNANSWERED_SHARE)
    open1, open2 = unanswered & (kind2 == 0), unanswered & (kind2 > 0)
    to1, due1 = np.where(open1, NEVER, to1), np.where(open1, NEVER, due1)
    to2, due2 = np.where(open2, NEVER, to2), np.where(open2, NEVER, due2)
    ends = np.maximum(np.where(to1 < NEVER, to1, 0), np.where(to2 < NEVER, to2, 0))
    in_force = np.where(due2 < NEVER, due2, np.where(due1 < NEVER, due1, seconds_of(due)))
    return Waits(
        kind1, from1, to1, due1, kind2, from2, to2, due2, unanswered,
        ends, in_force.astype("datetime64[s]"),
    )  # fmt: skip


def _draw_wait(
    rng: np.random.Generator,
    clock: WorkClock,
    start: Integers,
    due: Moments,
    able: Booleans,
    shares: tuple[float, float],
) -> tuple[npt.NDArray[np.int8], Integers, Integers, Integers]:
    """One wait between `start` and `due`: kind, from, to, moved due date (epoch seconds)."""
    n = start.size
    chance, place = rng.random(n), rng.uniform(0.1, 0.45, n)
    room = clock.elapsed(due) - start
    able = able & (room > 4 * HOUR) & (chance < sum(shares))
    supplement = able & (chance < shares[0])
    begin = start + (room * place).astype(np.int64)
    long = (rng.exponential(3 * DAY, n) + HOUR).astype(np.int64)
    brief = np.minimum(rng.exponential(DAY, n) + HOUR, 0.5 * room).astype(np.int64)
    end = begin + np.where(supplement, np.minimum(long, 40 * DAY), np.maximum(brief, 600))
    reached = clock.add(due, np.where(supplement, end - begin, 0))
    moved = clock.closing(reached)
    still_fits = clock.elapsed(due.astype("datetime64[D]")) > end + HOUR
    is_moved = supplement & ((rng.random(n) < _DUE_MOVED_SHARE) | ~still_fits)
    kind = np.where(supplement, SUPPLEMENT, np.where(able, OBLIGATION, NO_WAIT)).astype(np.int8)
    return (
        kind,
        np.where(able, begin, NEVER),
        np.where(able, end, NEVER),
        np.where(is_moved, seconds_of(moved), NEVER),
    )
