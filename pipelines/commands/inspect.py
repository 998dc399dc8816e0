"""`motcua quarantine …`: what came and was not taken, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.console import Format, write_rows
from pipelines.commands.log_rows import read_log

quarantine_app = typer.Typer(no_args_is_help=True, help="Records that broke a rule.")

FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@quarantine_app.command("list")
def quarantined(form: FormatOption = Format.table) -> None:
    """Every quarantined record with its source, place, rule and field."""
    write_rows(
        read_log(
            """select source, feed, file, position, rule, field, known_at
            from log.quarantine order by known_at, source, file, position"""
        ),
        form,
    )
