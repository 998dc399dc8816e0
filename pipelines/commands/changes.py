"""`motcua changes`: which unit or shop became part of which, when, and moving an assumed day."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import polars as pl
import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.commands.pipeline import recompute
from pipelines.settings import now, settings

changes_app = typer.Typer(no_args_is_help=True, help="Mergers of units and shops.")
_MARKS = {
    "is_date_assumed": "day assumed",
    "is_share_assumed": "share assumed",
    "is_edited": "edited here",
    "is_planned": "planned",
}


@changes_app.command("list")
def list_(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """All changes by day: their two sides, share, what is assumed, edited here, still to come."""
    from pipelines.network.check import refuse_bad_network
    from pipelines.network.faults import NetworkError
    from pipelines.network.move import list_changes

    config = settings()
    try:
        refuse_bad_network(config)
    except NetworkError as error:
        raise refuse(str(error)) from None
    rows = list_changes(config, now().date())
    if form is Format.table:
        marks = [pl.when(name).then(pl.lit(word)) for name, word in _MARKS.items()]
        rows = rows.select(
            "change_id", "kind", "effective_on", "from_code", "to_code", "share",
            marks=pl.concat_str(*marks, separator=", ", ignore_nulls=True),
        )  # fmt: skip
    write_rows(rows.to_dicts(), form, {"edits": str(config.change_edits_file)})


@changes_app.command()
def check() -> None:
    """Whether the lists of units, codes and changes hang together; a line for each fault."""
    from pipelines.network.check import find_faults
    from pipelines.network.faults import NetworkError

    try:
        faults = find_faults(settings())
    except NetworkError as error:
        raise refuse(str(error)) from None
    for fault in faults:
        console.print(str(fault), style="red", highlight=False, soft_wrap=True, markup=False)
    if faults:
        raise typer.Exit(1)
    tell("the lists of units, codes and changes hang together")


@changes_app.command()
def move(
    change_id: Annotated[str, typer.Argument(help="The change, as `changes list` names it.")],
    to: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which it takes effect.")
    ],
    source: Annotated[
        str | None,
        typer.Option(help="Where the day stands: it is no longer assumed then."),
    ] = None,
) -> None:
    """Move a change to another day in this home, compute everything anew and publish.

    What was published before stays; `motcua restatement` shows what became of it.
    """
    from pipelines.network.faults import NetworkError
    from pipelines.network.move import MoveError, move_change
    from pipelines.warehouse.lock import WarehouseError, writer_lock

    config = settings()
    try:
        # a build that is under way ends by the lists that it began with
        with writer_lock(config.warehouse_file, "moving a change"):
            moved = move_change(config, change_id, to.date(), source)
    except MoveError as error:
        raise refuse(str(error), 2) from None
    except (NetworkError, WarehouseError) as error:
        raise refuse(str(error)) from None
    tell(f"{change_id}: {moved.before} → {moved.after}: {config.change_edits_file}")
    raise typer.Exit(recompute())
