"""Every outcome of a change on a line: before and after, the interval, what can be claimed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dashboard.components.marks import mark, svg_address
from dashboard.components.merger_words import (
    name_estimator,
    name_outcome,
    name_verdict,
    write_change,
    write_interval,
    write_value,
)
from dashboard.i18n import Language
from dashboard.mergers import OUTCOMES
from dashboard.theme import current_palette
from pipelines.charts import interval_line

_MARKS = {"better": "met", "worse": "missed", "no_effect_found": "flat", "undetermined": "flat"}
_TONES = {"better": "mc-good", "worse": "mc-bad"}

_STEPS = (0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8)  # of a power of ten: ends of a scale

Effect = Mapping[str, Any]


def effect_rows(language: Language, effects: Mapping[str, Effect]) -> str:
    """The outcomes in groups of one scale each, as HTML; `effects` by outcome."""
    titles = {
        "days": language.say("Thời gian, theo ngày làm việc"),
        "share": language.say("Tỷ lệ, theo điểm phần trăm"),
        "volume": language.say("Khối lượng và chi phí"),
    }
    groups: list[str] = []
    for group, outcomes in OUTCOMES.items():
        own = [effects[outcome] for outcome in outcomes if outcome in effects]
        if own:
            groups.append(_group(language, titles[group], own))
    return f'<div class="mc-effects">{"".join(groups)}</div>'


def _group(language: Language, title: str, effects: Sequence[Effect]) -> str:
    drawn = [e for e in effects if _has_interval(e) and e["unit"] in ("days", "share")]
    reach = _reach(drawn) if drawn else None
    rows = "".join(_row(language, effect, reach) for effect in effects)
    axis = _axis(language, str(drawn[0]["unit"]), reach) if reach else ""
    return (
        f'<section class="mc-effect-group"><header><h3>{escape(title)}</h3>{axis}</header>'
        f"{rows}</section>"
    )


def _row(language: Language, effect: Effect, reach: float | None) -> str:
    unit = str(effect["unit"])
    name = name_outcome(language, str(effect["outcome"]))
    before, after = (
        write_value(language, unit, effect[f"{side}_value"]) for side in ("before", "after")
    )
    moved = "" if effect["before_value"] is None else f"<p>{escape(before)} → {escape(after)}</p>"
    return (
        f'<article data-outcome="{escape(str(effect["outcome"]))}">'
        f'<div class="mc-effect-name"><h4>{escape(name)}</h4>'
        f"{moved}</div>"
        f'<div class="mc-effect-line">{_line(language, effect, name, reach)}</div>'
        f'<div class="mc-effect-said">{_said(language, effect)}</div></article>'
    )


def _line(language: Language, effect: Effect, name: str, reach: float | None) -> str:
    """The picture of an interval with its figures; figures alone where there is no scale."""
    if not _has_interval(effect):
        return ""
    unit, estimate = str(effect["unit"]), float(effect["estimate"])
    low, high = float(effect["low"]), float(effect["high"])
    verdict = str(effect["verdict"])
    own = current_palette()
    colour = {"better": own.teal, "worse": own.lacquer}.get(verdict, own.ink_soft)
    interval = write_interval(language, unit, low, high)
    alt = language.say_html(
        "{name}: ước lượng {estimate}, khoảng tin cậy 95 % {interval}",
        name=name,
        estimate=write_change(language, unit, estimate),
        interval=interval,
    )
    picture = ""
    if reach:
        svg = interval_line(
            estimate,
            low,
            high,
            reach=reach,
            colour=colour,
            is_sure=verdict in _TONES,
            is_estimate=verdict != "descriptive",
            palette=own,
        )
        picture = f'<img src="{svg_address(svg)}" alt="{alt}">'
    return (
        f"{picture}<p><b>{escape(write_change(language, unit, estimate))}</b>"
        f"<span>{escape(interval)}</span></p>"
    )


def _said(language: Language, effect: Effect) -> str:
    verdict = str(effect["verdict"])
    sentence = str(effect["sentence_vi" if language.code == "vi" else "sentence_en"] or "")
    sign = mark(_MARKS[verdict]) if verdict in _MARKS else ""
    tone = _TONES.get(verdict, "mc-even")
    return (
        f'<p class="mc-verdict {tone}">{sign}{escape(name_verdict(language, verdict))}</p>'
        f"<p>{escape(sentence)}</p>"
        f"<small>{escape(name_estimator(language, str(effect['estimator'])))}</small>"
    )


def _axis(language: Language, unit: str, reach: float) -> str:
    """The scale of a group's lines: both ends and zero."""
    ends = (write_change(language, unit, end) for end in (-reach, reach))
    low, high = (escape(end) for end in ends)
    return (
        f'<p class="mc-axis" aria-hidden="true"><span>{low}</span><b>0</b><span>{high}</span></p>'
    )


def _has_interval(effect: Effect) -> bool:
    return all(effect[part] is not None for part in ("estimate", "low", "high"))


def _reach(effects: Sequence[Effect]) -> float:
    """A round number that the scale reaches on both sides; what is beyond is drawn as an arrow.

    The widest estimate has room; an interval much wider than all the others does not flatten them.
    """
    dots = max(abs(float(effect["estimate"])) for effect in effects)
    ends = sorted(max(abs(float(e["low"])), abs(float(e["high"]))) for e in effects)
    middle = ends[len(ends) // 2]
    wanted = max(dots * 1.1, min(ends[-1], middle * 3), 1e-9)
    scale = 10.0 ** math.ceil(math.log10(wanted))
    return next((step * scale for step in _STEPS if step * scale >= wanted), scale)
