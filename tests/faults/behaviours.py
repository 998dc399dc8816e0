"""The table of behaviours: how a system answers, what its entry says, what its pulls must give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

TOKEN_FILE = "token-kept-by-the-system"
HAND_FILE = "token-brought-by-hand"

Feeds = tuple[str, ...]
BOTH: Feeds = ("dossiers", "progress")


@dataclass(frozen=True)
class Case:
    """One system. `first` is the outcome of its first pull: status and error class.

    `rest` changes its entry, `ahead` is how far its clock is wrong. A daily case is asked day by
    day, another one once and, where that did not do, again. `is_refused`: on some days nobody
    listens on its port. `same_second`: so many of its records bear the stamp of one of them.
    `is_forgetful`: of what changed more than once while it was not asked it tells the last state.
    """

    sentence: str
    behaviours: tuple[str, ...]
    first: tuple[str, str | None] = ("ok", None)
    rest: Mapping[str, Any] = field(default_factory=dict)
    ahead: timedelta = timedelta(0)
    is_daily: bool = False
    is_refused: bool = False
    same_second: int = 0
    is_forgetful: bool = False
    feeds: Feeds = ("dossiers",)

    @property
    def system(self) -> str:
        """The id of the system."""
        return "-".join(self.sentence.split())

    @property
    def texts(self) -> list[str]:
        """The options `--behaviour` that make it so."""
        return [f"{self.system}={behaviour}" for behaviour in self.behaviours]


def _bearer(file: str) -> dict[str, Any]:
    return {"auth": {"kind": "bearer", "file": file}}


_HASTY = {"timeout": "1s", "deadline": "2s"}
TWO_HOURS = timedelta(hours=2)

HEALED = [
    Case("well behaved", (), feeds=BOTH),
    Case("now and then too many requests", ("rate_limited:every=9:wait=1",)),
    Case("short bursts of errors", ("error_burst:every=7:length=2",)),
    Case("slow and sometimes too slow", ("slow:delay=0.02:beyond=5:every=9",), rest=_HASTY),
    Case("some pages drip", ("dripping:every=8:pieces=50:pause=0.2",), rest=_HASTY),
    Case("some pages are cut", ("cut:every=5",)),
    Case("some pages come twice", ("page_twice:every=3",)),
    Case("some pages come in place of the next", ("page_twice:every=3:skip=1",)),
    Case("every page in another order", ("page_order",)),
    Case("a token that expires in the middle", (f"token_expires:after=5:file={TOKEN_FILE}",),
         rest=_bearer(TOKEN_FILE)),
    Case("some pages in another encoding", ("wrong_encoding:every=4",)),
    Case("several things at once",
         ("error_burst:every=8:length=1", "page_order", "cut:every=9", "wrong_encoding:every=9"),
         feeds=BOTH),
]  # fmt: skip

LATER = [
    Case("too many requests for our patience", ("rate_limited:every=24:wait=2",),
         ("partial", "http_429"), rest={"patience": "1s"}),
    Case("a long burst of many errors", ("error_burst:every=14:length=5",),
         ("partial", "http_503")),
    Case("a token that somebody has to bring", ("token_expires:after=5",),
         ("partial", "unauthorized"), rest=_bearer(HAND_FILE)),
]  # fmt: skip

BY_DAY = [
    Case("a clock two hours ahead", ("clock_skew:hours=2",), ahead=TWO_HOURS, is_daily=True),
    Case("a clock two hours behind", ("clock_skew:hours=-2",), ahead=-TWO_HOURS, is_daily=True),
    Case("late updates", ("late_updates:share=0.3:days=8",), is_daily=True),
    Case("five days down", ("down:since=2025-06-24:days=5",), is_daily=True),
    Case("nobody listens for days", (), is_daily=True, is_refused=True),
    Case("well behaved by day", (), is_daily=True),
    Case("five days down and only last states told", ("down:since=2025-06-24:days=5",),
         is_daily=True, is_forgetful=True),
]  # fmt: skip

# behaviours that no client can heal: a clear outcome, and nothing that is half a page
LASTING = [
    Case("always too slow", ("slow:delay=5:beyond=5",), ("failed", "unreachable"), rest=_HASTY),
    Case("every page drips", ("dripping:every=1:pieces=50:pause=0.2",), ("failed", "too_slow"),
         rest=_HASTY),
    Case("every page is cut", ("cut:every=1",), ("failed", "truncated_page")),
    Case("too many requests for an hour", ("rate_limited:every=1:wait=3600",),
         ("failed", "http_429")),
    Case("utf 16 in silence", ("wrong_encoding:every=1:form=utf-16",),
         ("failed", "wrong_encoding")),
    Case("no order within a crowded second", ("page_order",), ("partial", "unstable_order"),
         same_second=50),
]  # fmt: skip

# what the same systems do to a client that does not look back
PLANTED = [
    Case("a clock far behind without overlap", ("clock_skew:hours=-22",),
         ahead=timedelta(hours=-22), rest={"overlap": "0s", "look_back": None},
         is_daily=True),
    Case("late updates without look back", ("late_updates:share=0.3:days=8",),
         rest={"look_back": None}, is_daily=True),
]  # fmt: skip

CASES = [*HEALED, *LATER, *BY_DAY]
TOLD = [*CASES, *LASTING, *PLANTED]
