"""One outcome of a change in pictures: the months, and what one would see had nothing happened."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard.components.merger_words import (
    name_outcome,
    name_series,
    name_unit,
    write_change,
    write_interval,
    write_value,
)
from dashboard.i18n import Language
from dashboard.theme import current_palette
from pipelines.charts import ComparedLine, before_after, months_around, placebo_fan, placebo_strip
from pipelines.serving.parameters import MIN_DENOMINATOR

_TREATED = "treated"  # label of the merged unit itself among the synthetic gaps
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}

Effect = Mapping[str, Any]


def show_months(
    language: Language,
    change: Mapping[str, Any],
    effect: Effect,
    series: pl.DataFrame,
) -> None:
    """The months of the units concerned beside their comparison, with the day of the change."""
    unit, numbers = str(effect["unit"]), language.numbers
    scale = 100 if unit == "share" else 1
    lines: list[ComparedLine] = []
    for role in ("treated", "controls", "synthetic", "counterfactual"):
        own = series.filter(pl.col("series") == role).sort("month_on")
        if own.is_empty():
            continue
        name = name_series(language, role)
        lines.append(
            ComparedLine(
                role,
                name,
                own["month_on"].to_list(),
                (own["value"] * scale).to_list(),
                [f"{name}: {write_value(language, unit, value)}" for value in own["value"]],
                [_is_few(unit, own_n) for own_n in own["denominator"]],
            )
        )
    if not lines:
        st.html(f'<p class="mc-nothing">{language.say_html("Chưa có tháng nào để vẽ.")}</p>')
        return
    day = numbers.day(change["effective_on"])
    if change["date_is_assumed"]:
        day = language.say("{day} (ngày giả định)", day=day)
    figure = before_after(
        lines,
        change["effective_on"],
        changed=day,
        suffix=numbers.percent_sign if unit == "share" else "",
        separators=numbers.separators,
        palette=current_palette(),
    )
    described = language.say(
        "{outcome} theo tháng, thay đổi ngày {day}: trước {before}, sau {after}",
        outcome=name_outcome(language, str(effect["outcome"])),
        day=day,
        before=write_value(language, unit, effect["before_value"]),
        after=write_value(language, unit, effect["after_value"]),
    )
    _draw(figure, key="months", alt=described)
    if any(few for line in lines if line.role == "treated" for few in line.few):
        hollow = language.say_html("Chấm rỗng: tháng có dưới {least} hồ sơ.", least=MIN_DENOMINATOR)
        st.html(f'<p class="mc-read">{hollow}</p>')


def show_counterproof(
    language: Language,
    effect: Effect,
    event: pl.DataFrame,
    placebo: pl.DataFrame,
    pretrend: pl.DataFrame,
) -> None:
    """Months around the change and placebo changes, each with the sentence that reads it."""
    kinds = placebo.filter(pl.col("kind") != "synthetic")
    if event.is_empty() and kinds.is_empty():
        nothing = language.say_html("Không có phép thử nào cho kết quả này.")
        st.html(f'<p class="mc-nothing">{nothing}</p>')
        return
    name = name_unit(language, str(effect["unit"]))
    measured = f" ({name})" if name else ""
    around, tried = st.columns(2, gap="medium")
    if not event.is_empty():
        with around:
            _heading(
                language.say("Chênh lệch theo số tháng kể từ thay đổi") + measured,
                language.say("nếu không có gì xảy ra, các chấm quanh số 0"),
            )
            _months_around(language, effect, event)
            st.html(_read_pretrend(language, effect, pretrend))
    if not kinds.is_empty() and effect["estimate"] is not None:
        with tried:
            _heading(
                language.say("Thử với nơi và ngày không có thay đổi") + measured,
                language.say("mỗi chấm xám là một “tác động” tìm được ở đó"),
            )
            _placebos(language, effect, kinds)
            st.html(_read_placebos(language, effect, kinds))


def show_fan(
    language: Language, change: Mapping[str, Any], effect: Effect, placebo: pl.DataFrame
) -> None:
    """A single unit's gap from its synthetic control among the same gaps of the others."""
    rows = placebo.filter(pl.col("kind") == "synthetic", pl.col("month_on").is_not_null())
    if rows.is_empty():
        return
    unit, numbers = str(effect["unit"]), language.numbers
    scale = 100 if unit == "share" else 1
    lines = {
        str(label): list(zip(own["month_on"], own["estimate"] * scale, strict=True))
        for (label,), own in rows.sort("month_on").group_by("label", maintain_order=True)
    }
    treated = lines.pop(_TREATED, [])
    name = name_unit(language, unit)
    _heading(
        language.say("Chênh lệch so với đối chứng tổng hợp") + (f" ({name})" if name else ""),
        language.say("nếu có tác động, đường đỏ tách khỏi các đường xám sau thay đổi"),
    )
    figure = placebo_fan(
        treated,
        list(lines.values()),
        change["effective_on"],
        names=(name_series(language, "treated"), name_series(language, "controls")),
        separators=numbers.separators,
        palette=current_palette(),
    )
    described = language.say(
        "Chênh lệch theo tháng so với đối chứng tổng hợp, bên cạnh {count} nơi không thay đổi",
        count=len(lines),
    )
    _draw(figure, key="fan", alt=described)


