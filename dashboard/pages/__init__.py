"""The pages, in the order in which they are offered; the router builds itself from this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.i18n import Language
from dashboard.pages.overview import show_overview
from dashboard.reader import SnapshotReader


@dataclass(frozen=True)
class PageEntry:
    """A page: its address, its title in Vietnamese (translated when shown), its function."""

    path: str
    title: str
    show: Callable[[SnapshotReader, Language], None]


PAGES = (PageEntry(path="overview", title="Tổng quan", show=show_overview),)
