"""The dossiers that stand behind the open and the overdue, for those who may see them."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.access import Viewer, current_viewer, dossiers_of
from dashboard.address import choose_segment
from dashboard.components.dossier_table import dossier_table, name_state
from dashboard.components.files import offer_dossiers
from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.access import AccessError
from pipelines.serving.roles import State

DEFINITION = "ii06a"
METRICS = ("open", "overdue", "waiting")
SHOWN = 200
"""Rows on the page; a file has them all."""

_STATES = (State.overdue, State.open, State.waiting)


def show_dossiers(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    viewer = current_viewer()
    title = language.say("Hồ sơ đang giải quyết")
    st.html(page_header(language, reader.about, title=title, definition=DEFINITION))
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        state = State(
            choose_segment(
                language, "state", _STATES, _STATES[0],
                label=language.say("Trạng thái hồ sơ"), name_option=name_state,
            )
        )  # fmt: skip
        st.html(f'<p class="mc-period"><span>{_say_columns(language, viewer)}</span></p>')
    try:
        rows = dossiers_of(reader, viewer, state, most=SHOWN + 1)
    except AccessError:
        st.html(f'<p class="mc-nothing">{_say_no_key(language)}</p>')
        return
    if rows.is_empty():
        nothing = language.say_html("Không có hồ sơ nào ở trạng thái này.")
        st.html(f'<p class="mc-nothing">{nothing}</p>')
    else:
        units = dict(reader.about.units.select("unit_key", "unit_name_vi").iter_rows())
        st.html(dossier_table(language, rows.head(SHOWN), units, name_state(language, state)))
        if rows.height > SHOWN:
            more = language.say_html(
                "Trang này chỉ liệt kê {count} hồ sơ đầu; tệp tải về có đủ.", count=SHOWN
            )
            st.html(f'<p class="mc-note">{more}</p>')
        offer_dossiers(language, reader, viewer, state)
    st.html(page_footer(language, reader, METRICS))


def _say_columns(language: Language, viewer: Viewer) -> str:
    if viewer.sees_codes:
        return language.say_html("Mã hồ sơ là thông tin hạn chế: mỗi lần tải tệp đều được ghi lại.")
    return language.say_html("Hồ sơ mang bí danh, ngày thay cho giờ; không có mã hồ sơ.")


def _say_no_key(language: Language) -> str:
    return escape(language.say("Máy chủ này không giữ khóa bí danh: chưa liệt kê hồ sơ được."))
