"""What a pull asks for: everything since the last complete pull, and a little before it.

Derived from the outcomes of the pulls that were, never from a state of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.intake.kinds import LookBack, Windowed
from pipelines.intake.landing import Outcome, read_outcome

UNUSUAL = 1.5
"""Times the usual distance of two pulls: a run some hours late is none, a day left out is one."""


@dataclass(frozen=True)
class Window:
    """Update times to ask for: [since, until). A source that missed pulls is asked from its
    watermark on; `since` None means the watermark alone, or everything at the first load."""

    since: datetime | None
    until: datetime


def complete_pulls(folder: Path) -> list[Outcome]:
    """The complete pulls of a window by a source, from its folder of the landing zone."""
    outcomes = [read_outcome(path.parent) for path in folder.glob("[!.]*/outcome.json")]
    return [o for o in outcomes if o.status == "ok" and o.window_to is not None]


def complete_until(folder: Path) -> datetime | None:
    """Up to when the pulls of a source are complete; None before the first complete one."""
    return _watermark(complete_pulls(folder))


def window_to_ask(
    asked: Window, complete: Sequence[Outcome], rule: Windowed, fetched_at: datetime
) -> Window:
    """The window of a pull at `fetched_at`: back to the watermark less the overlap, and as far as
    the look-back where one is due."""
    watermark = _watermark(complete)
    if watermark is None:
        return asked
    since = min(asked.since or watermark, watermark - rule.overlap)
    if rule.look_back is not None and _is_due(rule.look_back, complete, fetched_at):
        since = min(since, watermark - timedelta(days=rule.look_back.days))
    return Window(since, asked.until)


def unseen(
    complete: Sequence[Outcome], until: datetime, every: timedelta
) -> tuple[datetime | None, datetime | None]:
    """The span, if any, in which a system was not asked for longer than it should have been.

    A system tells the last state of a dossier: of what changed more than once in the span, the
    states between are known to nobody. It lasts from the watermark to the end of this window.
    """
    watermark = _watermark(complete)
    if watermark is None or until - watermark <= every * UNUSUAL:
        return None, None
    return watermark, until


def _watermark(complete: Sequence[Outcome]) -> datetime | None:
    return max((o.window_to for o in complete if o.window_to is not None), default=None)


def _is_due(rule: LookBack, complete: Sequence[Outcome], fetched_at: datetime) -> bool:
    """Whether the last pull that reached back as far as the rule says is long enough ago."""
    far = timedelta(days=rule.days)
    last = max(
        (
            o.fetched_at
            for o in complete
            if o.window_from is None or (o.window_to and o.window_to - o.window_from >= far)
        ),
        default=None,
    )
    return last is None or fetched_at - last >= rule.every
