"""`motcua sources …` and `motcua quarantine …`: what came, what did not, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
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
            """select source, feed, status, error_class, error, window_from, window_to, fetched_at,
            records_in, accepted, unchanged, quarantined, dropped_fields, bytes, sha256
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
            from log.quarantine where mended_at is null order by known_at, source, file, position"""
        ),
        form,
    )


@quarantine_app.command("replay")
def replay_quarantine(
    source: Annotated[str | None, typer.Option(help="Only records of this source.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only records that broke this rule.")] = None,
) -> None:
    """Put quarantined records through today's contract and dialects again."""
    from pipelines import progress
    from pipelines.intake.dialects import DialectError
    from pipelines.intake.erasures import ErasureKeyError
    from pipelines.settings import now
    from pipelines.warehouse.lock import WarehouseError
    from pipelines.warehouse.mend import replay_quarantine as replay

    config = settings()
    if not config.warehouse_file.exists():
        raise refuse("there is no warehouse yet: run `motcua demo` or `motcua run`")
    try:
        with progress.progress_bars(console):
            mended = replay(
                config.warehouse_file, config.landing_dir, config.reference_dir,
                config.sources_file.resolve().parent, source=source, rule=rule, at=now(),
                report=lambda _source, done, total: progress.advance(
                    "Replaying the quarantine (batches)", done, total
                ),
            )  # fmt: skip
    except (WarehouseError, DialectError, ErasureKeyError) as error:
        raise refuse(str(error)) from None
    if mended.gone:
        tell(f"{mended.gone} batches are no more in landing: their records stay in quarantine")
    tell(
        f"{mended.accepted + mended.unchanged} records pass today, {mended.accepted} of them new;"
        f" {mended.held} rows stay in quarantine"
        + ("; now `motcua run`" if mended.accepted else "")
    )


def _read(sql: str) -> list[dict[str, object]]:
    from pipelines.warehouse.migrate import LayoutError
    from pipelines.warehouse.tables import connect_reader

    file = settings().warehouse_file
    if not file.exists():
        raise refuse("there is no warehouse yet: run `motcua demo` or `motcua run`")
    try:
        connection = connect_reader(file)
    except LayoutError as error:
        raise refuse(str(error)) from None
    try:
        return connection.sql(sql).pl().to_dicts()
    finally:
        connection.close()
