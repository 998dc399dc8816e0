"""The same period under every deadline definition, all of it asked of the metric layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.serving.definitions.reasons import BASE, Move, say_difference
from pipelines.serving.metrics.boundaries import Boundaries
from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.metrics.registry import Definition

Ask = Callable[[MetricQuery], pl.DataFrame]
"""The metric layer's `query`, or one that remembers its answers."""

CLASSES = ("early", "on_time", "late", "no_due_date")
SHARES = ("early_rate", "on_time_rate", "late_rate", "early_or_on_time_rate")
_WHOLE = "early_or_on_time_rate"  # its denominator is everything that is classified


@dataclass(frozen=True)
class Share:
    """A share as a fraction 0-1; None over nothing, or where the definition has no such class."""

    numerator: int | None
    denominator: int | None
    value: float | None


@dataclass(frozen=True)
class ComparedDefinition:
    """One definition in the period.

    `classified` counts those it classifies, None where it cannot be asked for the period. A
    class it does not have is None. `shares` are by metric id. `moves` are the dossiers whose
    class differs from that under form II.06a, the most first; `inside` those early by the form
    that it counts inside on time. `sentence_vi` and `sentence_en` say why.
    """

    definition: Definition
    classified: int | None
    early: int | None
    on_time: int | None
    late: int | None
    no_due_date: int | None
    shares: Mapping[str, Share]
    moves: tuple[Move, ...]
    inside: Move | None
    sentence_vi: str
    sentence_en: str


def compare_definitions(
    ask: Ask,
    definitions: Mapping[str, Definition],
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    units: tuple[str, ...] = (),
    level: str | None = None,
    boundaries: Boundaries = "as_was",
) -> tuple[ComparedDefinition, ...]:
    """Every definition in the period of `first_on` to `last_on`, inclusive, in their own order.

    A definition by periods is asked only where the days are exactly one of its periods; the end
    of that period may lie after the data. Raises `MetricQueryError` for a unit or level that
    the snapshot does not know.
    """
    question = MetricQuery(
        (*CLASSES, *SHARES),
        units=units,
        level=level,
        date_from=first_on,
        date_to=last_on,
        boundaries=boundaries,
    )
    return tuple(_compare(ask, definition, question) for definition in definitions.values())


def is_defined_for(definition: Definition, query: MetricQuery) -> bool:
    """Whether a definition says anything of the period and grain of a question."""
    return not definition.periods or query.period in definition.periods


def _compare(ask: Ask, definition: Definition, question: MetricQuery) -> ComparedDefinition:
    if not is_defined_for(definition, question):
        sentence_vi, sentence_en = say_difference(definition, None, ())
        return ComparedDefinition(
            definition, None, None, None, None, None, {}, (), None, sentence_vi, sentence_en
        )
    answer = ask(replace(question, definition=definition.id))
    figures = {
        str(row["metric"]): Share(row["numerator"], row["denominator"], row["value"])
        for row in answer.iter_rows(named=True)
    }
    classified = figures[_WHOLE].denominator
    found = _ask_moves(ask, definition, question)
    sentence_vi, sentence_en = say_difference(definition, classified or 0, found)
    return ComparedDefinition(
        definition=definition,
        classified=classified,
        **{name: figures[name].numerator for name in CLASSES},
        shares={name: figures[name] for name in SHARES},
        moves=tuple(move for move in found if not move.is_inside),
        inside=next((move for move in found if move.is_inside), None),
        sentence_vi=sentence_vi,
        sentence_en=sentence_en,
    )


def _ask_moves(ask: Ask, definition: Definition, question: MetricQuery) -> list[Move]:
    if definition.id == BASE:
        return []
    answer = ask(
        replace(
            question,
            metrics=("compared",),
            by=("class_from", "class_to"),
            definition=definition.id,
        )
    )
    moved = answer.filter(
        (pl.col("class_from") != pl.col("class_to")) & (pl.col("numerator") > 0)
    ).sort("numerator", "class_from", "class_to", descending=[True, False, False])
    return [
        Move(definition.id, *row)
        for row in moved.select("class_from", "class_to", "numerator").iter_rows()
    ]
