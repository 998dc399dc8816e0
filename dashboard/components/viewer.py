"""Who is here, at the end of the strip of pages; without a login, a line that says so."""

from __future__ import annotations

import streamlit as st

from dashboard.access import Viewer, log_out
from dashboard.i18n import Language
from pipelines.serving.roles import Role


def name_role(language: Language, role: Role) -> str:
    """A role."""
    names = {
        Role.leader: language.say("Lãnh đạo"),
        Role.unit_leader: language.say("Lãnh đạo đơn vị"),
        Role.operator: language.say("Vận hành"),
        Role.analyst: language.say("Phân tích"),
    }
    return names[role]


def show_viewer(language: Language, viewer: Viewer) -> None:
    """A menu with name and role, and the way out."""
    with st.popover(name_role(language, viewer.role), key="viewer"):
        st.text(viewer.name_label)
        if st.button(language.say("Đăng xuất"), key="logout"):
            log_out(viewer.claims)


def show_without_login(language: Language) -> None:
    """That anybody at this machine sees everything."""
    told = language.say_html("Không có đăng nhập: chỉ mở trên máy này (127.0.0.1)")
    more = language.say_html("Người ngồi tại máy xem với quyền vận hành, gồm cả mã hồ sơ.")
    st.html(f'<div class="mc-local" role="note"><b>{told}</b><span>{more}</span></div>')
