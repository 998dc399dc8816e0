"""`motcua sources …`: the shops' systems, whether they answer, and what they told."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.commands.enlist import add
from pipelines.commands.log_rows import read_log
from pipelines.settings import now, settings

sources_app = typer.Typer(no_args_is_help=True, help="The shops' systems and what they told.")

sources_app.command("add")(add)

FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@sources_app.command("check")
def check(
    offline: Annotated[
        bool, typer.Option("--offline", help="Validate the list only; ask nobody.")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Try every source for real: connect, read a little through its dialect; keep nothing."""
    from pipelines.intake.sources import SourceListError, load_sources
    from pipelines.intake.trial import Trials, try_all
    from pipelines.progress import advance, progress_bars

    config = settings()
    try:
        listed = load_sources(config.sources_file)
    except SourceListError as error:
        raise refuse(str(error)) from None
    trials = Trials(config.reference_dir, listed.folder, now())
    with nullcontext() if offline else progress_bars(console):
        found = try_all(
            listed,
            trials,
            lambda done, total: advance("Trying the sources", done, total),
            is_offline=offline,
        )
    wrong = [trial for trial in found if not trial.is_ok]
    if form is Format.table:
        for trial in wrong if offline else found:
            tell(f"{trial.source}: {trial.message}")
    else:
        write_rows([asdict(trial) for trial in found], form)
    if wrong:
        raise refuse(f"{len(wrong)} of {len(found)} entries are wrong")
    tell(f"{len(found)} sources")


@sources_app.command("outcomes")
def outcomes(form: FormatOption = Format.table) -> None:
    """What every pull brought, the newest first."""
    write_rows(
        read_log(
            """select source, feed, status, error_class, error, window_from, window_to,
            unseen_from, unseen_to, fetched_at, records_in,
            accepted, unchanged, quarantined, dropped_fields, bytes, sha256
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
