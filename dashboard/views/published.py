"""What the province published beside what is computed here, figure by figure."""

from __future__ import annotations

import streamlit as st

from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.components.published_tables import (
    comparison_table,
    plain_table,
    summary,
    titled,
)
from dashboard.i18n import Language
from dashboard.published import ask_published, metrics_named
from dashboard.reader import SnapshotReader

DEFINITION = "ii06a"


def show_published(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Số công bố và số tính được")
    st.html(page_header(language, reader.about, title=title, definition=DEFINITION))
    figures = ask_published(reader)
    if not figures:
        nothing = language.say_html("Bản số liệu này chưa kèm các số đã công bố.")
        st.html(f'<p class="mc-nothing">{nothing}</p>')
        return
    compared = [f for f in figures if f.published.basis in ("metric", "network")]
    sections = [summary(language, reader.about, figures)]
    topics = {
        "timeliness": language.say("Thời hạn giải quyết"),
        "digital": language.say("Số hóa và trực tuyến"),
        "volume": language.say("Khối lượng và mạng lưới"),
    }
    for topic, name in topics.items():
        rows = [f for f in compared if f.published.topic == topic]
        sections.append(titled(name, comparison_table(language, reader.metrics, rows, name)))
    apart = {
        "unverified": language.say("Báo nêu, chưa kiểm chứng"),
        "not_computed": language.say("Đã công bố, chưa tính ở đây"),
    }
    for basis, name in apart.items():
        rows = [f for f in figures if f.published.basis == basis]
        sections.append(titled(name, plain_table(language, rows, name)))
    st.html("".join(sections))
    st.html(page_footer(language, reader, metrics_named(figures)))
