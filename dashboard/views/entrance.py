"""Before the pages: to log in, or why nothing can be shown. Never a figure."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.errors import StreamlitAuthError

from dashboard.access import NoViewerError, Reason, log_out, name_of
from dashboard.i18n import Language

_CAN_LOG_IN: tuple[Reason, ...] = ("login", "expired", "idle", "ended")


def show_entrance(language: Language, error: NoViewerError) -> None:
    """A calm page that says what to do; the address stays, a login leads back to it."""
    if error.reason == "idle":
        log_out(error.claims)
    said, more = _say(language, error.reason)
    st.html(f'<section class="mc-empty"><h1>{escape(said)}</h1><p>{escape(more)}</p></section>')
    with st.container(key="entrance", horizontal=True):
        if error.reason in _CAN_LOG_IN:
            if st.button(language.say("Đăng nhập"), key="login", type="primary"):
                _log_in(language)
        elif error.claims and st.button(
            language.say("Đăng xuất {name}", name=name_of(error.claims)), key="logout"
        ):
            log_out(error.claims)


def show_refused(language: Language) -> None:
    """A page that is not for this role."""
    title = language.say_html("Trang này không dành cho vai trò của bạn")
    more = language.say_html(
        "Cần xem trang này? Hãy hỏi người vận hành hệ thống về quyền truy cập."
    )
    st.html(f'<section class="mc-empty"><h1>{title}</h1><p>{more}</p></section>')


def _log_in(language: Language) -> None:
    try:
        st.login()
    except StreamlitAuthError:
        st.html(f'<p class="mc-nothing">{language.say_html("Chưa cấu hình xong đăng nhập.")}</p>')


def _say(language: Language, reason: Reason) -> tuple[str, str]:
    again = language.say("Đăng nhập lại để trở về đúng trang đang xem.")
    ask = language.say("Hãy hỏi người vận hành hệ thống.")
    texts = {
        "login": (
            language.say("Đăng nhập để xem kết quả giải quyết thủ tục hành chính"),
            language.say("Sau khi đăng nhập, trang bạn mở sẽ hiện ra."),
        ),
        "expired": (language.say("Phiên đăng nhập đã hết hạn"), again),
        "idle": (language.say("Đã đăng xuất vì không hoạt động"), again),
        "ended": (language.say("Bạn đã đăng xuất"), again),
        "unlisted": (
            language.say("Bạn chưa được cấp quyền xem"),
            language.say("Tài khoản này không có trong danh sách truy cập.") + " " + ask,
        ),
        "no_unit": (
            language.say("Bản số liệu này không có đơn vị của bạn"),
            language.say("Mã đơn vị ghi trong danh sách truy cập không khớp.") + " " + ask,
        ),
        "no_list": (
            language.say("Chưa xem được số liệu"),
            language.say("Danh sách truy cập đang có lỗi.") + " " + ask,
        ),
        "no_login": (
            language.say("Chưa xem được số liệu"),
            language.say("Hệ thống chưa có đăng nhập nên chỉ mở trên chính máy chủ (127.0.0.1)."),
        ),
    }
    return texts[reason]
