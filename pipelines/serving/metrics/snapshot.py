"""A published snapshot as the metric layer sees it: a sealed connection and its dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import cast

import duckdb
import polars as pl

from pipelines.serving.leases import Lease

CATALOG = "motcua"
DAYS_OF_BALANCES = 62
"""Days before the data's own date for which the marts keep a balance of every day."""

Value = str | date | list[str] | list[date]
"""What a DuckDB variable of a question may hold."""

_ANCHORS = {
    "met_submitted": "submitted_on",
    "met_received": "received_on",
    "met_resolved": "finished_on",
    "met_returned": "returned_on",
    "met_closed": "closed_on",
    "met_stock": "period_end_on",
}


class SnapshotError(Exception):
    """A file that is no snapshot, or lacks what the metric layer needs; one sentence."""


@dataclass(frozen=True)
class Dimensions:
    """What a snapshot knows, read once.

    `units`: unit_key, unit_code, unit_valid_from, unit_valid_to, level, district_code.
    `successors`: unit_key, successor_key, from_on: the units that have a unit's dossiers on today's
    boundaries, and since when; None in a snapshot made before they were kept. `procedures`:
    procedure_code, field_code. `first_day` is None where nothing happened yet. `balance_days`
    are the days with a balance in the marts, sorted.
    """

    units: pl.DataFrame
    successors: pl.DataFrame | None
    procedures: pl.DataFrame
    fields: frozenset[str]
    as_of: date
    first_day: date | None
    balance_days: tuple[date, ...]


class SealedSnapshot:
    """An in-memory DuckDB with the snapshot attached read-only and everything else shut."""

    def __init__(self, snapshot_file: Path) -> None:
        """Hold the file, attach it under the catalog name its manifest uses, lock the settings.

        Raises `SnapshotError` where the file cannot be attached.
        """
        self.file = snapshot_file
        try:
            self._lease = Lease(snapshot_file)
        except OSError as error:
            raise SnapshotError(f"{snapshot_file.name} is not a readable snapshot") from error
        self._lock = Lock()
        self._connection = duckdb.connect()
        quoted = str(snapshot_file).replace("'", "''")
        try:
            self._connection.execute(f"attach '{quoted}' as {CATALOG} (read_only)")
        except duckdb.Error as error:
            self.close()
            raise SnapshotError(f"{snapshot_file.name} is not a readable snapshot") from error
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    def run(self, sql: str, variables: dict[str, Value] | None = None) -> pl.DataFrame:
        """Run one statement on a cursor of its own, with `variables` set for it alone."""
        with self._lock:
            cursor = self._connection.cursor()
        try:
            for name, value in (variables or {}).items():
                cursor.execute(f"set variable {name} = {_cast(value)}", [value])
            table = cursor.sql(sql).to_arrow_table()
            return pl.DataFrame(table)
        finally:
            cursor.close()

    def read_document(self, name: str) -> str:
        """The body of a document stored in the snapshot.

        Raises `SnapshotError` where it has none of that name.
        """
        return self._read_text("select body from motcua.meta_document where name = ", name)

    def find_document(self, name: str) -> str | None:
        """The body of a document, None in a snapshot made before it was kept."""
        found = self.run(
            "select body from motcua.meta_document where name = getvariable('mc_key')",
            {"mc_key": name},
        )
        return None if found.is_empty() else str(found.item(0, 0))

    def read_meta(self) -> dict[str, str]:
        """What the snapshot says of itself, by key. Raises `SnapshotError`."""
        try:
            rows = self.run("select key, value from motcua.meta")
        except duckdb.Error as error:
            raise SnapshotError(f"{self.file.name} is no snapshot") from error
        return dict(rows.iter_rows())

    def read_dimensions(self) -> Dimensions:
        """Read units, procedures, fields and the days the snapshot speaks of."""
        as_of = self._read_text("select value from motcua.meta where key = ", "data_as_of")
        try:
            last_day = date.fromisoformat(as_of[:10])
        except ValueError as error:
            raise SnapshotError(f"{self.file.name}: data_as_of is not a date") from error
        firsts = " union all ".join(
            f"select min({anchor})::date as day from motcua.{table}"
            for table, anchor in _ANCHORS.items()
        )
        first_day = cast("date | None", self.run(f"select min(day) from ({firsts})").item(0, 0))
        days = self.run("select distinct period_end_on::date as day from motcua.met_stock")
        return Dimensions(
            units=self.run(
                "select unit_key, unit_code, unit_valid_from, unit_valid_to, level, district_code"
                " from motcua.dim_unit"
            ),
            successors=self.find_successors(),
            procedures=self.run("select procedure_code, field_code from motcua.dim_procedure"),
            fields=frozenset(
                self.run("select field_code from motcua.dim_field")["field_code"].to_list()
            ),
            as_of=last_day,
            first_day=first_day,
            balance_days=_balance_days(set(days["day"].to_list()), first_day, last_day),
        )

    def has_table(self, name: str) -> bool:
        """Whether the snapshot has a table: one made by an older program may lack it."""
        found = self.run(
            "select count(*) from duckdb_tables()"
            " where database_name = 'motcua' and table_name = getvariable('mc_table')",
            {"mc_table": name},
        )
        return bool(found.item())

    def find_successors(self) -> pl.DataFrame | None:
        """`Dimensions.successors`: None in a snapshot made before they were kept."""
        if not self.has_table("dim_unit_successor"):
            return None
        return self.run(
            "select unit_key, successor_key, from_on from motcua.dim_unit_successor"
            " where until_on is null"
        )

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()
        self._lease.close()

    def _read_text(self, select: str, key: str) -> str:
        try:
            found = self.run(f"{select} getvariable('mc_key')", {"mc_key": key})
        except duckdb.CatalogException as error:
            raise SnapshotError(f"{self.file.name} is no snapshot: {error}") from error
        if found.is_empty():
            raise SnapshotError(f"{self.file.name} holds no {key}")
        return str(found.item(0, 0))


def _cast(value: Value) -> str:
    if isinstance(value, list):
        return "?::date[]" if value and isinstance(value[0], date) else "?::varchar[]"
    return "?::date" if isinstance(value, date) else "?::varchar"


def _balance_days(present: set[date], first_day: date | None, as_of: date) -> tuple[date, ...]:
    """Days whose balance is known: those of the marts' rule, and any other day with rows.

    A day of the rule without rows is a true zero: rows of nothing but zeros are not stored.
    Source of the rule: month ends, Sundays, the last `DAYS_OF_BALANCES` days, the data's day.
    """
    first = as_of if first_day is None else min(first_day, as_of)
    days = pl.DataFrame({"day": pl.date_range(first, as_of, "1d", eager=True)})
    kept = days.filter(
        (pl.col("day") == pl.col("day").dt.month_end())
        | (pl.col("day").dt.weekday() == 7)
        | (pl.col("day") > as_of - timedelta(days=DAYS_OF_BALANCES))
        | pl.col("day").is_in(list(present))
    )
    return tuple(kept["day"].to_list())
