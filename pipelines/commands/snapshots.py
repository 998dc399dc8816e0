"""`motcua snapshots …`: the published versions, and which of them readers see."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.settings import settings

snapshots_app = typer.Typer(no_args_is_help=True, help="Published versions, and rolling back.")


@snapshots_app.command("list")
def list_versions(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Every version that is there, the newest first."""
    from pipelines.serving.leases import is_held
    from pipelines.serving.metrics.snapshot import SealedSnapshot, SnapshotError
    from pipelines.serving.retention import kept_versions
    from pipelines.serving.snapshot import (
        NoSnapshotError,
        current_snapshot,
        list_snapshots,
        rolled_back_from,
    )

    folder = settings().serving_dir
    try:
        current = current_snapshot(folder).version
    except NoSnapshotError as error:
        raise refuse(str(error)) from None
    left, named = rolled_back_from(folder), kept_versions(folder)
    rows: list[dict[str, object]] = []
    for snapshot in reversed(list_snapshots(folder)):
        version = snapshot.version
        held = is_held(snapshot.file)
        try:
            with closing(SealedSnapshot(snapshot.file)) as opened:
                meta = opened.read_meta()
        except SnapshotError as error:
            tell(str(error))
            meta = {}
        rows.append(
            {
                "version": version,
                "published_at": meta.get("published_at"),
                "data_as_of": meta.get("data_as_of"),
                "mib": round(snapshot.file.stat().st_size / 2**20, 1),
                "state": _state(version, current, left),
                "is_held": held,
                "named_by": "; ".join(named.get(version, ())) or None,
            }
        )
    write_rows(rows, form)


@snapshots_app.command("roll-back")
def roll_back_to(
    version: Annotated[str, typer.Argument(help="A version that `snapshots list` names.")],
) -> None:
    """Show readers an older version again, until the next run publishes."""
    from pipelines.serving.snapshot import NoSnapshotError, roll_back

    try:
        before = roll_back(settings().serving_dir, version)
    except NoSnapshotError as error:
        raise refuse(str(error)) from None
    tell(f"readers see {version} instead of {before.version}; the next run publishes anew")


def _state(version: str, current: str, left: str | None) -> str:
    if version == current:
        return "current"
    return "rolled back from" if version == left else ""
