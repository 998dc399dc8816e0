"""What a change of the network did: every outcome on a line, then one outcome in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard.address import choose_from_list
from dashboard.components.effect_pictures import show_counterproof, show_fan, show_months
from dashboard.components.effect_rows import effect_rows
from dashboard.components.estimate_table import estimate_table
from dashboard.components.merger_words import name_impact, name_outcome
from dashboard.i18n import Language
from dashboard.mergers import OUTCOMES, headline_effects
from dashboard.reader import SnapshotReader


@st.fragment
def show_effects(reader: SnapshotReader, language: Language) -> None:
    """What a change did, outcome by outcome, and one outcome in pictures."""
    changes = {row["impact_id"]: row for row in reader.impacts.change.iter_rows(named=True)}
    with st.container(key="effects-head", horizontal=True, vertical_alignment="center"):
        _heading(language.say("Sáp nhập đã làm thay đổi điều gì"))
        first = told_first(reader)
        if first is None:
            chosen = None
        else:
            chosen = choose_from_list(
                "impact",
                tuple(changes),
                str(first["impact_id"]),
                label=language.say("Thay đổi"),
                name_option=lambda name: name_impact(language, changes[name]),
                width=360,
            )
    if chosen is None:
        nothing = language.say_html(
            "Bản số liệu này chưa kèm ước lượng tác động: chạy motcua run để công bố lại."
        )
        st.html(f'<p class="mc-nothing mc-boxed">{nothing}</p>')
        return
    change = changes[chosen]
    st.html(_describe(language, change))
    effects = {
        outcome: row
        for (impact, outcome), row in headline_effects(reader.impacts.effect).items()
        if impact == chosen
    }
    if change["status"] != "ok" or not effects:
        reason = change["reason_vi" if language.code == "vi" else "reason_en"]
        told = str(reason or language.say("Chưa có ước lượng cho thay đổi này."))
        st.html(f'<p class="mc-nothing mc-boxed">{escape(told)}</p>')
        return
    st.html(effect_rows(language, effects))
    _show_outcome(reader, language, change, effects)


def told_first(reader: SnapshotReader) -> Mapping[str, Any] | None:
    """The change whose effect is shown first: the largest group of shops that has one."""
    rows = reader.impacts.change.to_dicts()
    rank = ("shop_merger_group", "shop_merger", "network")
    rows.sort(key=lambda row: (row["status"] != "ok", rank.index(row["kind"])))
    return rows[0] if rows else None


def _show_outcome(
    reader: SnapshotReader,
    language: Language,
    change: Mapping[str, Any],
    effects: Mapping[str, Mapping[str, Any]],
) -> None:
    offered = tuple(o for own in OUTCOMES.values() for o in own if o in effects)
    with st.container(key="panel-outcome"):
        with st.container(key="outcome-head", horizontal=True, vertical_alignment="center"):
            _heading(language.say("Trước và sau, trên cùng địa giới"))
            outcome = choose_from_list(
                "outcome",
                offered,
                offered[0],
                label=language.say("Kết quả"),
                name_option=lambda name: name_outcome(language, name),
                width=330,
            )
        effect, tables = effects[outcome], reader.impacts
        own = {
            name: _of(frame, str(change["impact_id"]), outcome)
            for name, frame in (
                ("effect", tables.effect),
                ("series", tables.series),
                ("event", tables.event),
                ("placebo", tables.placebo),
                ("pretrend", tables.pretrend),
            )
        }
        show_months(language, change, effect, own["series"])
        show_counterproof(language, effect, own["event"], own["placebo"], own["pretrend"])
        show_fan(language, change, effect, own["placebo"])
        st.html(estimate_table(language, own["effect"]))


def _describe(language: Language, change: Mapping[str, Any]) -> str:
    numbers = language.numbers
    day = numbers.day(change["effective_on"])
    if change["date_is_assumed"]:
        day = language.say("{day} (ngày giả định)", day=day)
    facts = [language.say("từ ngày {day}", day=day)]
    if change["unions_n"]:
        facts.append(language.say("{count} địa bàn gộp", count=numbers.count(change["unions_n"])))
    if change["controls_n"]:
        facts.append(
            language.say(
                "so với {count} nơi không thay đổi", count=numbers.count(change["controls_n"])
            )
        )
    spans = [
        f"{_month(change[f'{side}_from'])} – {_month(change[f'{side}_to'])}"
        for side in ("before", "after")
        if change[f"{side}_from"] is not None
    ]
    if len(spans) == 2:
        facts.append(language.say("trước {before}, sau {after}", before=spans[0], after=spans[1]))
    return f'<p class="mc-lede">{escape(" · ".join(facts))}</p>'


def _month(first: date) -> str:
    return f"{first:%m/%Y}"


def _of(frame: pl.DataFrame, impact_id: str, outcome: str) -> pl.DataFrame:
    if frame.is_empty():
        return frame
    return frame.filter(pl.col("impact_id") == impact_id, pl.col("outcome") == outcome)


def _heading(text: str) -> None:
    st.html(f'<h2 class="mc-h2">{escape(text)}</h2>')
