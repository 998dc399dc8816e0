"""The network through time and what mergers did, told so that nobody needs a statistician."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard.address import choose_from_list, choose_on_scale
from dashboard.components.change_table import change_table
from dashboard.components.effect_section import show_effects, told_first
from dashboard.components.footer import page_footer
from dashboard.components.header import page_header
from dashboard.components.merger_flow import show_flow
from dashboard.components.merger_map import (
    colour_by_metric,
    colour_by_successor,
    draw_map,
    find_limits,
    metric_legend,
    successor_legend,
)
from dashboard.components.merger_summary import merger_tiles
from dashboard.components.merger_words import (
    name_colouring,
)
from dashboard.i18n import Language
from dashboard.mergers import (
    MAP_METRICS,
    SUCCESSOR,
    WHOLE,
    ask_communes,
    ask_usual,
    changes_of,
    first_shown,
    headline_effects,
    last_day,
    months_shown,
    span_of,
)
from dashboard.network import Network, network_on, short_district, try_own_maps
from dashboard.reader import SnapshotReader
from pipelines.network.units import shops_on
from pipelines.serving.metrics.boundaries import BOUNDARIES
from pipelines.settings import settings

DEFINITION = "ii06a"


def show_mergers(reader: SnapshotReader, language: Language) -> None:
    """Draw the page."""
    title = language.say("Mạng lưới một cửa và tác động của sáp nhập")
    st.html(page_header(language, reader.about, title=title, definition=DEFINITION))
    nothing = _why_nothing(reader, language)
    if nothing is not None:
        st.html(f'<p class="mc-nothing">{escape(nothing)}</p>')
        st.html(page_footer(language, reader, MAP_METRICS))
        return
    effects = headline_effects(reader.impacts.effect)
    st.html(merger_tiles(language, reader, told_first(reader), effects))
    _show_maps(reader, language)
    show_effects(reader, language)
    _show_changes(reader, language)
    st.html(page_footer(language, reader, MAP_METRICS))


def _why_nothing(reader: SnapshotReader, language: Language) -> str | None:
    if reader.about.province_vi is None:
        return language.say("Số liệu của nơi khác: không có danh mục thay đổi đơn vị.")
    if reader.unit_changes.is_empty():
        return language.say(
            "Bản số liệu này chưa kèm các thay đổi của mạng lưới: chạy motcua run để công bố lại."
        )
    return None


@st.fragment
def _show_maps(reader: SnapshotReader, language: Language) -> None:
    """The network of a month beside today's, coloured by what was chosen."""
    months = months_shown(reader)
    about = reader.about
    with st.container(key="panel-maps"):
        with st.container(key="maps-head", horizontal=True, vertical_alignment="center"):
            _heading(language.say("Mạng lưới lúc đó và hôm nay"))
            metric = choose_from_list(
                "metric",
                (SUCCESSOR, *MAP_METRICS),
                SUCCESSOR,
                label=language.say("Tô màu theo"),
                name_option=lambda name: name_colouring(language, reader, name),
                width=280,
            )
        month = choose_on_scale(
            "month",
            months,
            first_shown(reader, months),
            label=language.say("Mạng lưới lúc đó: tháng"),
            name_option=lambda name: f"{name[5:]}/{name[:4]}",
        )
        maps, wrong = try_own_maps(reader)
        if wrong is not None:
            st.html(f'<p class="mc-wrong" role="alert">{escape(wrong)}</p>')
        then = network_on(reader, last_day(month, about.as_of), maps)
        now = network_on(reader, about.as_of, maps)
        limits: tuple[float, ...] = ()
        if metric == SUCCESSOR:
            pair = (colour_by_successor(language, reader, now),) * 2
            legend = successor_legend(language)
        else:
            spec, span = reader.metrics[metric], span_of(month, about.as_of)
            limits = find_limits(spec, ask_usual(reader, metric, first_shown(reader, months)))
            pair = tuple(
                colour_by_metric(
                    language, spec, limits, ask_communes(reader, metric, span, reading)
                )
                for reading in BOUNDARIES
            )
            legend = metric_legend(language, spec, limits)
        heads = (
            language.say("Như lúc đó, tháng {month}", month=f"{month[5:]}/{month[:4]}"),
            language.say("Theo địa giới hôm nay"),
        )
        coloured = name_colouring(language, reader, metric)
        columns = st.columns(2, gap="medium")
        for column, network, colouring, head, key in zip(
            columns, (then, now), pair, heads, ("then", "now"), strict=True
        ):
            with column:
                count = _count_units(language, network)
                st.html(
                    f'<h3 class="mc-h3">{escape(head)}<span class="mc-note">{escape(count)}</span>'
                    "</h3>"
                )
                draw_map(network, colouring, key=key, alt=f"{head}: {count}; {coloured}")
        st.html(legend)
        if then.is_schematic or now.is_schematic:
            schematic = language.say_html(
                "Sơ đồ ô vuông: mỗi ô là một xã, phường, thị trấn trước 01/07/2025, đặt gần đúng vị"
                " trí; không phải bản đồ địa giới."
            )
            st.html(f'<p class="mc-read">{schematic}</p>')


def _count_units(language: Language, network: Network) -> str:
    numbers = language.numbers
    return language.say(
        "{communes} xã, phường, thị trấn · {shops} bộ phận một cửa",
        communes=numbers.count(len(network.names)),
        shops=numbers.count(shops_on(network.day, settings().reference_dir).height),
    )


@st.fragment
def _show_changes(reader: SnapshotReader, language: Language) -> None:
    """Which unit became which, as bands and as a table, of the whole or of a district."""
    names = _districts(reader)
    with st.container(key="changes-head", horizontal=True, vertical_alignment="center"):
        _heading(language.say("Đơn vị nào thành đơn vị nào"))
        district = choose_from_list(
            "district",
            (WHOLE, *names),
            WHOLE,
            label=language.say("Địa bàn"),
            name_option=lambda code: names.get(code, language.say("Toàn tỉnh")),
            width=280,
        )
    with st.container(key="panel-flow"):
        show_flow(language, reader, district)
    shown = changes_of(reader.unit_changes, district)
    st.html(change_table(language, shown, headline_effects(reader.impacts.effect)))


def _districts(reader: SnapshotReader) -> dict[str, str]:
    """The former districts that changes speak of, as code → name."""
    codes = set(reader.unit_changes["from_district_code"].drop_nulls().to_list())
    units = reader.about.units.filter(
        (pl.col("level") == "district") & pl.col("unit_code").is_in(list(codes))
    ).sort("unit_code")
    return {
        code: short_district(name)
        for code, name in units.select("unit_code", "unit_name_vi").iter_rows()
    }


def _heading(text: str) -> None:
    st.html(f'<h2 class="mc-h2">{escape(text)}</h2>')
