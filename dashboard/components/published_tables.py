"""Tables of published figures: beside ours where they are compared, plain where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape

from dashboard.about import About
from dashboard.components.marks import mark
from dashboard.components.words import name_definition, name_reason
from dashboard.i18n import Language
from dashboard.numbers import NOTHING
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import MIN_DENOMINATOR
from pipelines.serving.published import ComparedFigure, PublishedFigure

_KINDS = {
    "agrees": ("mc-good", "met"),
    "inside": ("mc-good", "met"),
    "differs": ("mc-warn", "missed"),
    "outside": ("mc-warn", "missed"),
    "none": ("mc-even", "flat"),
}


def titled(title: str, table: str) -> str:
    """A section with its heading, as HTML."""
    return f'<section class="mc-section"><h2>{escape(title)}</h2>{table}</section>'


def summary(language: Language, about: About, figures: Sequence[ComparedFigure]) -> str:
    """How many figures agree, differ and cannot be compared, and what synthetic data means."""
    count = language.numbers.count
    agreeing = [f for f in figures if f.verdict in ("agrees", "inside")]
    differing = [f for f in figures if f.verdict in ("differs", "outside")]
    facts = (
        ("mc-good", "met", language.say("khớp số công bố"), len(agreeing)),
        ("mc-warn", "missed", language.say("khác số công bố"), len(differing)),
        (
            "mc-even",
            "flat",
            language.say("chưa so sánh được"),
            len(figures) - len(agreeing) - len(differing),
        ),
    )
    shown = "".join(
        f'<li class="{kind}">{mark(shape)}<b>{count(number)}</b> {escape(words)}</li>'
        for kind, shape, words, number in facts
    )
    reading = language.say_html(
        "Mỗi số đã công bố được tính lại từ hồ sơ, theo đúng định nghĩa và kỳ ghi bên cạnh."
        " Khớp: bằng nhau đến chữ số đã công bố, hoặc lệch không quá nửa hồ sơ."
    )
    scale = (
        language.say_html(
            "Số liệu đang xem là mô phỏng: số hồ sơ theo quy mô mô phỏng, không phải quy mô thật."
        )
        if about.is_synthetic
        else ""
    )
    said = f"<p>{reading} {scale}</p>"
    return f'<section class="mc-section mc-compared"><ul>{shown}</ul>{said}</section>'


def comparison_table(
    language: Language,
    metrics: Mapping[str, MetricSpec],
    figures: Sequence[ComparedFigure],
    caption: str,
) -> str:
    """Published, computed, difference, verdict and source, one figure a row, as HTML."""
    columns = (
        language.say("Chỉ tiêu"),
        language.say("Công bố"),
        language.say("Tính được"),
        language.say("Chênh lệch"),
        language.say("Nhận xét"),
        language.say("Nguồn"),
    )
    body = "".join(_compared_row(language, metrics, figure, columns) for figure in figures)
    return _table(caption, columns, body)


def plain_table(language: Language, figures: Sequence[ComparedFigure], caption: str) -> str:
    """Published figures that nothing is read against, with the reason, as HTML."""
    columns = (
        language.say("Chỉ tiêu"),
        language.say("Công bố"),
        language.say("Tại ngày"),
        language.say("Nhận xét"),
        language.say("Nguồn"),
    )
    body = "".join(_plain_row(language, figure, columns) for figure in figures)
    return _table(caption, columns, body)


def _table(caption: str, columns: Sequence[str], body: str) -> str:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f'<div class="mc-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="mc-table mc-cards mc-of-{len(columns)}">'
        f'<caption class="mc-unseen">{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _compared_row(
    language: Language,
    metrics: Mapping[str, MetricSpec],
    compared: ComparedFigure,
    columns: Sequence[str],
) -> str:
    published = compared.published
    cells = (
        f"<b>{_published_value(language, published)}</b>",
        _computed_value(language, compared),
        _difference(language, compared),
        _verdict(language, compared),
        escape(published.source),
    )
    return _row(_name(language, published, _meaning(language, metrics, published)), cells, columns)


def _plain_row(language: Language, compared: ComparedFigure, columns: Sequence[str]) -> str:
    published = compared.published
    unsure = ' class="mc-unsure"' if published.basis == "unverified" else ""
    cells = (
        f"<b{unsure}>{_published_value(language, published)}</b>",
        language.numbers.day(published.as_of_on),
        _verdict(language, compared),
        escape(published.source),
    )
    return _row(_name(language, published, ""), cells, columns)


def _row(name: str, cells: Sequence[str], columns: Sequence[str]) -> str:
    shown = "".join(
        f'<td data-label="{escape(column)}"><div>{cell}</div></td>'
        for column, cell in zip(columns[1:], cells, strict=True)
    )
    return f'<tr><th scope="row">{name}</th>{shown}</tr>'


def _name(language: Language, published: PublishedFigure, meaning: str) -> str:
    is_vi = language.code == "vi"
    label = published.label_vi if is_vi else published.label_en
    note = (published.note_vi if is_vi else published.note_en) or ""
    more = "".join(f"<small>{escape(line)}</small>" for line in (meaning, note) if line)
    return f"<span>{escape(label)}</span>{more}"


def _meaning(
    language: Language, metrics: Mapping[str, MetricSpec], published: PublishedFigure
) -> str:
    """The metric asked, its definition where it depends on one, and its days."""
    numbers = language.numbers
    spec = metrics.get(published.metric or "")
    words = [language.label(spec)] if spec else []
    if published.definition:
        words.append(name_definition(language, published.definition))
    if published.first_on is None:
        words.append(language.say("tại ngày {day}", day=numbers.day(published.last_on)))
    else:
        words.append(f"{numbers.day(published.first_on)} – {numbers.day(published.last_on)}")
    return " · ".join(words)


def _published_value(language: Language, published: PublishedFigure) -> str:
    numbers = language.numbers
    if published.unit == "count":
        return numbers.count(published.published_value)
    # as many decimals as were published: 81,4 % is not 81,40 %
    last_place = Decimal(repr(round(published.rounded_to_value * 100, 4)))
    places = max(0, -last_place.normalize().adjusted())
    least = "≥ " if published.comparison == "at_least" else ""
    return least + numbers.percent(published.published_value, places)


def _computed_value(language: Language, compared: ComparedFigure) -> str:
    numbers = language.numbers
    if compared.value is None:
        return NOTHING
    if compared.denominator is None:
        return f"<b>{numbers.count(compared.value)}</b>"
    faint = ' class="mc-small"' if compared.reason == "few" else ""
    basis = f"{numbers.count(compared.numerator)} / {numbers.count(compared.denominator)}"
    return f"<b{faint}>{numbers.percent(compared.value)}</b><small>{basis}</small>"


def _difference(language: Language, compared: ComparedFigure) -> str:
    numbers, difference = language.numbers, compared.difference
    if difference is None or compared.published.comparison == "at_least":
        return NOTHING
    if compared.published.unit == "percent":
        return language.say_html("{change} điểm %", change=numbers.points(difference))
    relative = numbers.change(difference / compared.published.published_value)
    return f"{numbers.difference(difference)}<small>{relative}</small>"


def _verdict(language: Language, compared: ComparedFigure) -> str:
    kind, shape = _KINDS[compared.verdict]
    verdicts = {
        "agrees": language.say("Khớp"),
        "differs": language.say("Khác"),
        "inside": language.say("Trong khoảng đã công bố"),
        "outside": language.say("Ngoài khoảng đã công bố"),
    }
    reasons = {
        "unverified": language.say("Chưa kiểm chứng"),
        "not_computed": language.say("Chưa tính"),
        "period_incomplete": language.say("Số liệu chưa phủ trọn kỳ"),
        "few": language.say("mẫu số dưới {least}", least=MIN_DENOMINATOR),
        "other_place": language.say("Số liệu của nơi khác: không so sánh"),
    }
    words = verdicts.get(compared.verdict) or reasons.get(compared.reason)
    text = escape(words or name_reason(language, None))
    return f'<span class="mc-verdict {kind}">{mark(shape)}<span>{text}</span></span>'
