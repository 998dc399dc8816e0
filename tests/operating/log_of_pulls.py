"""A log of pulls written by hand: what came on which day, and how much of it broke a rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.intake.sources import Source
from pipelines.warehouse.tables import connect_writer

# a Monday; no day off but Saturdays and Sundays in the four weeks around it
MONDAY = datetime(2026, 6, 15, 6)


def day(number: float) -> datetime:
    """Six o'clock so many days after that Monday."""
    return MONDAY + timedelta(days=number)


def source(name: str = "shop", **expect: object) -> Source:
    """A listed source with what is expected of it."""
    return Source.model_validate(
        {
            "id": name, "kind": "files", "files": {"path": "inbox/*.csv"}, "expect": expect,
            "dialect": "shop-csv",
        }
    )  # fmt: skip


def add_pull(
    log: duckdb.DuckDBPyConnection,
    at: datetime,
    accepted: int = 0,
    broken: int = 0,
    unchanged: int = 0,
    status: str = "ok",
    name: str = "shop",
) -> None:
    """A pull and its newly broken records."""
    pull = f"{at:%Y%m%dT%H%M%S}-{name}"
    log.execute(
        """insert into log.outcome (pull_id, run_id, source, feed, status, fetched_at, records_in,
            accepted, unchanged, quarantined, dropped_fields, bytes, error_class, is_synthetic)
        values (?, 'r', ?, 'dossiers', ?, ?, ?, ?, ?, ?, 0, 0, ?, false)""",
        [pull, name, status, at, accepted + unchanged + broken, accepted, unchanged, broken,
         None if status == "ok" else "unreachable"],
    )  # fmt: skip
    log.execute(
        """insert into log.quarantine (source, feed, rule, field, record, occurrence_n,
            content_hash, pull_id, run_id, known_at, file, position)
        select ?, 'dossiers', 'no_code', 'MaHoSo', '{}', 1, hash(?, n), ?, 'r', ?, 'f', n
        from range(?) as r (n)""",
        [name, pull, pull, at, broken],
    )


@contextmanager
def written_log(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The log of a home, open for writing."""
    log = connect_writer(home / "warehouse" / "motcua.duckdb")
    try:
        yield log
    finally:
        log.close()
