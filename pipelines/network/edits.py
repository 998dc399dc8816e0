"""A home's own edits of the changes of units: assumed days and shares, without the checkout.

`unit_change_edits.csv` stands beside the home's list of sources. A row takes the place of what
`unit_changes.csv` says of the change with its `change_id`; an empty cell leaves what is listed.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from pipelines.disk import make_folder, sync_file, sync_folder

EDITABLE = ("effective_date", "date_is_assumed", "share", "share_is_assumed", "source")
COLUMNS = ("change_id", *EDITABLE)


def read_edits(file: Path) -> pl.DataFrame:
    """The edits as text (`COLUMNS`), none where there is no file.

    Raises `polars.exceptions.PolarsError` where the file is no such table.
    """
    if not file.is_file():
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return pl.read_csv(file, infer_schema=False).select(COLUMNS)


def lay_over(changes: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """The rows of `unit_changes.csv` (text) with the edits in the place of what they edit."""
    edited = changes.join(
        edits, on="change_id", how="left", suffix="_edited", maintain_order="left"
    )
    return edited.select(
        pl.coalesce(f"{name}_edited", name).alias(name) if name in EDITABLE else name
        for name in changes.columns
    )


def put_edit(
    edits: pl.DataFrame, listed: pl.DataFrame, change_id: str, cells: dict[str, str | None]
) -> pl.DataFrame:
    """The edits with some cells of a change replaced; None is what the list says.

    A change of which nothing is left to edit has no row: moved back, it is as it was listed.
    """
    others = edits.filter(pl.col("change_id") != change_id)
    before = edits.filter(change_id=change_id).to_dicts() or [{}]
    row = pl.DataFrame([{**before[0], **cells, "change_id": change_id}], schema=edits.schema)
    change = listed.filter(change_id=change_id)
    if lay_over(change, row).equals(change):
        return others
    return pl.concat([others, row]).sort("change_id")


def write_edits(file: Path, edits: pl.DataFrame) -> None:
    """Put the edits in the place of the file's, whole and durably; without any there is none."""
    if edits.is_empty():
        file.unlink(missing_ok=True)
        return
    make_folder(file.parent)
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    edits.write_csv(partial)
    sync_file(partial)
    partial.replace(file)
    sync_folder(file.parent)
