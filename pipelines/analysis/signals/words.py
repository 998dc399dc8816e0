"""A question in one sentence: the figure, whose it is, what was usual and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from pipelines.analysis.signals.explain import Cause
from pipelines.analysis.signals.phrases import (
    CAUSES,
    CHANNELS,
    EXCESS,
    EXPECTED,
    NO_CAUSE,
    NOTHING,
    SAID,
    SILENT,
    SPAN,
    STATES,
    Tongue,
)


@dataclass(frozen=True)
class Question:
    """What a sentence speaks of; `silent_since` is the day a shop was last heard of."""

    who: Mapping[Tongue, str]
    metric: str
    numerator: int
    denominator: int | None
    expected: float
    weeks: int
    last_on: date
    worse_is_more: bool
    causes: tuple[Cause, ...]
    silent_since: date | None = None


def write_sentence(question: Question, names: Mapping[str, str], tongue: Tongue) -> str:
    """The question in a language; `names` of procedures, fields and units by code."""
    day = _day(question.last_on, tongue)
    span = SPAN[question.weeks == 1][tongue].format(weeks=question.weeks, day=day)
    words = {"x": _count(question.numerator, tongue), "day": day, "span": span}
    if question.silent_since is not None:
        said = SILENT[tongue].format(**words, since=_day(question.silent_since, tongue))
    elif question.denominator is None and question.numerator == 0:
        said = NOTHING[tongue].format(**words)
    else:
        words["n"] = _count(question.denominator or 0, tongue)
        said = SAID[question.metric][tongue].format(**words)
    if question.denominator:
        said += f" ({_share(question.numerator / question.denominator, tongue, '0.0')})"
    said += EXPECTED[tongue].format(e=_about(question.expected, tongue))
    causes = [_name_cause(cause, question, names, tongue) for cause in question.causes]
    if not causes and question.silent_since is None:
        causes = [NO_CAUSE[tongue]]
    return "; ".join([f"{question.who[tongue]}: {said}", *causes]) + "."


def name_step(code: str, tongue: Tongue) -> str:
    """The words for a step, `4 Lãnh đạo`: who acts, and at which status."""
    status, _, office = code.partition(" ")
    state = STATES.get(status, {}).get(tongue, status)
    return f"{office} ({state})" if office else state


def _name_cause(cause: Cause, question: Question, names: Mapping[str, str], tongue: Tongue) -> str:
    name = names.get(cause.code, cause.code)
    if cause.kind == "channel":
        name = CHANNELS.get(cause.code, {}).get(tongue, cause.code)
    if cause.kind == "step":
        name = name_step(cause.code, tongue)
    return CAUSES[cause.kind][tongue].format(
        share=_share(cause.share, tongue),
        name=name,
        excess=EXCESS[question.worse_is_more][tongue],
    )


def _count(value: float, tongue: Tongue) -> str:
    return format_decimal(round(value), "#,##0", locale=tongue)


def _about(value: float, tongue: Tongue) -> str:
    return format_decimal(value, "#,##0" if value >= 10 else "0.0", locale=tongue)


def _share(value: float, tongue: Tongue, pattern: str = "0") -> str:
    """Vietnamese sets the sign apart: 91,9 %; a share beyond the whole is all of it."""
    sign = "\N{NO-BREAK SPACE}%" if tongue == "vi" else "%"
    return format_decimal(min(value, 1.0) * 100, pattern, locale=tongue) + sign


def _day(value: date, tongue: Tongue) -> str:
    return format_date(value, "dd/MM/yyyy" if tongue == "vi" else "d MMM yyyy", locale=tongue)
