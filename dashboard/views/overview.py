"""The overview: what is right, what is not, and since when, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from dashboard.address import choose_from_list
from dashboard.components.charts import class_chart, trend_chart
from dashboard.components.footer import page_footer
from dashboard.components.head import open_page
from dashboard.components.overview_tables import (
    district_rows,
    district_table,
    level_table,
    own_unit_table,
    unit_table,
)
from dashboard.components.overview_tiles import headline_sections
from dashboard.components.tables import COLUMNS, figure_frame, share_columns
from dashboard.components.take_along import export_buttons
from dashboard.figures import (
    HEADLINES,
    Figure,
    ask_headlines,
    ask_headlines_before,
    ask_months,
)
from dashboard.filters import Filters, Use
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader

USES: tuple[Use, ...] = (
    "period", "level", "unit", "field", "procedure", "channel", "boundaries", "definition",
)  # fmt: skip
_TREND_METRICS = tuple(m for m in HEADLINES if m != "on_time_rate")
_FIRST_TREND = "early_or_on_time_rate"


def show_overview(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Kết quả giải quyết thủ tục hành chính")
    filters = open_page(reader, language, title=title, uses=USES, compares=True)
    now = ask_headlines(reader, filters)
    before = ask_headlines_before(reader, filters)
    months = ask_months(reader, filters)
    st.html("".join(headline_sections(language, reader, filters, now, before, months)))
    trend, classes = st.columns([11, 9], gap="medium")
    with trend, st.container(key="panel-trend"):
        metric = _choose_metric(reader, language)
        trend_chart(language, reader, filters, months, metric)
    with classes, st.container(key="panel-classes"):
        _heading(language.say("Hồ sơ đã giải quyết theo thời hạn"))
        class_chart(language, filters, months)
    _show_groups(reader, language, filters, now)
    st.html(page_footer(language, reader, HEADLINES))


def _show_groups(
    reader: SnapshotReader, language: Language, filters: Filters, now: Mapping[str, Figure]
) -> None:
    """The parts of what is chosen; one unit has none."""
    if filters.unit is not None:
        return
    if reader.is_narrowed:
        _heading(language.say("Theo đơn vị"))
        st.html(own_unit_table(language, reader, filters, now))
        return
    if reader.about.province_vi is None:
        _heading(language.say("Theo đơn vị"))
        st.html(unit_table(language, reader, filters, now))
        return
    if filters.level is None:
        _heading(language.say("Theo cấp"))
        st.html(level_table(language, reader, filters, now))
    _heading(language.say("Theo địa bàn"))
    rows = district_rows(language, reader, filters, now)
    st.html(district_table(language, reader, rows))
    export_buttons(
        reader,
        language,
        filters,
        name="dia-ban",
        title=language.say("Chỉ tiêu theo địa bàn"),
        make=lambda: figure_frame(
            language, reader.metrics, rows, first_column=language.say("Địa bàn")
        ),
        metrics=COLUMNS,
        shares=share_columns(language, reader.metrics),
    )


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


def _heading(text: str) -> None:
    st.html(f'<h2 class="mc-h2">{escape(text)}</h2>')
