"""The estimates as the warehouse keeps them: tables `imp_*`, all of one run, and when that was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final

import duckdb
import polars as pl

from pipelines.analysis.impact import IMPACT_SCHEMAS, Impacts
from pipelines.warehouse.builds import read_whole

RUN_TABLE: Final = "imp_run"
IMPACT_TABLES: Final = (*IMPACT_SCHEMAS, RUN_TABLE)
"""The tables that the step writes; the panel it reads is a model."""

_RUN_SCHEMA: Final = pl.Schema(
    {
        "data_as_of_on": pl.Date,
        "estimated_at": pl.Datetime("us"),
        "run_id": pl.String,
        "rules_hash": pl.String,
        "network_hash": pl.String,
        "costs_hash": pl.String,
        "whole_id": pl.String,
    }
)


@dataclass(frozen=True)
class EstimateRun:
    """What the estimates were made of: the data's last day, and fingerprints of the rules, of
    the network, of the user's costs, and the whole build that the marts go back to."""

    data_as_of_on: date
    estimated_at: datetime
    run_id: str
    rules_hash: str
    network_hash: str
    costs_hash: str | None
    whole_id: str | None


def read_run(connection: duckdb.DuckDBPyConnection) -> EstimateRun | None:
    """What the kept estimates were made of; None where there are none."""
    if not _has_run(connection):
        return None
    rows = connection.sql(f"select * from motcua.main.{RUN_TABLE}").pl()
    return EstimateRun(**rows.row(0, named=True)) if rows.height == 1 else None


def why_due(kept: EstimateRun | None, now: EstimateRun, days: int) -> str | None:
    """Why the estimates are to be made anew; None where those that are kept stand.

    A day more of data moves them less than their intervals are wide, so that they wait until
    the data has moved on by `days`; a build that computed all anew, other rules, another network
    or other costs do not wait.
    """
    if kept is None:
        return "there are none yet"
    for name, what in (
        ("network_hash", "another network"),
        ("rules_hash", "other rules"),
        ("costs_hash", "other costs"),
        ("whole_id", "all was computed anew"),
    ):
        if getattr(kept, name) != getattr(now, name):
            return what
    if abs(now.data_as_of_on - kept.data_as_of_on) >= timedelta(days=days):
        return "the data has moved on"
    return None


def name_basis(connection: duckdb.DuckDBPyConnection) -> tuple[date | None, str | None]:
    """The data's last day, and the whole build that the marts go back to."""
    row = connection.execute("select data_as_of_on from motcua.main.int_as_of").fetchone()
    return (None if row is None else row[0]), read_whole(connection)


def keep(connection: duckdb.DuckDBPyConnection, impacts: Impacts, run: EstimateRun) -> None:
    """Put the estimates in place of those kept, all of them or none."""
    frames = {name: getattr(impacts, name.removeprefix("imp_")) for name in IMPACT_SCHEMAS}
    frames[RUN_TABLE] = pl.DataFrame([asdict(run)], schema=_RUN_SCHEMA)
    connection.begin()
    try:
        for name, frame in frames.items():
            connection.register("kept_frame", frame)
            connection.execute(f"create or replace table motcua.main.{name} as from kept_frame")
            connection.unregister("kept_frame")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _has_run(connection: duckdb.DuckDBPyConnection) -> bool:
    known = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'motcua'"
        " and schema_name = 'main' and table_name = ?",
        [RUN_TABLE],
    ).fetchall()
    return bool(known)
