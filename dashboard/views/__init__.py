"""The pages, in the order in which they are offered; the router builds itself from this list.

Not called `pages`: Streamlit takes a folder of that name beside the entry for its own pages and, on
a cold start, opens a page's file instead of the router.
"""

from __future__ import annotations

from dashboard.registry import EVERYBODY, PageEntry
from dashboard.views.definitions import show_definitions
from dashboard.views.dossiers import show_dossiers
from dashboard.views.mergers import show_mergers
from dashboard.views.overview import show_overview
from dashboard.views.published import show_published
from dashboard.views.score766 import show_score766
from pipelines.serving.roles import Role

_OVERVIEW = "Tổng quan"
_TIMELINESS = "Hạn giải quyết"
_REFORM = "Cải cách"
_DATA = "Dữ liệu"

PAGES = (
    PageEntry("overview", "Tổng quan", _OVERVIEW, show_overview, EVERYBODY, is_on_wall=True),
    PageEntry("dossiers", "Hồ sơ", _TIMELINESS, show_dossiers, EVERYBODY - {Role.leader}),
    PageEntry("definitions", "Cách tính đúng hạn", _TIMELINESS, show_definitions, EVERYBODY),
    PageEntry("score766", "Điểm 766", _REFORM, show_score766, EVERYBODY, is_on_wall=True),
    PageEntry("mergers", "Sáp nhập", _REFORM, show_mergers),
    PageEntry("published", "Công bố và tính được", _DATA, show_published),
)
"""Groups stand in the order of their first page:

Tổng quan · Hạn giải quyết · Số hóa & trực tuyến · Đơn vị & thủ tục · Cải cách · Dữ liệu.
"""
