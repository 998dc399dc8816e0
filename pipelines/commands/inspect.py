"""`motcua sources …` and `motcua quarantine …`: what came, what did not, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.settings import settings

sources_app = typer.Typer(no_args_is_help=True, help="The shops' systems and what they told.")
quarantine_app = typer.Typer(no_args_is_help=True, help="Records that broke a rule.")

FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@sources_app.command("check")
def check() -> None:
    """Validate the list of sources; one line for every entry that cannot be used."""
    from pipelines.intake.dialects import DialectError, load_dialect
    from pipelines.intake.sources import SourceListError, load_sources

    try:
        listed = load_sources(settings().sources_file)
    except SourceListError as error:
        raise refuse(str(error)) from None
    lines = [bad.message for bad in listed.bad]
    for source in listed.sources:
        try:
            load_dialect(source.dialect, listed.folder)
        except DialectError as error:
            lines.append(f"{source.id}: {error}")
    for line in lines:
        tell(line)
    if lines:
        raise refuse(f"{len(lines)} of {len(listed.sources) + len(listed.bad)} entries are wrong")
    tell(f"{len(listed.sources)} sources")


@sources_app.command("outcomes")
def outcomes(form: FormatOption = Format.table) -> None:
    """What every pull brought, the newest first."""
    write_rows(
        _read(
            """select source, feed, status, error_class, error, window_from, window_to,
            unseen_from, unseen_to, fetched_at, records_in, accepted, unchanged, quarantined,
            dropped_fields, bytes, sha256
            from log.outcome order by fetched_at desc, pull_id desc, source"""
        ),
        form,
    )


@sources_app.command("patterns")
def patterns(form: FormatOption = Format.table) -> None:
    """Faults that no single record shows: constant flags, swapped dates, midnight-only times."""
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.patterns import read_patterns
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        snapshot = SealedSnapshot(current_snapshot(settings().serving_dir).file)
        try:
            rows = read_patterns(snapshot)
        finally:
            snapshot.close()
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    write_rows(rows, form)


@quarantine_app.command("list")
def quarantined(form: FormatOption = Format.table) -> None:
    """Every quarantined record with its source, place, rule and field."""
    write_rows(
        _read(
            """select source, feed, file, position, rule, field, known_at
            from log.quarantine order by known_at, source, file, position"""
        ),
        form,
    )


def _read(sql: str) -> list[dict[str, object]]:
    from pipelines.warehouse.tables import connect_reader

    file = settings().warehouse_file
    if not file.exists():
        raise refuse("there is no warehouse yet: run `motcua demo` or `motcua run`")
    connection = connect_reader(file)
    try:
        return connection.sql(sql).pl().to_dicts()
    finally:
        connection.close()
