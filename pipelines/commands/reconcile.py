"""`motcua reconcile`: what others report for a unit and month beside ours, explained."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.settings import now, settings

if TYPE_CHECKING:
    from pipelines.serving.reconcile import BadRow, Known, Reconciled, ReportedFigure


def reconcile(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV: source, unit_code, month, figure, value and, if known, unit_valid_from,"
            " definition, reported_at. Without it: the figures kept in the snapshot."
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Figures that a source system or the national portal reported, beside ours, explained."""
    from pipelines.serving.metrics import MetricLayer, MetricQueryError, SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.reconcile import (
        Known,
        ReportedFileError,
        read_evidence,
        read_kept,
    )
    from pipelines.serving.reconcile import reconcile as compare
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot
    from pipelines.warehouse.lock import WarehouseBusyError

    try:
        snapshot = current_snapshot(settings().serving_dir)
        with (
            contextlib.closing(MetricLayer.open(snapshot.file)) as layer,
            contextlib.closing(SealedSnapshot(snapshot.file)) as sealed,
        ):
            units = sealed.read_dimensions().units
            evidence = read_evidence(sealed, units["unit_key"].to_list())
            known = Known(layer.registry(), layer.definitions, units, now().date())
            figures, bad = (read_kept(sealed), []) if file is None else _take(file, known)
            rows = compare(
                figures,
                ask=layer.query,
                metrics=layer.registry(),
                definitions=layer.definitions,
                evidence=evidence,
                reference=settings().reference_dir,
                known_units=frozenset(units["unit_key"].to_list()),
            )
            head: dict[str, object] = {
                "snapshot": snapshot.version,
                "as_of": layer.as_of.isoformat(),
                "rejected": [{"line": b.line, "field": b.field, "rule": b.rule} for b in bad],
            }
    except (
        NoSnapshotError,
        SnapshotError,
        ReportedFileError,
        MetricQueryError,
        WarehouseBusyError,
    ) as error:
        raise refuse(str(error)) from None
    write_rows([_row(each) for each in rows], form, head)
    if bad:
        raise typer.Exit(3)


def _take(file: Path, known: Known) -> tuple[list[ReportedFigure], list[BadRow]]:
    """Read a file, say which rows are wrong, keep the others in the log."""
    from pipelines.serving.reconcile import keep_reported, read_reported

    figures, bad = read_reported(file, known)
    for row in bad:
        tell(f"{file.name}, line {row.line}: {row.field}: {row.rule}")
    keep_reported(settings().warehouse_file, figures, file=file.name, imported_at=now())
    return figures, bad


def _row(each: Reconciled) -> dict[str, object]:
    figure = each.figure
    return {
        "source": figure.source,
        "unit_code": figure.unit_code,
        "unit_valid_from": figure.unit_valid_from,
        "month": figure.month_on.strftime("%Y-%m"),
        "figure": figure.metric,
        "definition": figure.definition,
        "reported": figure.value,
        "ours": each.ours,
        "difference": each.difference,
        "explanation": each.explanation,
        "count": each.count,
        "detail_vi": each.detail_vi,
        "detail_en": each.detail_en,
    }
