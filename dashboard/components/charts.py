"""The two charts of the overview, drawn from the months the metric layer gave."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import polars as pl
import streamlit as st

from dashboard.components.drawing import draw_chart
from dashboard.components.words import name_class
from dashboard.figures import CLASSES, months_up_to
from dashboard.filters import Filters
from dashboard.i18n import Language
from dashboard.links import link_here
from dashboard.reader import SnapshotReader
from dashboard.theme import current_palette
from pipelines.charts import ClassSeries, TargetSpan, class_stack, monthly_line

_MONTHS = 36
_HEIGHT = 360  # pixels


def trend_chart(
    language: Language,
    reader: SnapshotReader,
    filters: Filters,
    months: pl.DataFrame,
    metric: str,
) -> None:
    """The last three years of one metric with the target in force; a month leads to its view."""
    spec = reader.metrics[metric]
    numbers = language.numbers
    rows = months_up_to(months, metric, filters.period.last_on, _MONTHS)
    if rows.is_empty():
        _say_nothing(language)
        return
    is_share = spec.unit == "ratio"
    scale = 100 if is_share else 1
    days: list[date] = rows["month"].to_list()
    texts = [
        f"{numbers.percent(value)} ({numbers.count(top)} / {numbers.count(bottom)})"
        if is_share
        else numbers.count(value)
        for top, bottom, value in rows.select("numerator", "denominator", "value").iter_rows()
    ]
    targets = [
        TargetSpan(
            max(days[0], target.valid_from),
            min(days[-1], target.valid_to or days[-1]),
            target.value * scale,
        )
        for target in reader.about.targets
        if target.metric == metric and target.valid_from <= days[-1]
    ]
    figure = monthly_line(
        days,
        (rows["value"] * scale).to_list(),
        texts,
        name=language.label(spec),
        links=_month_links(filters, days),
        targets=targets,
        target_name=language.say("Mục tiêu"),
        suffix=numbers.percent_sign if is_share else "",
        ceiling=100 if is_share else None,
        separators=numbers.separators,
        height=_HEIGHT,
        palette=current_palette(),
    )
    described = language.say(
        "{metric}: {value} vào tháng {month}",
        metric=language.label(spec),
        value=texts[-1],
        month=f"{days[-1]:%m/%Y}",
    )
    draw_chart(language, figure, key="trend", alt=described, has_links=True)


def class_chart(language: Language, filters: Filters, months: pl.DataFrame) -> None:
    """Resolved dossiers of the last two years by deadline class; a month leads to its view."""
    last_on = filters.period.last_on
    frames = {name: months_up_to(months, name, last_on, _MONTHS - 12) for name in CLASSES}
    days: list[date] = frames[CLASSES[0]]["month"].to_list()
    if not days:
        _say_nothing(language)
        return
    classes = [
        ClassSeries(name, name_class(language, name), frame["numerator"].to_list())
        for name, frame in frames.items()
    ]
    figure = class_stack(
        days,
        classes,
        links=_month_links(filters, days),
        late_title=language.say("Trong đó quá hạn (thang đo riêng)"),
        height=_HEIGHT,
        separators=language.numbers.separators,
        palette=current_palette(),
    )
    late = frames["late"]["numerator"].sum()
    until = days[-1].replace(day=monthrange(days[-1].year, days[-1].month)[1])
    described = language.say(
        "Hồ sơ đã giải quyết theo tháng đến {day}; quá hạn {late} hồ sơ",
        day=language.numbers.day(until),
        late=language.numbers.count(int(late)),
    )
    draw_chart(language, figure, key="classes", alt=described, has_links=True)


def _month_links(filters: Filters, days: list[date]) -> list[str]:
    return [link_here(filters, period=f"{day:%Y-%m}") for day in days]


def _say_nothing(language: Language) -> None:
    st.html(f'<p class="mc-nothing">{language.say_html("Chưa có tháng nào trọn vẹn để vẽ.")}</p>')
