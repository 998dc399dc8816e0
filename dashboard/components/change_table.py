"""The table of all changes: when, what became what, by which source, with which effect."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from dashboard.components.merger_words import name_kind, write_change, write_interval
from dashboard.i18n import Language
from dashboard.numbers import NOTHING

_ORDER = {"shop_merger": 0, "unit_split": 1, "unit_merger": 2, "unit_abolished": 3}


def change_table(
    language: Language,
    changes: pl.DataFrame,
    effects: Mapping[tuple[str, str], Mapping[str, Any]],
) -> str:
    """Every change a row, the oldest day first, as HTML in a box that scrolls."""
    columns = (
        language.say("Từ → Đến"),
        language.say("Ngày"),
        language.say("Việc"),
        language.say("Tỷ lệ"),
        language.say("Tác động ước lượng"),
        language.say("Nguồn"),
    )
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    rows = changes.sort("effective_on", pl.col("kind").replace_strict(_ORDER), "from_key")
    body = "".join(_row(language, row, columns, effects) for row in rows.iter_rows(named=True))
    caption = escape(language.say("Tất cả các thay đổi của mạng lưới"))
    return (
        f'<div class="mc-scroll mc-tall" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="mc-table mc-cards mc-of-6 mc-changes"><caption class="mc-unseen">{caption}'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(
    language: Language,
    row: Mapping[str, Any],
    columns: tuple[str, ...],
    effects: Mapping[tuple[str, str], Mapping[str, Any]],
) -> str:
    numbers = language.numbers
    assumed = f"<small>{language.say_html('giả định')}</small>"
    day = escape(numbers.day(row["effective_on"])) + (assumed if row["date_is_assumed"] else "")
    share = escape(numbers.percent(row["share"], 0)) + (assumed if row["share_is_assumed"] else "")
    cells = (
        day,
        escape(name_kind(language, row["kind"])),
        share,
        _effects(language, row["change_id"], effects),
        f"<small>{escape(row['source'] or NOTHING)}</small>",
    )
    data = "".join(
        f'<td data-label="{escape(column)}">{cell}</td>'
        for column, cell in zip(columns[1:], cells, strict=True)
    )
    names = f"{escape(row['from_name_vi'])} → {escape(row['to_name_vi'])}"
    return f'<tr><th scope="row" lang="vi"><span>{names}</span></th>{data}</tr>'


def _effects(
    language: Language,
    change_id: str,
    effects: Mapping[tuple[str, str], Mapping[str, Any]],
) -> str:
    told_short = {
        "working_days_mean": language.say("thời gian"),
        "online_rate": language.say("trực tuyến"),
        "late_rate": language.say("quá hạn"),
    }  # all outcomes stand with the change, above
    lines: list[str] = []
    for outcome, name in told_short.items():
        effect = effects.get((change_id, outcome))
        if effect is None or effect["low"] is None or effect["verdict"] == "descriptive":
            continue
        unit = str(effect["unit"])
        told = write_change(language, unit, effect["estimate"])
        interval = write_interval(language, unit, effect["low"], effect["high"])
        lines.append(
            f"<span>{escape(name)} <b>{escape(told)}</b> <small>({escape(interval)})</small></span>"
        )
    return "".join(lines) or NOTHING
