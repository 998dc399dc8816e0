"""`motcua metrics`: figures of the current snapshot through the metric layer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from pipelines.commands.as_of import AsOfOption, snapshot_of
from pipelines.commands.boundaries import (
    BoundariesOption,
    Reading,
    describe_reading,
    tell_reading,
)
from pipelines.commands.console import Format, refuse, tell, write_rows

if TYPE_CHECKING:
    from pipelines.serving.metrics import MetricLayer, MetricQuery

ALL = "all"
"""The answer under every definition, side by side."""


def metrics(
    metric: Annotated[
        list[str] | None, typer.Option(help="Metric id; repeat for several. Default: all.")
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="Comma-separated: unit, level, district, field, procedure, channel"
            " and one of day, week, month, quarter, year."
        ),
    ] = "",
    unit: Annotated[list[str] | None, typer.Option(help="Unit code; repeat for several.")] = None,
    level: Annotated[str | None, typer.Option(help="province, district or commune.")] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, included.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")
    ] = None,
    definition: Annotated[
        str, typer.Option(help="Rule of early, on time and late; `all` for every one.")
    ] = "ii06a",
    boundaries: BoundariesOption = Reading.as_was,
    as_of: AsOfOption = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Figures with numerator, denominator, definition and snapshot."""
    from pipelines.serving.metrics import (
        MetricLayer,
        MetricQuery,
        MetricQueryError,
        SnapshotError,
    )
    from pipelines.serving.metrics.snapshot import SealedSnapshot

    snapshot = snapshot_of(as_of)
    try:
        sealed = SealedSnapshot(snapshot.file)
        layer = MetricLayer(sealed)
        public = tuple(name for name, spec in layer.registry().items() if not spec.groups)
        question = MetricQuery(
            metrics=tuple(metric or public),
            by=tuple(part.strip() for part in by.split(",") if part.strip()),
            units=tuple(unit or ()),
            level=level,
            date_from=from_.date() if from_ else None,
            date_to=to.date() if to else None,
            definition=definition,
            boundaries=boundaries.value,
        )
        if definition == ALL:
            answer = _ask_all(layer, question)
            beside = _set_side_by_side(layer, question)
        else:
            answer, beside = layer.query(question), {}
    except MetricQueryError as error:
        raise refuse(str(error), 2) from None
    except SnapshotError as error:
        raise refuse(str(error)) from None
    reading = describe_reading(sealed, layer, boundaries, question.date_to)
    head: dict[str, object] = {"snapshot": snapshot.version, "as_of": layer.as_of.isoformat()}
    write_rows(answer.to_dicts(), form, head | reading | beside)
    if form is not Format.json:
        tell_reading(reading)


def _ask_all(layer: MetricLayer, question: MetricQuery) -> pl.DataFrame:
    """The rows of every definition for the metrics that depend on one, those of others once."""
    from pipelines.serving.definitions import is_defined_for

    registry = layer.registry()
    asked = dict.fromkeys(question.metrics)
    bound = tuple(name for name in asked if name in registry and registry[name].has_definition)
    free = tuple(name for name in asked if name not in bound)
    first = next(iter(layer.definitions))
    parts = [layer.query(replace(question, metrics=free, definition=first))] if free else []
    for definition in layer.definitions.values() if bound else ():
        if is_defined_for(definition, question):
            parts.append(layer.query(replace(question, metrics=bound, definition=definition.id)))
        else:
            tell(
                f"{definition.id} left out: it is a property of a dossier and a period, asked by"
                f" {', '.join(definition.periods)} or for the days of exactly one of them"
            )
    return pl.concat(parts)


def _set_side_by_side(layer: MetricLayer, question: MetricQuery) -> dict[str, object]:
    """What every definition is, whom it moves, and why, over the whole of the period asked."""
    from pipelines.serving.definitions import compare_definitions

    compared = compare_definitions(
        layer.query,
        layer.definitions,
        first_on=question.date_from,
        last_on=question.date_to,
        units=question.units,
        level=question.level,
        boundaries=question.boundaries,
    )
    return {
        "definitions": [each.definition.model_dump() for each in compared],
        "moves": [
            {
                "definition": move.definition,
                "class_from": move.class_from,
                "class_to": move.class_to,
                "dossiers": move.dossiers,
            }
            for each in compared
            for move in each.moves
        ],
        "sentences": [
            {
                "definition": each.definition.id,
                "classified": each.classified,
                "vi": each.sentence_vi,
                "en": each.sentence_en,
            }
            for each in compared
        ],
    }
