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
from dashboard.views.dossiers import show_dossiers
from dashboard.views.overview import show_overview
from dashboard.views.published import show_published
from dashboard.views.score766 import show_score766
from pipelines.serving.roles import Role

EVERYBODY = frozenset(Role)
WHOLE_PROVINCE = EVERYBODY - {Role.unit_leader}
"""Who may see what cannot be narrowed to some units."""


@dataclass(frozen=True)
class PageEntry:
    """A page: its address, its title in Vietnamese (translated when shown), its function.

    `roles` see it. A page that says nothing is not shown to unit leaders: it is opened to them
    once every figure on it is asked of the reader, which is narrowed to the own units.
    """

    path: str
    title: str
    show: Callable[[SnapshotReader, Language], None]
    roles: frozenset[Role] = WHOLE_PROVINCE


PAGES = (
    PageEntry(path="overview", title="Tổng quan", show=show_overview, roles=EVERYBODY),
    PageEntry(
        path="definitions", title="Cách tính đúng hạn", show=show_definitions, roles=EVERYBODY
    ),
    PageEntry(path="published", title="Công bố và tính được", show=show_published),
    PageEntry(path="score766", title="Điểm 766", show=show_score766, roles=EVERYBODY),
    PageEntry(
        path="dossiers",
        title="Hồ sơ",
        show=show_dossiers,
        roles=EVERYBODY - {Role.leader},
    ),
)
