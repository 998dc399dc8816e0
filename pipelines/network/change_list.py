"""The list of changes as this home has it: `unit_changes.csv` with the home's edits over it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from pipelines.network.edits import lay_over, read_edits
from pipelines.settings import settings

FILE = "unit_changes.csv"


def read_listed(reference: Path) -> pl.DataFrame:
    """`unit_changes.csv` as text, before the home's edits."""
    return pl.read_csv(reference / FILE, infer_schema=False)


def read_change_rows(reference: Path) -> pl.DataFrame:
    """The changes in force here, in the order of the list: what it says, edited by this home.

    change_id, kind, effective_on, is_date_assumed, from_code, to_code, share,
    is_share_assumed, is_default, source, note, is_edited.
    """
    return _read(reference, edits_stamp())


def edits_stamp() -> tuple[Path, int | None]:
    """The home's file of edits and when it was written, by which what is read of it is kept."""
    file = settings().change_edits_file
    return file, file.stat().st_mtime_ns if file.is_file() else None


@lru_cache(maxsize=4)
def _read(reference: Path, edits_of: tuple[Path, int | None]) -> pl.DataFrame:
    edits = read_edits(edits_of[0])
    return lay_over(read_listed(reference), edits).select(
        "change_id",
        "kind",
        pl.col("effective_date").str.to_date().alias("effective_on"),
        (pl.col("date_is_assumed") == "true").alias("is_date_assumed"),
        "from_code",
        "to_code",
        pl.col("share").cast(pl.Float64),
        (pl.col("share_is_assumed") == "true").alias("is_share_assumed"),
        pl.col("is_default") == "true",
        "source",
        "note",
        pl.col("change_id").is_in(edits["change_id"].implode()).alias("is_edited"),
    )
