"""Headline tiles: one figure, what it rests on, its target, its change and its year."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard.about import Target
from dashboard.components.marks import mark, svg_address
from dashboard.components.words import name_reason
from dashboard.figures import Change, Figure
from dashboard.i18n import Language
from pipelines.serving.metrics import MetricSpec
from pipelines.serving.parameters import MIN_DENOMINATOR

_COLOURS = {"better": "mc-good", "worse": "mc-bad", "neutral": "mc-even"}


def tile_grid(title: str, tiles: Sequence[str], *, note: str = "") -> str:
    """A titled row of tiles; `note` is HTML."""
    small = f'<span class="mc-note">{note}</span>' if note else ""
    return (
        f'<section class="mc-section"><h2>{escape(title)}{small}</h2>'
        f'<div class="mc-tiles mc-of-{len(tiles)}">{"".join(tiles)}</div></section>'
    )


def tile(
    language: Language,
    spec: MetricSpec,
    figure: Figure,
    *,
    detail: str,
    target: Target | None,
    change: Change | None,
    spark: str | None,
    is_lead: bool = False,
    link: str | None = None,
) -> str:
    """One tile as HTML. `detail` is plain text, `spark` an SVG document, `link` what it opens."""
    value = _write_value(language, spec, figure)
    basis = detail if figure.value is not None else name_reason(language, figure.status)
    faint = " mc-small" if figure.is_small and figure.value is not None else ""
    image = _spark_image(language, spec, spark)
    classes = "mc-tile mc-lead" if is_lead else "mc-tile"
    return (
        f'<article class="{classes}" data-metric="{escape(spec.name)}">'
        f'<h3 title="{escape(spec.formula_vi)}">{_name(language, spec, link)}</h3>'
        f'<div class="mc-figure"><span class="mc-value{faint}">{escape(value)}</span>{image}</div>'
        f'<p class="mc-basis">{escape(basis)}</p>'
        f'<div class="mc-foot">{_target_line(language, spec, figure, target)}'
        f"{_change_line(language, figure, change)}</div></article>"
    )


def write_basis(language: Language, figure: Figure, population: str) -> str:
    """Numerator over denominator and what they are: `2.066 / 2.217 hồ sơ tiếp nhận`."""
    numbers = language.numbers
    return f"{numbers.count(figure.numerator)} / {numbers.count(figure.denominator)} {population}"


def _name(language: Language, spec: MetricSpec, link: str | None) -> str:
    name = escape(language.label(spec))
    return name if link is None else f'<a class="mc-whole" href="{escape(link)}">{name}</a>'


def _spark_image(language: Language, spec: MetricSpec, spark: str | None) -> str:
    if spark is None:
        return ""
    said = language.say("{metric}: 13 tháng gần nhất", metric=language.label(spec))
    return f'<img class="mc-spark" src="{svg_address(spark)}" alt="{escape(said)}">'


def _write_value(language: Language, spec: MetricSpec, figure: Figure) -> str:
    numbers = language.numbers
    return numbers.percent(figure.value) if spec.unit == "ratio" else numbers.count(figure.value)


def _target_line(
    language: Language, spec: MetricSpec, figure: Figure, target: Target | None
) -> str:
    if target is None:
        return ""
    numbers = language.numbers
    is_share = spec.unit == "ratio"
    goal = numbers.percent(target.value) if is_share else numbers.count(target.value)
    sign = "≤" if target.direction == "down" else "≥"
    aim = language.say_html("mục tiêu {sign} {goal}", sign=sign, goal=goal)
    if figure.value is None or figure.is_small:
        return f'<span class="mc-target mc-even">{aim}</span>'
    if target.is_met(figure.value):
        word = language.say_html("Đạt")
        return f'<span class="mc-target mc-good">{mark("met")}<b>{word}</b> {aim}</span>'
    word = language.say_html("Chưa đạt")
    return f'<span class="mc-target mc-bad">{mark("missed")}<b>{word}</b> {aim}</span>'


def _change_line(language: Language, figure: Figure, change: Change | None) -> str:
    if change is None:
        text = (
            language.say_html("Mẫu số dưới {least}: không so sánh", least=MIN_DENOMINATOR)
            if figure.is_small and figure.value is not None
            else language.say_html("Không có cùng kỳ để so sánh")
        )
        return f'<span class="mc-change mc-even">{mark("flat")}{text}</span>'
    numbers = language.numbers
    if change.is_points:
        text = language.say_html(
            "{change} điểm % so với cùng kỳ", change=numbers.points(change.amount)
        )
    else:
        text = language.say_html("{change} so với cùng kỳ", change=numbers.change(change.amount))
    arrow = "flat" if not change.is_visible else "up" if change.amount > 0 else "down"
    verdicts = {
        "better": language.say("tốt hơn"),
        "worse": language.say("kém hơn"),
        "neutral": "",
    }
    verdict = verdicts[change.verdict]
    said = f'<span class="mc-unseen"> ({escape(verdict)})</span>' if verdict else ""
    return (
        f'<span class="mc-change {_COLOURS[change.verdict]}">{mark(arrow)}<span>{text}{said}'
        "</span></span>"
    )
