"""The table of headline figures by group, typeset by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import polars as pl

from dashboard.components.words import name_reason
from dashboard.figures import NO_FIGURE, Figure
from dashboard.i18n import Language
from dashboard.numbers import NOTHING
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import HEADLINE_DIGITIZATION, MIN_DENOMINATOR

COLUMNS = (
    "received",
    "resolved",
    "early_rate",
    "on_time_rate",
    "late_rate",
    HEADLINE_DIGITIZATION,
    "e_result_rate",
    "online_rate",
    "open",
    "overdue",
)


@dataclass(frozen=True)
class TableRow:
    """A line: its name and figures by metric; `absent` stands for a metric it lacks.

    `is_total` and `is_heading` change its weight, `link` is what its name opens.
    """

    name: str
    figures: Mapping[str, Figure]
    absent: Figure = NO_FIGURE
    is_total: bool = False
    is_heading: bool = False
    link: str | None = None


def figure_table(
    language: Language,
    metrics: Mapping[str, MetricSpec],
    rows: Sequence[TableRow],
    *,
    caption: str,
    first_column: str,
) -> str:
    """A table in a box of its own that scrolls sideways; nothing is shown as a dash."""
    groups = (
        (language.say("Khối lượng"), 2),
        (language.say("Thời hạn giải quyết"), 3),
        (language.say("Số hóa và trực tuyến"), 3),
        (language.say("Đang giải quyết"), 2),
    )
    short = {
        "received": language.say("Tiếp nhận"),
        "resolved": language.say("Đã giải quyết"),
        "early_rate": language.say("Trước hạn"),
        "on_time_rate": language.say("Đúng hạn"),
        "late_rate": language.say("Quá hạn"),
        HEADLINE_DIGITIZATION: language.say("Số hóa"),
        "e_result_rate": language.say("Kết quả điện tử"),
        "online_rate": language.say("Trực tuyến"),
        "open": language.say("Tất cả"),
        "overdue": language.say("Đã quá hạn"),
    }
    heads = "".join(f'<th colspan="{span}" scope="colgroup">{escape(t)}</th>' for t, span in groups)
    names = "".join(
        f'<th scope="col" title="{escape(metrics[m].formula_vi)}">{escape(short[m])}</th>'
        for m in COLUMNS
    )
    body = "".join(_row(language, metrics, row) for row in rows)
    return (
        f'<div class="mc-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="mc-table"><caption class="mc-unseen">{escape(caption)}</caption><thead>'
        f'<tr class="mc-groups"><th rowspan="2" scope="col">{escape(first_column)}</th>{heads}</tr>'
        f"<tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure_frame(
    language: Language,
    metrics: Mapping[str, MetricSpec],
    rows: Sequence[TableRow],
    *,
    first_column: str,
) -> pl.DataFrame:
    """The same rows for a file: a value a metric, of shares also what they divide; unrounded.

    A heading gives way to a column of its own.
    """
    top, bottom = language.say("tử số"), language.say("mẫu số")
    section, lines = "", list[dict[str, object]]()
    for row in rows:
        if row.is_heading:
            section = row.name
            continue
        line: dict[str, object] = {language.say("Nhóm"): section, first_column: row.name}
        for metric in COLUMNS:
            spec, figure = metrics[metric], row.figures.get(metric, row.absent)
            label = language.label(spec)
            if spec.unit == "count":
                line[label] = figure.numerator
                continue
            line[label] = figure.value
            line[f"{label} ({top})"] = figure.numerator
            line[f"{label} ({bottom})"] = figure.denominator
        lines.append(line)
    return pl.DataFrame(lines, infer_schema_length=None)


def share_columns(language: Language, metrics: Mapping[str, MetricSpec]) -> tuple[str, ...]:
    """The columns of `figure_frame` that hold fractions."""
    return tuple(language.label(metrics[m]) for m in COLUMNS if metrics[m].unit == "ratio")


def _row(language: Language, metrics: Mapping[str, MetricSpec], row: TableRow) -> str:
    name = escape(row.name)
    if row.is_heading:
        span = len(COLUMNS) + 1
        return (
            f'<tr class="mc-heading"><th colspan="{span}" scope="colgroup"><span>{name}</span>'
            "</th></tr>"
        )
    cells = "".join(
        _cell(language, metrics[metric], row.figures.get(metric, row.absent)) for metric in COLUMNS
    )
    kind = ' class="mc-total"' if row.is_total else ""
    if row.link is not None:
        name = f'<a href="{escape(row.link)}">{name}</a>'
    return f'<tr{kind}><th scope="row">{name}</th>{cells}</tr>'


def _cell(language: Language, spec: MetricSpec, figure: Figure) -> str:
    numbers = language.numbers
    if figure.value is None:
        reason = escape(name_reason(language, figure.status))
        return f'<td class="mc-none" title="{reason}">{NOTHING}</td>'
    if spec.unit == "count":
        return f"<td>{numbers.count(figure.value)}</td>"
    basis = f"{numbers.count(figure.numerator)} / {numbers.count(figure.denominator)}"
    if not figure.is_small:
        return f'<td title="{basis}">{numbers.percent(figure.value)}</td>'
    few = language.say_html("mẫu số dưới {least}", least=MIN_DENOMINATOR)
    return f'<td class="mc-small" title="{basis}; {few}">{numbers.percent(figure.value)}</td>'
