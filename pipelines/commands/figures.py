"""`motcua metrics`: figures of the current snapshot through the metric layer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, write_rows
from pipelines.settings import settings


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
    definition: Annotated[str, typer.Option(help="Rule of early, on time and late.")] = "ii06a",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Figures with numerator, denominator, definition and snapshot."""
    from pipelines.serving.metrics import (
        MetricLayer,
        MetricQuery,
        MetricQueryError,
        SnapshotError,
    )
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        snapshot = current_snapshot(settings().serving_dir)
        layer = MetricLayer.open(snapshot.file)
        public = tuple(name for name, spec in layer.registry().items() if not spec.groups)
        answer = layer.query(
            MetricQuery(
                metrics=tuple(metric or public),
                by=tuple(part.strip() for part in by.split(",") if part.strip()),
                units=tuple(unit or ()),
                level=level,
                date_from=from_.date() if from_ else None,
                date_to=to.date() if to else None,
                definition=definition,
            )
        )
    except MetricQueryError as error:
        raise refuse(str(error), 2) from None
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    head: dict[str, object] = {"snapshot": snapshot.version, "as_of": layer.as_of.isoformat()}
    write_rows(answer.to_dicts(), form, head)
