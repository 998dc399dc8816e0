"""REST sources: the pages of a window of update times, one by one or, if need be, by time slices.

A cursor, a number or a link is as good as the order behind it. Pages are asked for in ascending
update time; where one begins before the end of the one before, the order is not stable and pages
may lose rows. The window is then asked for anew in slices that fit into one page each, which
needs no order at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.intake.answers import Answer, Caller
from pipelines.intake.errors import PullError
from pipelines.intake.kinds import Rest
from pipelines.intake.paging import walk

_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True)
class _Slice:
    """Update times [since, until); `since` None means from the beginning."""

    since: datetime | None
    until: datetime

    def params(self, rest: Rest) -> dict[str, str]:
        """The query of this slice."""
        params = {rest.until: rest.written(self.until)}
        if self.since is not None:
            params[rest.since] = rest.written(self.since)
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

    Raises what `walk` raises and `PullError` `unstable_order` (more than a page within one second
    of an unstable order; what came of it was yielded).
    """
    window = _Slice(since, until)
    end: datetime | None = None
    for answer in walk(rest, window.params(rest), caller):
        yield answer
        begin = answer.times.first
        if begin is not None and end is not None and begin < end:
            break
        end = answer.times.last or end
    else:
        return
    yield from _by_slices(rest, window, caller)


def _by_slices(rest: Rest, window: _Slice, caller: Caller) -> Iterator[Answer]:
    """Cut the window until every slice is one page; the oldest first."""
    stack = [window]
    stuck: list[_Slice] = []
    while stack:
        wanted = stack.pop()
        answers = walk(rest, wanted.params(rest), caller)
        answer = next(answers)
        if _is_whole(rest, answer, answers):
            yield answer
            continue
        halves = wanted.halves(answer)
        if halves is None:
            stuck.append(wanted)
            yield from walk(rest, wanted.params(rest), caller)
            continue
        stack += reversed(halves)
    if stuck:
        raise PullError(
            "unstable_order",
            f"rest.page: the order changes between pages and {len(stuck)} second(s) hold more"
            f" than one page, the first {stuck[0].until - _SHORTEST:%Y-%m-%d %H:%M:%S}",
        )


def _is_whole(rest: Rest, first: Answer, others: Iterator[Answer]) -> bool:
    """Whether a slice has no second page; some systems name one that is empty."""
    is_full = first.times.records >= rest.page.size
    if is_full and rest.page.style != "number" and first.following is not None:
        return False
    second = next(others, None)
    return second is None or second.times.records == 0
