"""Reported figures in the log, kept for ever, and read back from a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.reconcile.reported import ReportedFigure
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer

_SCHEMA = {
    "source": pl.String,
    "unit_key": pl.String,
    "unit_code": pl.String,
    "unit_valid_from": pl.Date,
    "month_on": pl.Date,
    "metric": pl.String,
    "definition": pl.String,
    "value": pl.Float64,
    "reported_on": pl.Date,
    "line": pl.Int64,
}

# what was said before and is still so is not said again, as with published figures
_APPEND = """
insert into log.reported_figure by name
with said as (
    select * from log.reported_figure
    qualify row_number() over (
        partition by source, unit_key, month_on, metric, definition
        order by import_n desc) = 1)
select given.*, ?::timestamp as imported_at, ? as file,
    (select coalesce(max(import_n), 0) + 1 from log.reported_figure) as import_n
from given left join said
    on given.source = said.source and given.unit_key = said.unit_key
    and given.month_on = said.month_on and given.metric = said.metric
    and given.definition is not distinct from said.definition
where said.source is null or given.value <> said.value or given.reported_on <> said.reported_on
returning 1
"""
_KEPT = """
select source, unit_key, unit_code, unit_valid_from, month_on, metric, definition,
    reported_value as value, reported_on, line
from motcua.srv_reported_figure
order by source, unit_key, month_on, metric, definition
"""


def keep_reported(
    warehouse_file: Path, figures: Sequence[ReportedFigure], *, file: str, imported_at: datetime
) -> int:
    """Append the figures that are new or differ from what was last reported; how many.

    Raises `WarehouseBusyError` where another writer holds the warehouse for too long.
    """
    given = pl.DataFrame([asdict(figure) for figure in figures], schema=_SCHEMA)
    with writer_lock(warehouse_file, "importing reported figures"):
        connection = connect_writer(warehouse_file)
        try:
            connection.register("given", given)
            return len(connection.execute(_APPEND, [imported_at, file]).fetchall())
        finally:
            connection.close()


def read_kept(snapshot: SealedSnapshot) -> list[ReportedFigure]:
    """Every reported figure that the snapshot holds, the newest import of each."""
    return [ReportedFigure(**row) for row in snapshot.run(_KEPT).iter_rows(named=True)]
