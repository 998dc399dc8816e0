"""The overview: what is right, what is not, and since when, on one page."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.address import choose_from_list
from dashboard.components.charts import class_chart, trend_chart
from dashboard.components.choices import choose_period
from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.components.overview_tables import (
    district_table,
    level_table,
    own_unit_table,
    unit_table,
)
from dashboard.components.overview_tiles import headline_sections
from dashboard.figures import HEADLINES, ask_headlines, ask_headlines_before, ask_months
from dashboard.i18n import Language
from dashboard.periods import (
    Period,
    find_period,
    same_period_last_year,
)
from dashboard.reader import SnapshotReader

DEFINITION = "ii06a"
_TREND_METRICS = tuple(m for m in HEADLINES if m != "on_time_rate")
_FIRST_TREND = "early_or_on_time_rate"


def show_overview(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    about = reader.about
    title = language.say("Kết quả giải quyết thủ tục hành chính")
    st.html(page_header(language, about, title=title, definition=DEFINITION))
    period = _choose_period(reader, language)
    now = ask_headlines(reader, period)
    before = ask_headlines_before(reader, period)
    months = ask_months(reader)
    st.html("".join(headline_sections(language, reader, period, now, before, months)))
    trend, classes = st.columns([11, 9], gap="medium")
    with trend, st.container(key="panel-trend"):
        metric = _choose_metric(reader, language)
        trend_chart(language, reader, months, metric, period.last_on)
    with classes, st.container(key="panel-classes"):
        _heading(language.say("Hồ sơ đã giải quyết theo thời hạn"))
        class_chart(language, months, period.last_on)
    if reader.is_narrowed:
        _heading(language.say("Theo đơn vị"))
        st.html(own_unit_table(language, reader, period, now))
    elif about.province_vi is None:
        _heading(language.say("Theo đơn vị"))
        st.html(unit_table(language, reader, period, now))
    else:
        _heading(language.say("Theo cấp"))
        st.html(level_table(language, reader, period, now))
        _heading(language.say("Theo địa bàn"))
        st.html(district_table(language, reader, period, now))
    st.html(page_footer(language, reader, HEADLINES))


def _choose_period(reader: SnapshotReader, language: Language) -> Period:
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        name = choose_period(language)
        period = find_period(name, reader.about.as_of)
        st.html(_describe(language, period))
    return period


def _choose_metric(reader: SnapshotReader, language: Language) -> str:
    with st.container(key="trend-head", horizontal=True, vertical_alignment="center"):
        _heading(language.say("Diễn biến theo tháng"))
        return choose_from_list(
            "metric",
            _TREND_METRICS,
            _FIRST_TREND,
            label=language.say("Chỉ tiêu"),
            name_option=lambda name: language.label(reader.metrics[name]),
            width=280,
        )


def _describe(language: Language, period: Period) -> str:
    numbers = language.numbers
    before = same_period_last_year(period)
    span = f"{numbers.day(period.first_on)} – {numbers.day(period.last_on)}"
    former = f"{numbers.day(before.first_on)} – {numbers.day(before.last_on)}"
    than = language.say_html("so với cùng kỳ {former}", former=former)
    return f'<p class="mc-period"><b>{escape(span)}</b><span>{than}</span></p>'


def _heading(text: str) -> None:
    st.html(f'<h2 class="mc-h2">{escape(text)}</h2>')
