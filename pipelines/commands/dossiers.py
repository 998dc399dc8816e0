"""`motcua dossiers`: the list of dossiers that a role may see, as a file."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import refuse, tell
from pipelines.serving.roles import Role, State
from pipelines.settings import now, settings


class FileFormat(StrEnum):
    """How the list is written."""

    csv = "csv"
    json = "json"
    xlsx = "xlsx"


def dossiers(
    role: Annotated[Role, typer.Option("--as", help="The role that reads.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    unit: Annotated[
        list[str] | None,
        typer.Option(help="Unit code, or CODE@YYYY-MM-DD / CODE@ for one validity; repeatable."),
    ] = None,
    state: Annotated[State, typer.Option(help="Which dossiers.")] = State.open,
    form: Annotated[FileFormat, typer.Option("--format", help="How to write it.")] = FileFormat.csv,
) -> None:
    """List the dossiers that a role may see; every export is logged before the file is there."""
    from pipelines.intake.labels import file_label
    from pipelines.intake.privacy import pseudonym_key
    from pipelines.serving.access import AccessError, Reader, read_dossiers, resolve_units
    from pipelines.serving.exports import Export, ExportError, export, who
    from pipelines.serving.forms.facts import read_facts
    from pipelines.serving.ground import read_place
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    home = settings()
    if not out.parent.is_dir():
        raise refuse(f"{out}: there is no such folder")
    try:
        current = current_snapshot(home.serving_dir)
        with closing(SealedSnapshot(current.file)) as snapshot:
            reader = Reader(role, resolve_units(snapshot, unit or []))
            key = pseudonym_key() if role is Role.analyst else None
            frame = read_dossiers(snapshot, reader, state, key=key)
            place = read_place(snapshot, read_facts(snapshot).as_of)

        def entry(sha256: str) -> Export:
            return Export(
                at=now(), who=who(), role=role, units=sorted(reader.units), state=state,
                columns=frame.columns, has_codes=reader.sees_codes, rows=frame.height,
                file=file_label(out.name), sha256=sha256, snapshot=current.version,
                ground_vi=place.ground_vi,
            )  # fmt: skip

        export(frame, out, form, entry, home.root)
    except (AccessError, ExportError, NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    tell(f"{out} written: {frame.height} dossiers of {current.version}, logged in exports.ndjson")
