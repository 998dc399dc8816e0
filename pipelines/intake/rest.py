"""REST sources: the pages of a window of update times, by cursor or, if need be, by time slices.

A cursor is as good as the order behind it. Pages are asked for in ascending update time; where
one begins before the end of the one before, the order is not stable and pages by cursor may lose
rows. The window is then asked for anew in slices that fit into one page each, which needs no
order at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.intake.answers import Answer, Caller, PullError
from pipelines.intake.labels import cursor_label
from pipelines.intake.sources import Rest

__all__ = ["Answer", "Caller", "PullError", "pages"]

_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True)
class _Slice:
    """Update times [since, until); `since` None means from the beginning."""

    since: datetime | None
    until: datetime

    def params(self, rest: Rest, cursor: str | None) -> dict[str, str]:
        """The query of a page of this slice."""
        params = {"size": str(rest.page.size), rest.until: self.until.isoformat()}
        if self.since is not None:
            params[rest.since] = self.since.isoformat()
        if cursor is not None:
            params["cursor"] = cursor
        return params

    def halves(self, seen: Answer) -> tuple[_Slice, _Slice] | None:
        """Two slices that are this one, cut near the middle of the records seen; None if that
        is less than a second."""
        times = seen.times
        if times.middle is None or times.last is None:
            return None
        # the beginning is unknown: a cut above the first record seen is a cut all the same
        since = self.since
        middle = times.middle.replace(microsecond=0)
        if since is not None and not since < middle < self.until:
            middle = (since + (self.until - since) / 2).replace(microsecond=0)
            if middle <= since:
                middle = since + _SHORTEST
        if (since is not None and middle <= since) or middle >= self.until:
            return None
        return _Slice(since, middle), _Slice(middle, self.until)


def pages(rest: Rest, since: datetime | None, until: datetime, caller: Caller) -> Iterator[Answer]:
    """All pages of the window [since, until). A record may come more than once, none is left out.

    Raises what `Caller.ask` raises and `PullError` `unexpected_answer` (a cursor that comes
    again), `unstable_order` (more than a page within one second of an unstable order; what came
    of it was yielded).
    """
    window = _Slice(since, until)
    end: datetime | None = None
    for answer in _by_cursor(rest, window, caller):
        yield answer
        begin = answer.times.first
        if begin is not None and end is not None and begin < end:
            break
        end = answer.times.last or end
    else:
        return
    yield from _by_slices(rest, window, caller)


def _by_cursor(rest: Rest, wanted: _Slice, caller: Caller) -> Iterator[Answer]:
    cursor: str | None = None
    known: set[str] = set()
    while True:
        answer = caller.ask(wanted.params(rest, cursor))
        yield answer
        following = answer.next_cursor
        if following is None:
            return
        if following == cursor:
            raise PullError(
                "unexpected_answer", f"rest.next: the cursor stays at {cursor_label(following)}"
            )
        if following in known:
            raise PullError(
                "unexpected_answer", f"rest.next: the cursor {cursor_label(following)} came before"
            )
        known.add(following)
        cursor = following


def _by_slices(rest: Rest, window: _Slice, caller: Caller) -> Iterator[Answer]:
    """Cut the window until every slice is one page; the oldest first."""
    stack = [window]
    stuck: list[_Slice] = []
    while stack:
        wanted = stack.pop()
        answer = caller.ask(wanted.params(rest, None))
        if _is_whole(rest, wanted, answer, caller):
            yield answer
            continue
        halves = wanted.halves(answer)
        if halves is None:
            stuck.append(wanted)
            yield from _by_cursor(rest, wanted, caller)
            continue
        stack += reversed(halves)
    if stuck:
        raise PullError(
            "unstable_order",
            f"rest.page: the order changes between pages and {len(stuck)} second(s) hold more"
            f" than one page, the first {stuck[0].until - _SHORTEST:%Y-%m-%d %H:%M:%S}",
        )


def _is_whole(rest: Rest, wanted: _Slice, answer: Answer, caller: Caller) -> bool:
    """Whether a slice has no second page; some systems name a cursor before an empty one."""
    if answer.next_cursor is None:
        return True
    if answer.times.records >= rest.page.size:
        return False
    return caller.ask(wanted.params(rest, answer.next_cursor)).times.records == 0
