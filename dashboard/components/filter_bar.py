"""The bar that stays on top: what a page lets its reader choose, and what is chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from html import escape

import polars as pl
import streamlit as st

from dashboard.address import Changes, choose_from_list, choose_segment, note_choices
from dashboard.components.choices import name_choices
from dashboard.components.words import (
    name_boundaries,
    name_calendar_period,
    name_channel,
    name_period,
)
from dashboard.filters import (
    AS_WAS,
    DEFAULT_DEFINITION,
    LEVELS,
    Filters,
    Use,
    has_boundaries,
    read_filters,
)
from dashboard.i18n import Language
from dashboard.links import link_here
from dashboard.periods import (
    DEFAULT_PERIOD,
    PERIODS,
    SPAN,
    months_of,
    name_months,
    same_period_last_year,
)
from dashboard.reader import SnapshotReader
from dashboard.scopes import WHOLE, list_scopes
from pipelines.serving.metrics.boundaries import BOUNDARIES
from pipelines.serving.metrics.query import CHANNELS

_EVERY = "all"
_SHORT_LIST = 12  # lines that are read faster than typed
_RARE: tuple[Use, ...] = ("field", "procedure", "channel", "boundaries", "definition")


def show_filter_bar(
    reader: SnapshotReader,
    language: Language,
    uses: Collection[Use],
    *,
    compares: bool = False,
) -> Filters:
    """Draw what a page uses and say what is chosen; gives it back for the page to ask with.

    `compares` adds the period a year before, where the page reads against it.
    """
    filters = read_filters(reader, st.query_params.to_dict(), uses)
    note_choices({key: filters.kept[key] for key in uses if key in filters.kept})
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        if "period" in uses:
            _choose_period(reader, language, filters)
        if "level" in uses or "unit" in uses:
            _choose_scope(reader, language, filters, uses)
        if any(use in uses for use in _RARE):
            _offer_rare(reader, language, filters, uses)
        st.html(
            f'<div class="mc-chosen">{_describe(language, filters, compares=compares)}'
            f"{_chips(reader, language, filters, uses)}{_refusal(language, filters, uses)}</div>"
        )
    return filters


def _choose_period(reader: SnapshotReader, language: Language, filters: Filters) -> None:
    first, last = months_of(filters.period)

    def write(name: str) -> Changes:
        if name == SPAN:
            return {"period": name_months(first, last)}
        return {"period": None if name == DEFAULT_PERIOD else name}

    name = filters.period_name
    choose_segment(
        language,
        "period",
        (*PERIODS, SPAN),
        DEFAULT_PERIOD,
        label=language.say("Kỳ số liệu"),
        name_option=name_period,
        chosen=name if name in PERIODS else SPAN,
        write=write,
    )
    if name not in PERIODS:
        _choose_months(reader, language, first, last)


def _choose_months(reader: SnapshotReader, language: Language, first: date, last: date) -> None:
    months = pl.date_range(
        min(reader.data_from, first), reader.about.as_of.replace(day=1), "1mo", eager=True
    )
    names = {f"{month:%Y-%m}": f"{month:%m/%Y}" for month in reversed(months.to_list())}

    def read(name: str) -> date:
        return date.fromisoformat(f"{name}-01")

    choose_from_list(
        "from", tuple(names), f"{first:%Y-%m}",
        label=language.say("Từ tháng"), name_option=names.__getitem__, width=112,
        chosen=f"{first:%Y-%m}",
        write=lambda name: {"period": name_months(read(name), last)},
    )  # fmt: skip
    choose_from_list(
        "to", tuple(names), f"{last:%Y-%m}",
        label=language.say("Đến tháng"), name_option=names.__getitem__, width=112,
        chosen=f"{last:%Y-%m}",
        write=lambda name: {"period": name_months(first, read(name))},
    )  # fmt: skip


def _choose_scope(
    reader: SnapshotReader, language: Language, filters: Filters, uses: Collection[Use]
) -> None:
    """Levels and units in one list: a unit has its level."""
    scopes = list_scopes(
        language, reader.about, filters, has_levels="level" in uses, has_units="unit" in uses
    )

    def write(key: str) -> Changes:
        is_level = key in LEVELS
        return {
            "level": key if is_level else None,
            "unit": None if is_level or key == WHOLE else key,
        }

    choose_from_list(
        "scope",
        tuple(scopes),
        WHOLE,
        label=language.say("Phạm vi"),
        name_option=lambda key: scopes[key],
        width=260,
        is_searched=True,
        chosen=next((key for key in (filters.unit, filters.level) if key in scopes), WHOLE),
        write=write,
    )


def _offer_rare(
    reader: SnapshotReader, language: Language, filters: Filters, uses: Collection[Use]
) -> None:
    """What is chosen less often opens on demand; the long lists travel only then."""
    more = st.popover(
        language.say("Lọc thêm"), icon=":material/tune:", key="more-filters", on_change="rerun"
    )
    if not more.open:
        return
    with more:
        if "field" in uses:
            _choose(language.say("Lĩnh vực"), "field", reader.fields, language)
        if "procedure" in uses:
            rows = reader.procedures
            if filters.field is not None:
                rows = rows.filter(field_code=filters.field)
            names = dict(rows.select("procedure_code", "procedure_name_vi").iter_rows())
            _choose(language.say("Thủ tục"), "procedure", names, language)
        if "channel" in uses:
            channels = {code: name_channel(language, code) for code in CHANNELS}
            _choose(language.say("Hình thức nộp"), "channel", channels, language)
        if "boundaries" in uses and has_boundaries(reader):
            boundaries = {
                name: name_boundaries(language, name, reader.about) for name in BOUNDARIES
            }
            _choose(language.say("Địa giới"), "boundaries", boundaries, default=AS_WAS)
        if "definition" in uses:
            names = {each.id: language.label(each) for each in reader.definitions.values()}
            _choose(
                language.say("Cách tính đúng hạn"), "definition", names, default=DEFAULT_DEFINITION
            )


def _choose(
    label: str,
    key: str,
    names: Mapping[str, str],
    language: Language | None = None,
    *,
    default: str = _EVERY,
) -> None:
    """A list under its label; with a language its first line is everything."""
    shown = {_EVERY: language.say("Tất cả"), **names} if language else dict(names)
    choose_from_list(
        key,
        tuple(shown),
        default,
        label=label,
        name_option=shown.__getitem__,
        is_searched=len(shown) > _SHORT_LIST,
        has_label=True,
    )


def _describe(language: Language, filters: Filters, *, compares: bool) -> str:
    numbers = language.numbers
    period = filters.period
    span = f"{numbers.day(period.first_on)} – {numbers.day(period.last_on)}"
    called = name_calendar_period(language, filters.period_name, period.first_on)
    than = f"<span>{escape(called)}</span>"
    if compares:
        before = same_period_last_year(period)
        former = f"{numbers.day(before.first_on)} – {numbers.day(before.last_on)}"
        said = language.say_html("so với cùng kỳ {former}", former=former)
        than = f"<span>{said}</span>"
    return f'<p class="mc-period"><b>{escape(span)}</b>{than}</p>'


def _chips(
    reader: SnapshotReader, language: Language, filters: Filters, uses: Collection[Use]
) -> str:
    """What is chosen among the rare ones, each a link that takes it back."""
    named = name_choices(reader, language, filters)
    taken_back = language.say_html("Bỏ lựa chọn này")
    chips = "".join(
        f'<li><a href="{escape(link_here(filters, **{key: None}))}" title="{taken_back}">'
        f'{escape(name)} <span aria-hidden="true">×</span>'
        f'<span class="mc-unseen">{taken_back}</span></a></li>'
        for key, (_, name) in named.items()
        if key in _RARE and key in uses
    )
    return f'<ul class="mc-chips">{chips}</ul>' if chips else ""


def _refusal(language: Language, filters: Filters, uses: Collection[Use]) -> str:
    """That the definition chosen says nothing of the days chosen."""
    chosen = filters.kept.get("definition", filters.definition)
    if "definition" not in uses or chosen == filters.definition:
        return ""
    why = language.say_html(
        "Cách tính đã chọn chỉ dùng cho trọn tháng, quý hoặc năm; đang tính theo biểu II.06a."
    )
    return f'<p class="mc-note">{why}</p>'
