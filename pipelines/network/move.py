"""Moving a change to another day in this home: checked as a whole before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.network.change_list import read_change_rows, read_listed
from pipelines.network.check import find_faults, refuse_bad_network
from pipelines.network.edits import put_edit, read_edits, write_edits
from pipelines.network.faults import NetworkError
from pipelines.settings import Settings


class MoveError(ValueError):
    """A move that is not possible as asked; one line that says why."""


@dataclass(frozen=True)
class Move:
    """What a change's day was and is."""

    change_id: str
    before: date
    after: date


def move_change(config: Settings, change_id: str, day: date, source: str | None) -> Move:
    """Let a change take effect on another day, in the home's edits of the list.

    With the `source` of the day it is no longer assumed; a day that has a source is moved only
    with one. Raises `MoveError`, and `NetworkError` where the lists would contradict themselves:
    nothing is written then.
    """
    refuse_bad_network(config)
    found = read_change_rows(config.reference_dir).filter(change_id=change_id)
    if found.is_empty():
        raise MoveError(f"{change_id}: is no change of this home: see `motcua changes list`")
    change = found.row(0, named=True)
    before: date = change["effective_on"]
    if not change["is_date_assumed"] and source is None:
        raise MoveError(
            f"{change_id}: {before} is not assumed: say with --source where the other day stands"
        )
    cells = {
        "effective_date": day.isoformat(),
        "date_is_assumed": "true" if source is None else "false",
        "source": source,
    }
    edits = put_edit(
        read_edits(config.change_edits_file), read_listed(config.reference_dir), change_id, cells
    )
    faults = find_faults(config, edits)
    if faults:
        raise NetworkError(faults)
    write_edits(config.change_edits_file, edits)
    return Move(change_id, before, day)


def list_changes(config: Settings, today: date) -> pl.DataFrame:
    """All changes in force here by day, with whether they are still to come (`is_planned`)."""
    return (
        read_change_rows(config.reference_dir)
        .with_columns(is_planned=pl.col("effective_on") > today)
        .sort("effective_on", maintain_order=True)
    )
