"""The score of Decision 766: points out of the measurable points, item by item, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import cast

import streamlit as st

from dashboard.about import About
from dashboard.address import choose_from_list, choose_segment
from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.components.published_tables import titled
from dashboard.components.score_tables import item_table, lack_table, score_summary, units_table
from dashboard.components.score_words import (
    name_grain,
    name_score_period,
    name_sort,
    name_unit,
)
from dashboard.components.words import name_level
from dashboard.filters import Filters, calendar_period, read_filters
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from dashboard.scopes import name_whole
from dashboard.score import (
    SORTS,
    WHOLE,
    ScoredUnit,
    Sort,
    ask_units,
    ask_whole,
    last_whole,
    periods_of,
    sort_units,
)
from pipelines.serving.calendar_periods import GRAINS, CalendarPeriod, Grain
from pipelines.serving.metrics import SnapshotError
from pipelines.serving.parameters import MIN_DENOMINATOR
from pipelines.serving.score766 import Score

DEFINITION = "d766"
_FIRST_GRAIN: Grain = "quarter"
_LEVELS = ("province", "district", "commune")


def show_score766(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Điểm phục vụ người dân, doanh nghiệp theo Quyết định 766")
    filters = read_filters(reader, st.query_params.to_dict(), ("period", "unit", "boundaries"))
    st.html(page_header(language, reader.about, title=title, definition=DEFINITION))
    nothing = _why_nothing(reader, language)
    if nothing is not None:
        st.html(f'<p class="mc-nothing">{escape(nothing)}</p>')
        return
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        period = _choose_period(reader, language, filters)
        units = ask_units(reader, period, filters.boundaries)
        unit = _choose_unit(language, reader.about, units, period)
        st.html(_describe(language, period))
    score = ask_whole(reader, period) if unit is None else unit.score
    whole = name_whole(language, reader.about)
    name = whole if unit is None else name_unit(language, unit, period)
    st.html(_score_sections(reader, language, period, score, name))
    _show_units(language, units, period)
    st.html(page_footer(language, reader, _metrics(reader, score)))


def _why_nothing(reader: SnapshotReader, language: Language) -> str | None:
    if reader.about.province_vi is None:
        return language.say("Số liệu của nơi khác: không chấm điểm theo Quyết định 766.")
    try:
        has_items = bool(reader.score_parameters.items)
    except SnapshotError:
        has_items = False
    if has_items:
        return None
    return language.say("Bản số liệu này chưa kèm các nội dung chấm điểm.")


def _choose_period(reader: SnapshotReader, language: Language, filters: Filters) -> CalendarPeriod:
    """A period of the calendar: the one chosen where it is one, else the last that is over."""
    asked = calendar_period(filters)
    grain = choose_segment(
        language, "grain", GRAINS, _FIRST_GRAIN, label=language.say("Kỳ số liệu"),
        name_option=name_grain,
        chosen=asked and asked.grain,
        write=lambda name: {"grain": None if name == _FIRST_GRAIN else name, "period": None},
    )  # fmt: skip
    periods = {period.name: period for period in periods_of(reader, cast("Grain", grain))}
    first = last_whole(tuple(periods.values()), reader.about.as_of).name
    chosen = choose_from_list(
        "period",
        tuple(periods),
        first,
        chosen=asked.name if asked and asked.name in periods else first,
        write=lambda name: {"period": name},
        label=language.say("Kỳ"),
        name_option=lambda name: name_score_period(language, periods[name]),
        width=180,
    )
    return periods[chosen]


def _choose_unit(
    language: Language, about: About, units: Sequence[ScoredUnit], period: CalendarPeriod
) -> ScoredUnit | None:
    by_key = {unit.key: unit for unit in units}
    chosen = choose_from_list(
        "unit",
        (WHOLE, *by_key),
        WHOLE,
        label=language.say("Đơn vị"),
        name_option=lambda key: (
            name_whole(language, about)
            if key == WHOLE
            else name_unit(language, by_key[key], period)
        ),
        width=340,
        is_searched=True,
    )
    return by_key.get(chosen)


def _score_sections(
    reader: SnapshotReader, language: Language, period: CalendarPeriod, score: Score, name: str
) -> str:
    about = reader.about
    sections = [
        score_summary(
            language,
            score,
            name=f"{name} · {name_score_period(language, period)}",
            is_over=period.last_on <= about.as_of,
            as_of=language.numbers.day(about.as_of),
        )
    ]
    if score.points is not None:
        measured = language.say("Nội dung đo được")
        sections.append(titled(measured, item_table(language, reader.metrics, score, measured)))
    if any(item.exact is None for item in score.items):
        lacking = language.say("Nội dung chưa đo được")
        sections.append(titled(lacking, lack_table(language, score, lacking)))
    return "".join(sections)


def _show_units(language: Language, units: Sequence[ScoredUnit], period: CalendarPeriod) -> None:
    levels = [level for level in _LEVELS if any(unit.level == level for unit in units)]
    if not levels:
        return
    with st.container(key="units-head", horizontal=True, vertical_alignment="center"):
        st.html(f'<h2 class="mc-h2">{language.say_html("Theo đơn vị")}</h2>')
        level = choose_segment(
            language, "level", levels, levels[-1], label=language.say("Cấp"), name_option=name_level
        )
        sort = choose_segment(
            language, "sort", SORTS, SORTS[0], label=language.say("Thứ tự"), name_option=name_sort
        )
    shown = sort_units([unit for unit in units if unit.level == level], cast("Sort", sort))
    caption = language.say("Điểm theo đơn vị")
    note = language.say_html(
        "Thứ tự không phải xếp hạng. Điểm dựa trên dưới {least} hồ sơ in mờ và đứng sau.",
        least=MIN_DENOMINATOR,
    )
    st.html(f'{units_table(language, period, shown, caption)}<p class="mc-note">{note}</p>')


def _describe(language: Language, period: CalendarPeriod) -> str:
    numbers = language.numbers
    span = f"{numbers.day(period.first_on)} – {numbers.day(period.last_on)}"
    return f'<p class="mc-period"><b>{escape(span)}</b></p>'


def _metrics(reader: SnapshotReader, score: Score) -> list[str]:
    named = (item.item.metric for item in score.items)
    return [name for name in dict.fromkeys(named) if name is not None and name in reader.metrics]