def _months_around(language: Language, effect: Effect, event: pl.DataFrame) -> None:
    unit, numbers = str(effect["unit"]), language.numbers
    scale = 100 if unit == "share" else 1
    rows = event.sort("month_k")
    texts = [
        language.say("{month} tháng: {change}", month=month, change=write_change(language, unit, e))
        for month, e in rows.select("month_k", "estimate").iter_rows()
    ]
    figure = months_around(
        rows["month_k"].to_list(),
        (rows["estimate"] * scale).to_list(),
        (rows["low"] * scale).to_list(),
        (rows["high"] * scale).to_list(),
        texts,
        suffix="",
        separators=numbers.separators,
        palette=current_palette(),
    )
    described = language.say("Chênh lệch theo tháng, trước và sau thay đổi, kèm khoảng tin cậy")
    _draw(figure, key="around", alt=described)


def _placebos(language: Language, effect: Effect, placebo: pl.DataFrame) -> None:
    unit, numbers = str(effect["unit"]), language.numbers
    scale = 100 if unit == "share" else 1
    found = float(effect["estimate"])
    texts = [
        f"{escape(str(label))}: {write_change(language, unit, value)}"
        for label, value in placebo.select("label", "estimate").iter_rows()
    ]
    figure = placebo_strip(
        (placebo["estimate"] * scale).to_list(),
        texts,
        found * scale,
        found=language.say("tìm được: {change}", change=write_change(language, unit, found)),
        suffix="",
        separators=numbers.separators,
        palette=current_palette(),
    )
    described = language.say(
        "{count} phép thử ở nơi, ngày không có thay đổi; ước lượng thật {change}",
        count=placebo.height,
        change=write_change(language, unit, found),
    )
    _draw(figure, key="placebos", alt=described)


def _read_pretrend(language: Language, effect: Effect, pretrend: pl.DataFrame) -> str:
    if pretrend.is_empty():
        return ""
    row = pretrend.row(0, named=True)
    said = (
        language.say("Trước thay đổi, hai bên đi cùng nhau: so sánh được.")
        if row["passes"]
        else language.say("Trước thay đổi, hai bên đã khác hướng: không nên quy cho sáp nhập.")
    )
    if row["placebo_on"] is not None and row["placebo_estimate"] is not None:
        unit = str(effect["unit"])
        said += " " + language.say(
            "Thử coi như thay đổi ngày {day}: {change} ({interval}).",
            day=language.numbers.day(row["placebo_on"]),
            change=write_change(language, unit, row["placebo_estimate"]),
            interval=write_interval(language, unit, row["placebo_low"], row["placebo_high"]),
        )
    return f'<p class="mc-read">{escape(said)}</p>'


def _read_placebos(language: Language, effect: Effect, placebo: pl.DataFrame) -> str:
    found = abs(float(effect["estimate"]))
    as_large = placebo.filter(pl.col("estimate").abs() >= found).height
    said = language.say(
        "{large} trong {count} phép thử ra một con số lớn bằng hoặc hơn ước lượng thật.",
        large=language.numbers.count(as_large),
        count=language.numbers.count(placebo.height),
    )
    return f'<p class="mc-read">{escape(said)}</p>'


def _is_few(unit: str, denominator: int | None) -> bool:
    return unit in ("share", "days") and (denominator or 0) < MIN_DENOMINATOR


def _heading(text: str, note: str) -> None:
    st.html(f'<h3 class="mc-h3">{escape(text)}<span class="mc-note">{escape(note)}</span></h3>')


def _draw(figure: go.Figure, *, key: str, alt: str) -> None:
    st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
        figure, theme=None, config=_CONFIG, key=key, alt=alt
    )
