"""`motcua period …`: the state of a period's form, signing and correcting it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.commands.form import UnitOption
from pipelines.settings import now, settings

if TYPE_CHECKING:
    from pipelines.serving.forms.states import SignedState

period_app = typer.Typer(no_args_is_help=True, help="Closing a period: draft, signed, corrected.")

PeriodArgument = Annotated[str, typer.Argument(help="2025Q1, 2025-03, 2025H1 or 2025.")]
ByOption = Annotated[
    str, typer.Option("--by", help="Name or role of the person responsible; it is kept for ever.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@period_app.command("sign")
def sign(
    period: PeriodArgument,
    by: ByOption,
    unit: UnitOption = None,
    note: Annotated[str | None, typer.Option(help="A remark.")] = None,
) -> None:
    """Sign the form of a period that has ended: its figures are kept as they are now."""
    _close("signed", period, unit, by, note)


@period_app.command("correct")
def correct(
    period: PeriodArgument,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why today's figures replace those kept.")],
    unit: UnitOption = None,
) -> None:
    """Replace the figures of a signed form by today's; the first ones stay in the log."""
    _close("corrected", period, unit, by, reason)


@period_app.command("status")
def status(
    period: PeriodArgument, unit: UnitOption = None, form: FormatOption = Format.table
) -> None:
    """State of a period's form, every act of closing, and how far today's figures differ."""
    from pipelines.commands.form import compose

    composed = compose(period, unit, current=False)
    head: dict[str, object] = {
        "form": "ii06a",
        "period": composed.period.word,
        "unit_code": composed.unit.code if composed.unit else None,
        "state": composed.state,
        "changed_cells": composed.changed_cells,
    }
    write_rows([asdict(act) for act in composed.closings], form, head)
    if form is Format.table:
        changed = composed.changed_cells
        told = "" if changed is None else f", {changed} cells differ today"
        tell(f"{composed.period.word}: {composed.state}{told}")


@period_app.command("list")
def list_closed(form: FormatOption = Format.table) -> None:
    """Every act of closing a period, by period and unit."""
    from contextlib import closing

    from pipelines.serving.forms.states import read_states
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        with closing(SealedSnapshot(current_snapshot(settings().serving_dir).file)) as snapshot:
            acts = read_states(snapshot)
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    write_rows([asdict(act) for act in acts], form)


def _close(state: SignedState, period: str, unit: str | None, by: str, note: str | None) -> None:
    from pipelines.serving.forms.cells import FormError
    from pipelines.serving.forms.closing import close_period
    from pipelines.serving.forms.periods import PeriodError
    from pipelines.serving.metrics import MetricQueryError, SnapshotError
    from pipelines.serving.snapshot import NoSnapshotError
    from pipelines.warehouse.lock import WarehouseBusyError

    config = settings()
    try:
        form, snapshot = close_period(
            config.warehouse_file,
            config.serving_dir,
            period=period,
            unit=unit,
            state=state,
            by=by,
            note=note,
            at=now(),
            keep=config.keep_snapshots,
        )
    except (PeriodError, MetricQueryError) as error:
        raise refuse(str(error), 2) from None
    except (FormError, NoSnapshotError, SnapshotError, WarehouseBusyError) as error:
        raise refuse(str(error)) from None
    place = "the whole province" if form.unit is None else f"unit {form.unit.key}"
    tell(f"form ii06a of {form.period.word}, {place}: {form.state}; published {snapshot.version}")
