"""The top of the page of mergers: what changed, and what that did, in four figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Any

import polars as pl

from dashboard.components.marks import mark
from dashboard.components.merger_words import (
    name_impact,
    name_outcome,
    name_verdict,
    write_change,
    write_interval,
    write_value,
)
from dashboard.i18n import Language
from dashboard.network import communes_on
from dashboard.reader import SnapshotReader
from pipelines.network.units import shops_on
from pipelines.settings import settings

_TOLD = ("working_days_mean", "online_rate")
_ARROW = " → "


def merger_tiles(
    language: Language,
    reader: SnapshotReader,
    change: Mapping[str, Any] | None,
    effects: Mapping[tuple[str, str], Mapping[str, Any]],
) -> str:
    """Communes and shops from the first change to today, then the effect told of `change`."""
    tiles = [_communes(language, reader), _shops(language, reader)]
    if change is not None:
        tiles += [
            _effect(language, change, effects[change["impact_id"], outcome])
            for outcome in _TOLD
            if (change["impact_id"], outcome) in effects
        ]
    return f'<div class="mc-tiles mc-of-{len(tiles)}">{"".join(tiles)}</div>'


def _communes(language: Language, reader: SnapshotReader) -> str:
    numbers, units = language.numbers, reader.about.units
    changes = reader.unit_changes.filter(pl.col("kind").is_in(["unit_merger", "unit_split"]))
    days = changes["effective_on"].unique().sort().to_list()
    counts = [communes_on(units, days[0] - timedelta(days=1)).height] if days else []
    counts += [communes_on(units, day).height for day in days]
    split = changes.filter(pl.col("kind") == "unit_split")["from_key"].n_unique()
    said = language.say("{count} đơn vị bị chia tách", count=numbers.count(split))
    when = ", ".join(numbers.day(day) for day in days)
    return _tile(
        language.say("Xã, phường, thị trấn"),
        _ARROW.join(numbers.count(count) for count in counts),
        said,
        language.say("từ ngày {day}", day=when),
    )


def _shops(language: Language, reader: SnapshotReader) -> str:
    numbers = language.numbers
    days = reader.unit_changes["effective_on"].unique().sort().to_list()
    reference = settings().reference_dir
    counts = [shops_on(days[0] - timedelta(days=1), reference).height] if days else []
    counts += [shops_on(day, reference).height for day in days]
    folded = reader.unit_changes.filter(pl.col("kind") == "shop_merger")
    said = language.say(
        "{count} bộ phận gộp vào bộ phận của huyện", count=numbers.count(folded.height)
    )
    when = ", ".join(numbers.day(day) for day in folded["effective_on"].unique().sort())
    if folded["date_is_assumed"].any():
        when = language.say("{day} (ngày giả định)", day=when)
    return _tile(
        language.say("Bộ phận một cửa"),
        _ARROW.join(numbers.count(count) for count in counts),
        said,
        language.say("từ ngày {day}", day=when),
    )


def _effect(
    language: Language,
    change: Mapping[str, Any],
    effect: Mapping[str, Any],
) -> str:
    unit, verdict = str(effect["unit"]), str(effect["verdict"])
    if effect["estimate"] is None or effect["low"] is None:
        value = write_value(language, unit, None)
        interval = language.say("không có ước lượng")
    else:
        value = write_change(language, unit, effect["estimate"])
        interval = language.say(
            "khoảng tin cậy 95 %: {interval}",
            interval=write_interval(language, unit, effect["low"], effect["high"]),
        )
    tone, shape = {
        "better": ("mc-good", "met"),
        "worse": ("mc-bad", "missed"),
    }.get(verdict, ("mc-even", "flat"))
    claim = escape(name_verdict(language, verdict))
    said = f'<span class="mc-change {tone}">{mark(shape)}{claim}</span>'
    return _tile(
        name_outcome(language, str(effect["outcome"])),
        value,
        interval,
        name_impact(language, change),
        said,
        is_claimed=verdict not in ("undetermined", "descriptive"),
    )


def _tile(
    title: str, value: str, basis: str, foot: str, said: str = "", *, is_claimed: bool = True
) -> str:
    """A tile; what is no claim of an effect is set softly."""
    look = "mc-value" if is_claimed else "mc-value mc-small"
    return (
        f'<div class="mc-tile"><h3>{escape(title)}</h3>'
        f'<p class="mc-figure"><span class="{look}">{escape(value)}</span></p>'
        f'<p class="mc-basis">{escape(basis)}</p>'
        f'<div class="mc-foot">{said}<span>{escape(foot)}</span></div></div>'
    )
