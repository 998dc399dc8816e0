"""Rows of dossiers as a table, in the columns that the role has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from html import escape

import polars as pl

from dashboard.i18n import Language
from dashboard.numbers import NOTHING

_COLUMNS = ("procedure_code", "received", "due", "state")


def name_state(language: Language, state: str) -> str:
    """Which dossiers are meant."""
    names = {
        "open": language.say("Đang giải quyết"),
        "waiting": language.say("Đang chờ bổ sung"),
        "overdue": language.say("Đã quá hạn"),
    }
    return names.get(state, state)


def dossier_table(
    language: Language, rows: pl.DataFrame, units: Mapping[str, str], caption: str
) -> str:
    """Code or pseudonym, unit, procedure, reception, due date and state, as HTML.

    `units` are names by key.
    """
    first = rows.columns[0]
    heads = (
        language.say("Mã hồ sơ") if first == "dossier_code" else language.say("Bí danh hồ sơ"),
        language.say("Đơn vị"),
        language.say("Thủ tục"),
        language.say("Tiếp nhận"),
        language.say("Hẹn trả"),
        language.say("Trạng thái"),
    )
    named = rows.rename({name: name[:-3] for name in rows.columns if name[-3:] in ("_at", "_on")})
    body = "".join(
        f'<tr><th scope="row">{escape(str(row[first]))}</th>'
        f"<td>{escape(units.get(row['unit_key'], NOTHING))}</td>"
        + "".join(f"<td>{_write(language, name, row)}</td>" for name in _COLUMNS)
        + "</tr>"
        for row in named.iter_rows(named=True)
    )
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    return (
        f'<div class="mc-scroll mc-tall" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="mc-table mc-plain"><caption class="mc-unseen">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _write(language: Language, name: str, row: dict[str, object]) -> str:
    value = row[name]
    if isinstance(value, datetime):
        return language.numbers.moment(value)
    if isinstance(value, date):
        return language.numbers.day(value)
    if name == "state":
        return escape(name_state(language, "overdue" if row["is_overdue"] else str(value)))
    return NOTHING if value is None else escape(str(value))
