"""What a page is to the router and to the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.i18n import Language
from dashboard.reader import SnapshotReader


@dataclass(frozen=True)
class PageEntry:
    """A page: its address, its title and its group in Vietnamese (translated when shown).

    `show` draws it; `links.link_to` takes the address.
    """

    path: str
    title: str
    group: str
    show: Callable[[SnapshotReader, Language], None]
