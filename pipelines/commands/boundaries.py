"""`--boundaries`: the reading of a series, and what an answer says of it and of its ground."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import tell

if TYPE_CHECKING:
    from pipelines.serving.metrics import MetricLayer
    from pipelines.serving.metrics.snapshot import SealedSnapshot


class Reading(StrEnum):
    """Whose a dossier is: the unit's that received it, or the one's it would belong to today."""

    as_was = "as_was"
    today = "today"


BoundariesOption = Annotated[
    Reading,
    typer.Option("--boundaries", help="Units as they were, or every year on today's boundaries."),
]


def describe_reading(
    snapshot: SealedSnapshot, layer: MetricLayer, reading: Reading, last_on: date | None
) -> dict[str, object]:
    """What the head of an answer says: its boundaries, and of which ground the data is.

    `last_on` is the last day asked for. Today's boundaries come with the day from which they are in
    force, and are planned where that lies after the data.
    """
    from pipelines.serving.ground import read_place

    day = min(last_on or layer.as_of, layer.as_of)
    head: dict[str, object] = {"boundaries": reading.value}
    if reading is Reading.today:
        since = layer.boundaries_from
        day = since or day
        head["boundaries_from"] = since
        head["are_boundaries_planned"] = since is not None and since > layer.as_of
    return head | {"ground_vi": read_place(snapshot, day).ground_vi}


def tell_reading(head: dict[str, object]) -> None:
    """The same in one line beside a table; nothing of units as they were in a whole province."""
    parts = list[str]()
    if head["boundaries"] == Reading.today.value:
        since = f" from {head['boundaries_from']}" if head["boundaries_from"] else ""
        planned = " as planned" if head["are_boundaries_planned"] else ""
        parts.append(f"today's boundaries{since}{planned}")
    if head["ground_vi"] is not None:
        parts.append(str(head["ground_vi"]))
    if parts:
        tell("; ".join(parts))
