"""`motcua quarantine …`: what came and was not taken, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.commands.log_rows import read_log
from pipelines.settings import settings

quarantine_app = typer.Typer(no_args_is_help=True, help="Records that broke a rule.")

FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@quarantine_app.command("list")
def quarantined(form: FormatOption = Format.table) -> None:
    """Every quarantined record with its source, place, rule and field."""
    write_rows(
        read_log(
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
