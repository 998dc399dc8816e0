"""Definitions side by side: a table of what each counts, and a list of who moves and why."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard.components.words import name_class, name_reason
from dashboard.i18n import Language
from dashboard.numbers import NOTHING
from pipelines.serving.definitions import ComparedDefinition, Move, Share, name_move
from pipelines.serving.parameters import MIN_DENOMINATOR

_CLASSES = ("early", "on_time", "late", "no_due_date")
_SHARE = "early_or_on_time_rate"


def definition_table(language: Language, compared: Sequence[ComparedDefinition]) -> str:
    """One definition a row, as HTML: rule, population, classes and the share in time."""
    columns = (
        language.say("Cách tính"),
        language.say("Hồ sơ được tính"),
        *(name_class(language, name) for name in _CLASSES),
        language.say("Trước và đúng hạn"),
    )
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    base = compared[0]
    body = "".join(_row(language, each, base, columns) for each in compared)
    caption = escape(language.say("Cùng kỳ theo từng cách tính"))
    return (
        f'<div class="mc-scroll" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="mc-table mc-rules"><caption class="mc-unseen">{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def move_list(language: Language, compared: Sequence[ComparedDefinition]) -> str:
    """Every definition but that of the form: who stands elsewhere, how many, and why, as HTML."""
    return f'<div class="mc-moves">{"".join(_moves(language, e) for e in compared[1:])}</div>'


def _row(
    language: Language,
    each: ComparedDefinition,
    base: ComparedDefinition,
    columns: Sequence[str],
) -> str:
    definition = each.definition
    is_vi = language.code == "vi"
    label = definition.label_vi if is_vi else definition.label_en
    rule = definition.rule_vi if is_vi else definition.rule_en
    whom = definition.population_vi if is_vi else definition.population_en
    name = (
        f"<span>{escape(label)}</span><small>{escape(rule)}</small>"
        f'<small lang="vi"><em>{escape(definition.legal_basis)}</em></small>'
    )
    if each.classified is None:
        why = name_reason(language, "period_incomplete")
        return (
            f'<tr><th scope="row">{name}</th>'
            f'<td class="mc-refused" colspan="{len(columns) - 1}">{escape(why)}</td></tr>'
        )
    is_comparable = each is not base and not definition.periods
    cells = [
        f"<b>{language.numbers.count(each.classified)}</b><small>{escape(whom)}</small>",
        *(
            _class_cell(language, each, base if is_comparable else None, name_)
            for name_ in _CLASSES
        ),
        _share_cell(language, each.shares[_SHARE]),
    ]
    shown = "".join(
        f'<td data-label="{escape(column)}">{cell}</td>'
        for column, cell in zip(columns[1:], cells, strict=True)
    )
    return f'<tr data-definition="{definition.id}"><th scope="row">{name}</th>{shown}</tr>'


def _class_cell(
    language: Language, each: ComparedDefinition, base: ComparedDefinition | None, name: str
) -> str:
    """A count, and how far it lies from that of the form."""
    count = getattr(each, name)
    if count is None:
        reason = escape(name_reason(language, "not_in_definition"))
        return f'<span class="mc-none" title="{reason}">{NOTHING}</span>'
    shown = f"<b>{language.numbers.count(count)}</b>"
    of_form = None if base is None else getattr(base, name)
    if of_form is None or of_form == count:
        return shown
    return f"{shown}<small>{language.numbers.difference(count - of_form)}</small>"


def _share_cell(language: Language, share: Share) -> str:
    numbers = language.numbers
    if share.value is None or share.denominator is None:
        return f'<span class="mc-none">{NOTHING}</span>'
    faint = ' class="mc-small"' if share.denominator < MIN_DENOMINATOR else ""
    basis = f"{numbers.count(share.numerator)} / {numbers.count(share.denominator)}"
    return f"<b{faint}>{numbers.percent(share.value)}</b><small>{basis}</small>"


def _moves(language: Language, each: ComparedDefinition) -> str:
    is_vi = language.code == "vi"
    label = each.definition.label_vi if is_vi else each.definition.label_en
    if each.classified is None or (not each.moves and each.inside is None):
        sentence = each.sentence_vi if is_vi else each.sentence_en
        body = f"<p>{escape(sentence)}</p>"
    else:
        told = [*each.moves, *([each.inside] if each.inside else [])]
        body = f"<ul>{''.join(_move(language, move) for move in told)}</ul>"
    return f'<article data-moves="{each.definition.id}"><h3>{escape(label)}</h3>{body}</article>'


def _move(language: Language, move: Move) -> str:
    vi, en = name_move(move)
    said = language.say("nằm trong") if move.is_inside else language.say("thành")
    between = (
        f'<span class="mc-note">{escape(said)}</span>'
        if move.is_inside
        else f'<span aria-hidden="true">→</span><span class="mc-unseen"> {escape(said)} </span>'
    )
    return (
        f'<li><p class="mc-change-of-class"><span>{escape(name_class(language, move.class_from))}'
        f"</span>{between}"
        f"<span>{escape(name_class(language, move.class_to))}</span></p>"
        f"<p>{escape(vi if language.code == 'vi' else en)}</p></li>"
    )
