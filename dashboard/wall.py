"""The wall: pages one after the other on a big screen, until somebody touches it.

`?wall=1` shows every page that is made for it, `?wall=overview,score766` those named; `seconds` is
how long each stays. What is chosen in the address holds for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import streamlit as st

from dashboard.filters import Filters
from dashboard.links import follow, link_to
from dashboard.registry import PageEntry

ALL = "1"
_SECONDS = 20
_SHORTEST, _LONGEST = 5, 600
_DIGITS = re.compile(r"[0-9]{1,5}")
_SHOWN = "wall-shown"


@dataclass(frozen=True)
class Wall:
    """Pages in their order, and the seconds that each stays."""

    pages: tuple[PageEntry, ...]
    seconds: int
    asked: str

    def after(self, here: PageEntry) -> PageEntry:
        """The page that follows; the first one where this one is not part of the round."""
        place = self.pages.index(here) + 1 if here in self.pages else 0
        return self.pages[place % len(self.pages)]


def read_wall(address: Mapping[str, str], offered: Sequence[PageEntry]) -> Wall | None:
    """The wall that an address asks for; None where it asks for none, or for no page there is."""
    asked = address.get("wall", "")
    named = asked.split(",")
    pages = [page for page in offered if page.path in named or (asked == ALL and page.is_on_wall)]
    if not pages:
        return None
    seconds = address.get("seconds", "")
    stays = (
        int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 6 else _SECONDS
    )
    return Wall(
        tuple(pages),
        min(max(stays, _SHORTEST), _LONGEST),
        ALL if asked == ALL else ",".join(page.path for page in pages),
    )


def turn_after(wall: Wall, here: PageEntry, filters: Filters) -> None:
    """Turn to the next page once this one has stayed; the address turns with it."""
    shown: tuple[str, float] | None = st.session_state.get(_SHOWN)
    if shown is None or shown[0] != here.path:
        st.session_state[_SHOWN] = (here.path, monotonic())
    link = link_to(
        wall.after(here).path,
        filters,
        wall=wall.asked,
        seconds=None if wall.seconds == _SECONDS else str(wall.seconds),
    )

    def turn() -> None:
        path, since = st.session_state[_SHOWN]
        if path == here.path and monotonic() - since >= wall.seconds - 1:
            follow(link)

    if len(wall.pages) > 1:
        st.fragment(turn, run_every=wall.seconds)()
