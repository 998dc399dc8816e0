"""`motcua restatement`: what was published before, what is now, and why they differ."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.settings import settings


class ReportFormat(StrEnum):
    """How the report is written."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"


_SHOWN = ("period", "unit_name_vi", "metric", "then", "now", "late_data")


def restatement(
    since: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Figures published by the end of that day."),
    ],
    unit: Annotated[list[str] | None, typer.Option(help="Unit code; repeat for several.")] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Metric id; repeat for several. Default: all kept.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="2025-03, 2025Q1 or 2025.")] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="How to write it.")
    ] = ReportFormat.table,
    out: Annotated[Path | None, typer.Option(help="The workbook to write.")] = None,
) -> None:
    """Figures of complete months that are others now: late data, changed rules, changed units."""
    from pipelines import progress
    from pipelines.serving.calendar_periods import PeriodError, parse_period
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.publish import VerificationError
    from pipelines.serving.restatement import restate
    from pipelines.serving.snapshot import NoSnapshotError
    from pipelines.warehouse.lock import WarehouseError

    try:
        asked = parse_period(period) if period else None
        with progress.progress_bars(console):
            found = restate(
                settings(),
                since.date(),
                units=tuple(unit or ()),
                metrics=tuple(metric or ()),
                period=asked,
                report=lambda done, total: progress.advance(
                    "Computing what was known", done, total
                ),
            )
    except PeriodError as error:
        raise refuse(str(error), 2) from None
    except (WarehouseError, NoSnapshotError, SnapshotError, VerificationError) as error:
        raise refuse(str(error)) from None
    head: dict[str, object] = {
        "snapshot": found.snapshot,
        "as_of": found.as_of.isoformat(),
        "published_by": found.published_at.isoformat(),
        "cause": found.cause,
    }
    if form is ReportFormat.xlsx:
        file = out or Path(f"restatement-{since:%Y-%m-%d}.xlsx")
        if not file.parent.is_dir():
            raise refuse(f"{file}: there is no such folder")
        found.rows.write_excel(file, worksheet="restatement", autofit=True, freeze_panes=(1, 0))
        tell(f"{file} written: {found.rows.height} figures")
        return
    rows = found.rows.to_dicts()
    if form is ReportFormat.table:
        shown = (*_SHOWN, found.cause, "en")
        write_rows([{name: row[name] for name in shown} for row in rows], Format.table)
        return
    write_rows(rows, Format(form.value), head)
