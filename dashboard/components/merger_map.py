"""The network then and on today's boundaries, side by side, with one legend for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import polars as pl
import streamlit as st

from dashboard.components.marks import svg_address
from dashboard.figures import NO_FIGURE, Figure
from dashboard.i18n import Language
from dashboard.mergers import MONTHS_SHOWN
from dashboard.network import Network, follow
from dashboard.numbers import NOTHING
from dashboard.reader import SnapshotReader
from dashboard.theme import current_palette
from pipelines.charts import (
    MapBlock,
    MapUnit,
    class_limits,
    class_of,
    kinds,
    ramp,
    unit_map,
)
from pipelines.network.shapes import colour_apart, find_neighbours
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import MIN_DENOMINATOR

_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


@dataclass(frozen=True)
class Colouring:
    """Colours of a map by number, and the number, or None, and the words of every unit."""

    colours: Sequence[str]
    numbers: Mapping[str, int | None]
    words: Mapping[str, str]


def draw_map(network: Network, colouring: Colouring, *, key: str, alt: str) -> None:
    """One map, in the order and colours given."""
    units = [
        MapUnit(
            shape.rings,
            shape.centre,
            colouring.numbers.get(unit),
            f"<b>{escape(network.names[unit])}</b><br>{escape(colouring.words.get(unit, NOTHING))}",
            is_marked=unit in network.split or unit in network.folded,
        )
        for unit, shape in network.shapes.items()
    ]
    blocks = [MapBlock(d.shape.rings, d.shape.centre, d.name) for d in network.districts]
    figure = unit_map(units, blocks, colouring.colours, palette=current_palette())
    with st.container(key=f"map-{key}"):
        st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
            figure, theme=None, config=_CONFIG, key=f"drawn-{key}", alt=alt, height="stretch"
        )


def colour_by_successor(language: Language, reader: SnapshotReader, now: Network) -> Colouring:
    """Both maps in the colours of today's units: what went together has one colour."""
    units: dict[str, str] = dict(
        reader.about.units.filter(pl.col("level") == "commune")
        .select("unit_key", "unit_name_vi")
        .iter_rows()
    )
    heirs = follow(reader.unit_changes, units, now.day)
    parts: dict[str, list[str]] = defaultdict(list)
    for unit, heir in heirs.items():
        if unit != heir:
            parts[heir].append(units[unit])
    words = {
        unit: _came_of(language, parts[unit])
        if unit == heir
        else language.say("thành {name}", name=units.get(heir, NOTHING))
        for unit, heir in heirs.items()
    }
    colours = kinds(current_palette())
    apart = colour_apart(find_neighbours(now.shapes), len(colours))
    numbers = {unit: apart.get(heir) for unit, heir in heirs.items()}
    return Colouring(colours, numbers, words)


def colour_by_metric(
    language: Language,
    spec: MetricSpec,
    limits: Sequence[float],
    figures: Mapping[str, Figure],
) -> Colouring:
    """A map in classes of a metric; what rests on too few dossiers gets no colour."""
    colours = metric_colours(spec, limits)
    return Colouring(
        colours,
        {
            unit: None
            if figure.value is None or figure.is_small
            else class_of(figure.value, limits)
            for unit, figure in figures.items()
        },
        defaultdict(
            lambda: _write(language, spec, NO_FIGURE),
            {unit: _write(language, spec, figure) for unit, figure in figures.items()},
        ),
    )


def metric_colours(spec: MetricSpec, limits: Sequence[float]) -> tuple[str, ...]:
    """Colours from light to dark, red where more is worse."""
    own = current_palette()
    colour = {"up": own.teal, "down": own.lacquer}.get(spec.direction, own.ochre)
    return ramp(own, colour, len(limits) + 1)


def find_limits(spec: MetricSpec, figures: Iterable[Figure]) -> tuple[float, ...]:
    """The classes of a metric, from the units that have enough dossiers."""
    values = [f.value for f in figures if f.value is not None and not f.is_small]
    return class_limits(values, is_share=spec.unit == "ratio")


def successor_legend(language: Language) -> str:
    """What colours and signs mean, as HTML."""
    same = language.say_html(
        "Ô cùng màu liền nhau về cùng một xã, phường; màu chỉ để phân biệt, không phải số liệu."
    )
    return f'<div class="mc-legend"><span>{same}</span>{_signs(language)}</div>'


def metric_legend(language: Language, spec: MetricSpec, limits: Sequence[float]) -> str:
    """The classes with their limits, as HTML."""
    names = _class_names(language, spec, limits)
    swatches = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for colour, name in zip(metric_colours(spec, limits), names, strict=True)
    )
    few = (
        language.say_html("dưới {least} hồ sơ hoặc không có", least=MIN_DENOMINATOR)
        if spec.unit == "ratio"
        else language.say_html("không có hồ sơ")
    )
    months = language.say_html("Số liệu {count} tháng đến hết tháng đã chọn.", count=MONTHS_SHOWN)
    return (
        f'<div class="mc-legend"><span><b>{escape(language.label(spec))}</b> {months}</span>'
        f'{swatches}<span><i class="mc-hatch"></i>{few}</span>{_signs(language)}</div>'
    )


def _signs(language: Language) -> str:
    own = current_palette()
    diamond = svg_address(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 12"><path d="M6 1 11 6 6 11 1 6z"'
        f' fill="{own.card}" stroke="{own.ink}" stroke-width="1.4"/></svg>'
    )
    marked = language.say_html("xã bị chia tách, hoặc đã gộp bộ phận một cửa vào nơi khác")
    return f'<span><img src="{diamond}" alt="◇" width="12" height="12">{marked}</span>'


def _class_names(language: Language, spec: MetricSpec, limits: Sequence[float]) -> list[str]:
    numbers = language.numbers

    def write(value: float) -> str:
        return numbers.percent(value, 1) if spec.unit == "ratio" else numbers.count(value)

    if not limits:
        return [language.say("có số liệu")]
    between = [f"{write(low)} – {write(high)}" for low, high in pairwise(limits)]
    below = language.say("dưới {limit}", limit=write(limits[0]))
    above = language.say("từ {limit}", limit=write(limits[-1]))
    return [below, *between, above]


def _write(language: Language, spec: MetricSpec, figure: Figure) -> str:
    numbers = language.numbers
    if figure.value is None:
        return language.say("Không có hồ sơ để tính")
    if spec.unit != "ratio":
        return language.say("{count} hồ sơ", count=numbers.count(figure.value))
    basis = f"{numbers.count(figure.numerator)} / {numbers.count(figure.denominator)}"
    return f"{numbers.percent(figure.value)} ({basis})"


def _came_of(language: Language, names: Sequence[str]) -> str:
    if not names:
        return language.say("không đổi")
    return language.say("gộp từ {names}", names=", ".join(names))
