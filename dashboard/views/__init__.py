"""The pages, in the order in which they are offered; the router builds itself from this list.

Not called `pages`: Streamlit takes a folder of that name beside the entry for its own pages and, on
a cold start, opens a page's file instead of the router.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from dashboard.views.definitions import show_definitions
from dashboard.views.mergers import show_mergers
from dashboard.views.overview import show_overview
from dashboard.views.published import show_published
from dashboard.views.score766 import show_score766


@dataclass(frozen=True)
class PageEntry:
    """A page: its address, its title in Vietnamese (translated when shown), its function."""

    path: str
    title: str
    show: Callable[[SnapshotReader, Language], None]


PAGES = (
    PageEntry(path="overview", title="Tổng quan", show=show_overview),
    PageEntry(path="definitions", title="Cách tính đúng hạn", show=show_definitions),
    PageEntry(path="published", title="Công bố và tính được", show=show_published),
    PageEntry(path="mergers", title="Sáp nhập", show=show_mergers),
    PageEntry(path="score766", title="Điểm 766", show=show_score766),
)
