"""`motcua privacy …`: look for personal values in everything that was written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.scanner import Finding

privacy_app = typer.Typer(no_args_is_help=True, help="Personal data: looked for, never shown.")


@privacy_app.command("scan")
def scan(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Read every file of the home and Dagster's storage; exit 1 where something is found."""
    import psycopg2

    from pipelines.progress import advance, progress_bars
    from pipelines.scanner import find, find_in_url
    from pipelines.scanner.places import PlaceError, dagster_storage, own_files

    home = settings().root
    if not home.is_dir():
        raise refuse(f"{home}: there is no such folder")
    try:
        storage = dagster_storage()
    except PlaceError as error:
        raise refuse(str(error)) from None
    found: list[Finding] = []
    with progress_bars(console):
        found += find(
            home,
            leave=own_files(home, settings().sources_file),
            report=lambda done, total: advance("Reading what was written (files)", done, total),
        )
        if storage.folder is not None and not storage.folder.is_relative_to(home):
            found += find(
                storage.folder,
                report=lambda done, total: advance("Reading Dagster's storage", done, total),
            )
        if storage.url is not None:
            try:
                found += find_in_url(storage.url, "Dagster's storage")
            except psycopg2.Error as error:
                raise refuse(
                    f"Dagster's storage: PostgreSQL does not answer ({type(error).__name__})"
                ) from None
    write_rows([asdict(finding) for finding in found], form)
    if found:
        raise refuse(f"{len(found)} places hold personal values: docs/privacy.md says what to do")
    tell("nothing found")


@privacy_app.command("label")
def label(files: Annotated[list[Path], typer.Argument(help="Files of an inbox.")]) -> None:
    """Say under which label outcomes and messages name a file."""
    from pipelines.intake.labels import file_label

    for file in files:
        typer.echo(f"{file_label(file.name)}\t{file}")


@privacy_app.command("pseudonym")
def pseudonym(source: str, dossier: str) -> None:
    """The pseudonym under which analysts know a dossier: SOURCE is the system's name."""
    from pipelines.intake.privacy import pseudonym_key
    from pipelines.serving.pseudonyms import dossier_pseudonym

    typer.echo(dossier_pseudonym(source, dossier, pseudonym_key()))
