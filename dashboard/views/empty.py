"""Before anything was published: what to run."""

from __future__ import annotations

import streamlit as st

from dashboard.i18n import Language


def show_empty(language: Language) -> None:
    """A calm page for a fresh installation; it gives way by itself once there is a snapshot."""
    hint = language.say_html("Chạy một trong hai lệnh sau; trang này tự mở khi có số liệu.")
    st.html(
        '<section class="mc-empty">'
        f"<h1>{language.say_html('Chưa có số liệu nào được công bố')}</h1>"
        f"<p>{hint}</p>"
        f"<dl><dt><code>motcua demo</code></dt>"
        f"<dd>{language.say_html('mô phỏng một tỉnh rồi công bố số liệu tổng hợp')}</dd>"
        f"<dt><code>motcua run</code></dt>"
        f"<dd>{language.say_html('lấy số liệu từ các hệ thống một cửa đã khai báo')}</dd></dl>"
        "</section>"
    )
