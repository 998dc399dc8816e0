"""The deadline definitions side by side: who counts whom, and why the counts differ."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.address import choose_from_list
from dashboard.components.choices import choose_boundaries, choose_period
from dashboard.components.definition_tables import definition_table, move_list
from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.components.words import name_calendar_period
from dashboard.i18n import Language
from dashboard.periods import Period, find_period, whole_period
from dashboard.reader import SnapshotReader
from dashboard.scopes import WHOLE, Scope, list_scopes, read_scope
from pipelines.serving.definitions import compare_definitions
from pipelines.serving.metrics.boundaries import Boundaries

METRICS = ("early", "on_time", "late", "no_due_date", "early_or_on_time_rate")


def show_definitions(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Cách tính đúng hạn")
    st.html(page_header(language, reader.about, title=title, definition="all"))
    period, scope, boundaries = _choose(reader, language)
    compared = compare_definitions(
        reader.ask,
        reader.definitions,
        first_on=period.first_on,
        last_on=period.last_on,
        units=scope.units,
        level=scope.level,
        boundaries=boundaries,
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


def _choose(reader: SnapshotReader, language: Language) -> tuple[Period, Scope, Boundaries]:
    """The period with all its days, since a definition by periods is asked for whole ones."""
    as_of = reader.about.as_of
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        name = choose_period(language)
        shown = find_period(name, as_of)
        boundaries = choose_boundaries(language, reader.about)
        scopes = list_scopes(language, reader.about, shown, boundaries)
        chosen = choose_from_list(
            "scope",
            tuple(scopes),
            WHOLE,
            label=language.say("Phạm vi"),
            name_option=lambda key: scopes[key],
            width=280,
            is_searched=True,
        )
        st.html(_describe(language, name, shown))
    return whole_period(name, as_of), read_scope(chosen), boundaries


def _describe(language: Language, name: str, shown: Period) -> str:
    numbers = language.numbers
    span = f"{numbers.day(shown.first_on)} – {numbers.day(shown.last_on)}"
    called = name_calendar_period(language, name, shown.first_on)
    return f'<p class="mc-period"><b>{escape(called)}</b><span>{escape(span)}</span></p>'
