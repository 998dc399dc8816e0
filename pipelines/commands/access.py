"""`motcua access …`: who may see what of the dashboard."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.settings import settings

access_app = typer.Typer(no_args_is_help=True, help="Who may see what of the dashboard.")


@access_app.command("check")
def check(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Read access.yml as the dashboard does, with its units held against the snapshot."""
    from pipelines.serving.access_list import AccessListError, read_access_list, unknown_units
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        entries = read_access_list(settings().access_file)
        with closing(SealedSnapshot(current_snapshot(settings().serving_dir).file)) as snapshot:
            missing = unknown_units(entries, snapshot)
    except (AccessListError, NoSnapshotError) as error:
        raise refuse(str(error)) from None
    rows: list[dict[str, object]] = [
        {"entry": number, "by": entry.who[0], "role": entry.role.value,
         "units": " ".join(entry.units)}
        for number, entry in enumerate(entries, start=1)
    ]  # fmt: skip
    write_rows(rows, form)
    for number, unit in missing:
        tell(f"{settings().access_file.name}: entry {number}: units: this snapshot has no {unit}")
    if missing:
        raise typer.Exit(1)


@access_app.command("label")
def label(claim: Annotated[str, typer.Argument(help="An e-mail address, or a subject.")]) -> None:
    """The name under which the dashboard's logs know somebody."""
    from pipelines.serving.login import cookie_secret
    from pipelines.serving.visits import viewer_pseudonym

    typer.echo(viewer_pseudonym(claim, cookie_secret(settings())))
