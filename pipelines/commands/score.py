"""`motcua score766`: the score of Decision 766 of the current snapshot."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.boundaries import (
    BoundariesOption,
    Reading,
    describe_reading,
    tell_reading,
)
from pipelines.commands.console import Format, refuse, write_rows
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.serving.score766 import ItemScore, Score


class By(StrEnum):
    """What gets a score of its own."""

    unit = "unit"
    level = "level"


def score766(
    period: Annotated[str, typer.Option(help="Month 2025-03, quarter 2025Q1 or year 2025.")],
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit code; repeat for several. One score each.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="A score per unit or level.")] = None,
    boundaries: BoundariesOption = Reading.as_was,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Points of Decision 766 out of the points that can be measured, item by item.

    JSON holds every item. Table and CSV hold the items of a single score, and one line a score
    where several are asked.
    """
    from pipelines.serving.calendar_periods import PeriodError, parse_period
    from pipelines.serving.metrics import MetricLayer, MetricQueryError, SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.score766 import ScoreError, score
    from pipelines.serving.score_parameters import read_score_parameters
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        meant = parse_period(period)
        snapshot = current_snapshot(settings().serving_dir)
        sealed = SealedSnapshot(snapshot.file)
        layer = MetricLayer(sealed)
        scores = score(
            layer.query,
            read_score_parameters(sealed),
            meant,
            known_metrics=layer.registry(),
            as_of=layer.as_of,
            by=None if by is None else by.value,
            units=tuple(unit or ()),
            boundaries=boundaries.value,
        )
    except (PeriodError, ScoreError, MetricQueryError) as error:
        raise refuse(str(error), 2) from None
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    head: dict[str, object] = {
        "snapshot": snapshot.version,
        "as_of": layer.as_of.isoformat(),
        "period": meant.name,
        "is_period_over": meant.last_on <= layer.as_of,
    }
    reading = describe_reading(sealed, layer, boundaries, meant.last_on)
    rows = [_describe(one) for one in scores]
    if form is Format.json:
        write_rows(rows, form, head | reading)
        return
    if len(rows) == 1:
        write_rows([*rows[0]["items"], _total(rows[0])], form)
    else:
        write_rows([{k: v for k, v in row.items() if k != "items"} for row in rows], form)
    tell_reading(reading)


def _describe(score: Score) -> dict[str, Any]:
    return {
        "unit_code": score.unit_code,
        "unit_valid_from": score.unit_valid_from,
        "level": score.level,
        "points": _number(score.points),
        "measurable_points": _number(score.measurable_points),
        "max_points": _number(score.max_points),
        "band": None if score.band is None else score.band.band,
        "items": [_describe_item(one) for one in score.items],
    }


def _describe_item(one: ItemScore) -> dict[str, Any]:
    item = one.item
    return {
        "item": item.item,
        "group": item.group,
        "metric": item.metric,
        "definition": item.definition,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "ratio": _number(one.ratio),
        "target": _number(item.target),
        "rule": item.rule,
        "points": _number(one.points),
        "max_points": _number(item.max_points),
        "status": one.status,
        "needs": item.feed,
    }


def _total(row: dict[str, Any]) -> dict[str, Any]:
    """The last line under the items of a single score."""
    measurable = f"{row['measurable_points']:g} of {row['max_points']:g} points measurable"
    line = dict.fromkeys(row["items"][0]) if row["items"] else {}
    return line | {
        "item": "total",
        "points": row["points"],
        "max_points": row["measurable_points"],
        "status": measurable,
    }


def _number(value: Fraction | Decimal | None) -> float | None:
    return None if value is None else float(value)
