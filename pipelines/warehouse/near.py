"""What the log holds of the dossiers that are about to come in, found in one pass.

A day brings a batch or two of every source, and each asks the log what it knows of its dossiers.
On a long log that is one pass over all of it for every batch; so the few rows that can matter are
put aside once, before the first batch, and grow with what the batches add.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.canonical import Feed
from pipelines.intake.landing import Outcome
from pipelines.intake.typed import dossier_code
from pipelines.warehouse.tables import FEED_TABLES

_LEAST_LOG = 4
"""How many times what comes the log must be, for the rows aside to be few."""

Batch = tuple[Path, Outcome]


def put_aside(connection: duckdb.DuckDBPyConnection, batches: Sequence[Batch]) -> dict[Feed, str]:
    """Feed → temporary table with all rows of the log that are of dossiers in these batches.

    Without an entry where a pass for every batch costs no more: one batch, or a load that is
    large beside the log.
    """
    aside: dict[Feed, str] = {}
    for feed, table in FEED_TABLES.items():
        told = [(folder, outcome) for folder, outcome in batches if outcome.feed == feed]
        [(known,)] = connection.execute(f"select count(*) from {table}").fetchall()
        if len(told) < 2 or sum(o.records_in for _, o in told) * _LEAST_LOG > int(known):
            continue
        aside[feed] = f"near_{feed}"
        connection.register("told", _codes(told))
        connection.execute(
            # by row id, since the engine then reads the other columns of these rows alone
            f"""create or replace temp table near_{feed} as
            select * from {table}
            where rowid in (
                select known.rowid from {table} as known semi join told using (dossier_code))"""
        ).fetchall()
        connection.unregister("told")
    return aside


def _codes(batches: Sequence[Batch]) -> pl.DataFrame:
    """The codes that these batches tell of, as they stand in the log."""
    parts = [part for folder, _ in batches for part in sorted(folder.glob("part-*.parquet"))]
    raw = [pl.read_parquet(part, columns=["MaHoSo"])["MaHoSo"] for part in parts]
    codes = pl.concat([dossier_code(codes) for codes in raw]) if raw else pl.Series(dtype=pl.String)
    return codes.drop_nulls().unique().to_frame("dossier_code")
