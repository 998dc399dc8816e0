"""`motcua run` and `motcua replay`."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import console, refuse, tell
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.defs.run import RunResult

Day = typer.Option(formats=["%Y-%m-%d"])


def run(
    sources: Annotated[Path | None, typer.Option(help="The list of sources to pull.")] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day to pull.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day to pull.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Compute and test all of the log, not what is new.")
    ] = False,
) -> None:
    """Pull, transform and publish once, without the Dagster UI."""
    if sources is not None:
        os.environ["MOTCUA_SOURCES"] = str(sources.resolve())
    raise typer.Exit(run_pipeline(_day(from_), _day(to), is_whole=whole))


def run_pipeline(
    first: date | None = None, last: date | None = None, *, is_whole: bool = False
) -> int:
    """Run the daily job with progress bars. Returns the exit status 0 or 3; raises for 1."""
    from pipelines.intake.sources import SourceListError, load_sources
    from pipelines.progress import progress_bars

    try:
        load_sources(settings().sources_file)
    except SourceListError as error:
        raise refuse(str(error)) from None
    check_reference()
    with console.status("Reading the models"):
        from pipelines.defs.run import run_daily
    with progress_bars(console):
        result = run_daily(first, last, is_whole=is_whole)
    return _tell_result(result)


def recompute() -> int:
    """Compute all of the log anew and publish, without a pull; the status as `run_pipeline`."""
    from pipelines.progress import progress_bars

    check_reference()
    with console.status("Reading the models"):
        from pipelines.defs.run import run_whole
    with progress_bars(console):
        result = run_whole()
    return _tell_result(result)


def check_reference() -> None:
    """Refuse, a line for each fault, what is computed by: rules, hours, costs, the network."""
    from pipelines.effects.costs import read_costs
    from pipelines.network.check import refuse_bad_network
    from pipelines.worktime.hours import read_hours
    from pipelines.worktime.rules import check_rules

    try:
        check_rules()
        read_hours()
        read_costs(settings().root, settings().reference_dir)
        refuse_bad_network(settings())
    except ValueError as error:
        raise refuse(str(error)) from None


def _tell_result(result: RunResult) -> int:
    for line in result.findings:
        tell(line)
    if not result.success:
        raise refuse(result.error or "not done")
    tell(f"published {result.version}")
    return 3 if result.warned else 0


def replay() -> None:
    """Build the warehouse anew from the landing zone; what was published or erased stays so."""
    from pipelines import progress
    from pipelines.intake.dialects import DialectError
    from pipelines.intake.erasures import ErasureKeyError
    from pipelines.intake.landing import LandingError
    from pipelines.warehouse.lock import WarehouseError
    from pipelines.warehouse.replay import replay as replay_landing

    config = settings()
    try:
        with progress.progress_bars(console):
            done = replay_landing(
                config.warehouse_file,
                config.landing_dir,
                config.reference_dir,
                config.sources_file.resolve().parent,
                lambda _source, done, total: progress.advance("Replaying (batches)", done, total),
            )
    except (WarehouseError, LandingError, DialectError, ErasureKeyError) as error:
        raise refuse(str(error)) from None
    if done.unreadable is not None:
        tell(
            f"the old warehouse could not be read: figures published and periods signed are not"
            f" carried over; it is kept as {done.unreadable.name}"
        )
    if done.carried:
        tell(f"{done.carried} batches are no more in landing: their rows were carried over")
    if done.lost:
        tell(f"{done.lost} batches were cut from landing and are in no log: restore a backup")
    for line in done.differences:
        tell(f"differs from the log before: {line}")
    if done.is_compared and not done.differences:
        tell("the log equals the one before, row for row")
    tell(f"{done.batches} batches, {done.records} records; now `run`")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None
