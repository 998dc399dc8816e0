"""Judge the marts of a warehouse and keep what was found in its `srv_` tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.analysis.signals import (
    ASK_SCHEMA,
    FUNNEL_SCHEMA,
    SIGNAL_SCHEMA,
    SPC_SCHEMA,
    chart_months,
    compare_units,
    judge_week,
    list_charted,
    read_months,
)
from pipelines.serving.parameters import HEADLINE_DIGITIZATION, MIN_DENOMINATOR
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer

SIGNAL_TABLES = {
    "srv_signal": SIGNAL_SCHEMA,
    "srv_ask": ASK_SCHEMA,
    "srv_spc": SPC_SCHEMA,
    "srv_funnel": FUNNEL_SCHEMA,
}
"""Tables of the main schema with their columns."""


@dataclass(frozen=True)
class Kept:
    """How many tests were made, how many of them are signals, how many questions are asked."""

    tests: int
    signals: int
    questions: int


def keep_signals(warehouse_file: Path) -> Kept:
    """Replace the signals of a warehouse by those of its marts as they are, in one transaction.

    Holds the writer's lock. A warehouse that nothing was told yet has the tables without rows.
    """
    with writer_lock(warehouse_file, "judging the week"):
        connection = connect_writer(warehouse_file)
        try:
            frames = find_signals(connection)
            connection.begin()
            for name, frame in frames.items():
                connection.register("found", frame)
                connection.execute(f"create or replace table motcua.main.{name} as from found")
                connection.unregister("found")
            connection.commit()
        finally:
            connection.close()
    signals = frames["srv_signal"]
    return Kept(
        tests=int(signals["p_value"].count()),
        signals=int(signals["is_signal"].sum()),
        questions=int(frames["srv_ask"]["is_listed"].sum()),
    )


def find_signals(connection: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Every table of `SIGNAL_TABLES` from the marts in schema `main`."""
    data_as_of = _read_day(connection)
    if data_as_of is None:
        return {name: schema.to_frame() for name, schema in SIGNAL_TABLES.items()}

    def run(sql: str) -> pl.DataFrame:
        return connection.sql(sql).pl()

    week = judge_week(
        run, data_as_of, least=MIN_DENOMINATOR, headline_digitization=HEADLINE_DIGITIZATION
    )
    charted = list_charted(HEADLINE_DIGITIZATION)
    months = read_months(run, charted, data_as_of)
    return {
        "srv_signal": week.signals,
        "srv_ask": week.questions,
        "srv_spc": chart_months(run, months, charted, MIN_DENOMINATOR),
        "srv_funnel": compare_units(run, months, charted, MIN_DENOMINATOR),
    }


def _read_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    rows = connection.execute("select data_as_of_on from main.int_as_of").fetchall()
    return rows[0][0] if rows else None
