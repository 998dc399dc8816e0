"""Every estimate of one outcome, for whoever wants to check: method, interval, second opinion."""

from __future__ import annotations

from html import escape

import polars as pl

from dashboard.components.merger_words import name_estimator, write_change, write_interval
from dashboard.i18n import Language
from dashboard.numbers import NOTHING


def estimate_table(language: Language, estimates: pl.DataFrame) -> str:
    """A closed box with a row for every estimator, the one that is told first, as HTML."""
    columns = (
        language.say("Cách ước lượng"),
        language.say("Ước lượng"),
        language.say("Khoảng tin cậy 95 %"),
        language.say("Giá trị p"),
        language.say("Tính lại bằng phần mềm khác"),
    )
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    rows = estimates.sort("is_headline", "estimator", descending=[True, False])
    body = "".join(_row(language, row) for row in rows.iter_rows(named=True))
    title = language.say_html("Các cách ước lượng")
    return (
        f'<details class="mc-estimates"><summary>{title}</summary>'
        f'<div class="mc-scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="mc-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _row(language: Language, row: dict[str, object]) -> str:
    unit = str(row["unit"])
    estimate, low, high, p_value, second = (
        value if isinstance(value := row[name], float) else None
        for name in ("estimate", "low", "high", "p_value", "second_opinion")
    )
    interval = NOTHING
    if low is not None and high is not None:
        interval = write_interval(language, unit, low, high)
    cells = (
        NOTHING if estimate is None else write_change(language, unit, estimate),
        interval,
        language.numbers.probability(p_value),
        NOTHING if second is None else write_change(language, unit, second),
    )
    told = language.say(" (số được nêu)") if row["is_headline"] else ""
    name = escape(name_estimator(language, str(row["estimator"])) + told)
    data = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{name}</th>{data}</tr>'
