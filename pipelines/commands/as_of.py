"""`--as-of DATE`: the snapshot that a command asks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import console, refuse
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.serving.snapshot import Snapshot

AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="What was known by the end of that day, under today's rules and units.",
    ),
]


def snapshot_of(as_of: datetime | None) -> Snapshot:
    """The current snapshot, or the one as of a day; a one-line refusal where there is none."""
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    config = settings()
    if as_of is None:
        try:
            return current_snapshot(config.serving_dir)
        except NoSnapshotError as error:
            raise refuse(str(error)) from None
    from pipelines import progress
    from pipelines.serving.as_of import open_as_of
    from pipelines.serving.publish import VerificationError
    from pipelines.warehouse.lock import WarehouseError

    try:
        with progress.progress_bars(console):
            return open_as_of(
                config,
                as_of.date(),
                lambda done, total: progress.advance("Computing what was known", done, total),
            )
    except (WarehouseError, VerificationError) as error:
        raise refuse(str(error)) from None
