"""The score of Decision 766 as HTML: its total, its items, what is not measured, the units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from html import escape
from itertools import groupby

from dashboard.components.score_words import (
    name_group,
    name_item,
    name_lack,
    name_rule,
    unit_facts,
)
from dashboard.i18n import Language
from dashboard.numbers import NOTHING
from dashboard.score import ScoredUnit, has_small, is_small
from pipelines.serving.calendar_periods import CalendarPeriod
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import MIN_DENOMINATOR
from pipelines.serving.score766 import ItemScore, Score, add_points
from pipelines.serving.score_parameters import ScoreItem


def score_summary(language: Language, score: Score, *, name: str, is_over: bool, as_of: str) -> str:
    """The total out of the measurable points, and a sentence on how far it can be read."""
    numbers = language.numbers
    measurable, most = score.measurable_points, score.max_points
    out_of = language.say_html(
        "trên {measurable} điểm đo được", measurable=numbers.whole_score(measurable)
    )
    said = [
        language.say_html(
            "Đo được {measurable} trên {most} điểm của Quyết định 766;"
            " {rest} điểm còn lại chưa đo được, để trống chứ không tính là 0.",
            measurable=numbers.whole_score(measurable),
            most=numbers.whole_score(most),
            rest=numbers.whole_score(most - measurable),
        ),
        _band_sentence(language, score),
    ]
    faint = ' class="mc-small"' if has_small(score) else ""
    if faint:
        few = language.say_html(
            "Có nội dung dựa trên dưới {least} hồ sơ: chỉ để tham khảo, không so sánh.",
            least=MIN_DENOMINATOR,
        )
        said.append(few)
    if not is_over:
        said.append(language.say_html("Kỳ chưa kết thúc: tính đến {day}.", day=as_of))
    return (
        '<section class="mc-section mc-score-total">'
        f'<div class="mc-score-figure"><p class="mc-score-name">{escape(name)}</p>'
        f'<p class="mc-score-points"><b{faint}>{numbers.score(score.points)}</b>'
        f" <span>{out_of}</span></p>"
        f"{_bar(score.share)}</div><p>{' '.join(said)}</p></section>"
    )


def item_table(
    language: Language, metrics: Mapping[str, MetricSpec], score: Score, caption: str
) -> str:
    """The measured items by group: share, target, points of most points, and a bar."""
    columns = (
        language.say("Nội dung"),
        language.say("Tỷ lệ"),
        language.say("Mục tiêu"),
        language.say("Điểm"),
        language.say("Phần đạt được"),
    )
    measured = [item for item in score.items if item.exact is not None]
    body = "".join(
        _group_row(language, group, list(items), columns, metrics)
        for group, items in groupby(measured, key=lambda item: item.item.group)
    )
    return _cards(caption, columns, body, "mc-score mc-of-5")


def lack_table(language: Language, score: Score, caption: str) -> str:
    """The items without points and why."""
    columns = (
        language.say("Nội dung"),
        language.say("Điểm tối đa"),
        language.say("Vì sao chưa đo được"),
    )
    lacking = [item for item in score.items if item.exact is None]
    body = "".join(
        _heading(language, group, len(columns), "") + _lack_rows(language, list(items), columns)
        for group, items in groupby(lacking, key=lambda item: item.item.group)
    )
    return _cards(caption, columns, body, "mc-score mc-lack mc-of-3")


def units_table(
    language: Language, period: CalendarPeriod, units: Sequence[ScoredUnit], caption: str
) -> str:
    """Units with their points, the points measured and the points of each measured item."""
    items = _measured_items(units)
    numbers = language.numbers
    heads = "".join(
        f'<th scope="col">{escape(name_item(language, item))}'
        f"<small>/ {numbers.whole_score(item.max_points)}</small></th>"
        for item in items
    )
    body = "".join(_unit_row(language, period, unit, items) for unit in units)
    return (
        f'<div class="mc-scroll mc-tall" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="mc-table mc-score-units"><caption class="mc-unseen">{escape(caption)}'
        f'</caption><thead><tr><th scope="col">{language.say_html("Đơn vị")}</th>'
        f'<th scope="col">{language.say_html("Điểm")}</th>'
        f'<th scope="col">{language.say_html("Điểm đo được")}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _band_sentence(language: Language, score: Score) -> str:
    band = score.band
    if band is not None:
        label = band.label_vi if language.code == "vi" else band.label_en
        return language.say_html("Xếp loại: {band}.", band=label)
    least = min((b.least_measurable_points for b in score.bands), default=None)
    if least is None:
        return ""
    return language.say_html(
        "Chưa xếp loại, chưa xếp hạng: cần đo được ít nhất {least} điểm.",
        least=language.numbers.whole_score(least),
    )


def _group_row(
    language: Language,
    group: str,
    items: Sequence[ItemScore],
    columns: Sequence[str],
    metrics: Mapping[str, MetricSpec],
) -> str:
    points, most = add_points(items)
    sum_of = language.say_html(
        "{points} / {most} điểm",
        points=language.numbers.score(points),
        most=language.numbers.whole_score(most),
    )
    head = _heading(language, group, len(columns), f" · {sum_of}")
    return head + "".join(_item_row(language, item, columns, metrics) for item in items)


def _lack_rows(language: Language, items: Sequence[ItemScore], columns: Sequence[str]) -> str:
    numbers = language.numbers
    return "".join(
        _row(
            f"<span>{escape(name_item(language, one.item))}</span>",
            (
                language.say_html("{most} điểm", most=numbers.whole_score(one.item.max_points)),
                escape(name_lack(language, one)),
            ),
            columns,
        )
        for one in items
    )


def _heading(language: Language, group: str, columns: int, more: str) -> str:
    return (
        f'<tr class="mc-heading"><th colspan="{columns}" scope="colgroup">'
        f"<span>{escape(name_group(language, group))}{more}</span></th></tr>"
    )


def _item_row(
    language: Language,
    scored: ItemScore,
    columns: Sequence[str],
    metrics: Mapping[str, MetricSpec],
) -> str:
    numbers, item = language.numbers, scored.item
    basis = f"{numbers.count(scored.numerator)} / {numbers.count(scored.denominator)}"
    ratio = None if scored.ratio is None else float(scored.ratio)
    faint = ' class="mc-small"' if is_small(scored) else ""
    few = (
        f"<small>{language.say_html('mẫu số dưới {least}', least=MIN_DENOMINATOR)}</small>"
        if faint
        else ""
    )
    words = [name_rule(language, item)]
    if item.metric is not None and item.metric in metrics:
        words.insert(0, language.label(metrics[item.metric]))
    cells = (
        f"<b{faint}>{numbers.percent(ratio)}</b><small>{basis}</small>{few}",
        NOTHING if item.target is None else f"≥ {numbers.percent(float(item.target), 0)}",
        f"<b{faint}>{numbers.score(scored.points)}</b> / {numbers.whole_score(item.max_points)}",
        _bar(scored.share),
    )
    more = escape(" · ".join(words))
    name = f"<span>{escape(name_item(language, item))}</span><small>{more}</small>"
    return _row(name, cells, columns)


def _unit_row(
    language: Language, period: CalendarPeriod, unit: ScoredUnit, items: Sequence[ScoreItem]
) -> str:
    numbers, score = language.numbers, unit.score
    by_item = {one.item.item: one for one in score.items}
    cells = "".join(_points_cell(language, by_item[item.item]) for item in items)
    faint = ' class="mc-small"' if unit.is_small else ""
    more = " · ".join(unit_facts(language, unit, period))
    facts = f"<small>{escape(more)}</small>" if more else ""
    return (
        f'<tr><th scope="row">{escape(unit.name)}{facts}</th>'
        f"<td{faint}><b>{numbers.score(score.points)}</b></td>"
        f"<td>{numbers.whole_score(score.measurable_points)}</td>{cells}</tr>"
    )


def _points_cell(language: Language, scored: ItemScore) -> str:
    numbers = language.numbers
    if scored.exact is None:
        reason = escape(name_lack(language, scored))
        return f'<td class="mc-none" title="{reason}">{NOTHING}</td>'
    basis = f"{numbers.count(scored.numerator)} / {numbers.count(scored.denominator)}"
    faint = ' class="mc-small"' if is_small(scored) else ""
    return f'<td{faint} title="{basis}">{numbers.score(scored.points)}</td>'


def _measured_items(units: Sequence[ScoredUnit]) -> list[ScoreItem]:
    """Items that any of the units has points for, in the order of the decision."""
    found = {
        one.item.item: one.item
        for unit in units
        for one in unit.score.items
        if one.exact is not None
    }
    return sorted(found.values(), key=lambda item: item.position)


def _bar(share: Fraction | None) -> str:
    if share is None:
        return ""
    width = f"{float(share):.1%}".removesuffix("%")
    return f'<div class="mc-bar" aria-hidden="true"><i style="width:{width}%"></i></div>'


def _cards(caption: str, columns: Sequence[str], body: str, kind: str) -> str:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f'<div class="mc-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="mc-table mc-cards {kind}">'
        f'<caption class="mc-unseen">{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(name: str, cells: Sequence[str], columns: Sequence[str]) -> str:
    shown = "".join(
        f'<td data-label="{escape(column)}"><div>{cell}</div></td>'
        for column, cell in zip(columns[1:], cells, strict=True)
    )
    return f'<tr><th scope="row">{name}</th>{shown}</tr>'
