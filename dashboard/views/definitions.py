"""The deadline definitions side by side: who counts whom, and why the counts differ."""

from __future__ import annotations

import streamlit as st

from dashboard.components.definition_tables import definition_table, move_list
from dashboard.components.footer import page_footer
from dashboard.components.head import open_page
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.definitions import compare_definitions

METRICS = ("early", "on_time", "late", "no_due_date", "early_or_on_time_rate")


def show_definitions(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Cách tính đúng hạn")
    filters = open_page(
        reader,
        language,
        title=title,
        uses=("period", "level", "unit", "boundaries"),
        definition="all",
    )
    # a definition by periods is asked for whole ones
    period = filters.whole or filters.period
    compared = compare_definitions(
        reader.ask,
        reader.definitions,
        first_on=period.first_on,
        last_on=period.last_on,
        units=() if filters.unit is None else (filters.unit,),
        level=filters.level,
        boundaries=filters.boundaries,
    )
    reading = language.say_html(
        "Cùng những hồ sơ ấy, mỗi cách tính cho một tỷ lệ khác. Số có dấu cộng, trừ là chênh lệch"
        " so với biểu II.06a; Quyết định 766 đếm cả hồ sơ còn mở nên không trừ với biểu."
        " “–” ở một nhóm là cách tính đó không có nhóm ấy."
    )
    heading = language.say_html("Các cách tính cạnh nhau")
    why = language.say_html("Vì sao khác nhau")
    against = language.say_html("hồ sơ đổi nhóm so với biểu II.06a, theo từng cách tính")
    st.html(
        f'<section class="mc-section"><h2>{heading}</h2><p class="mc-lede">{reading}</p>'
        f"{definition_table(language, compared)}</section>"
        f'<section class="mc-section"><h2>{why}<span class="mc-note">{against}</span></h2>'
        f"{move_list(language, compared)}</section>"
    )
    st.html(page_footer(language, reader, METRICS))
