"""What is equal after a kill: the log, the marts, the snapshot, and nothing left lying about.

Left out everywhere is the name of the run (`run_id`, `pull_id`, its part of a version's name): a
re-run is another run. All else is compared, known times, files and positions too.

`log.outcome` is the record of pulls. A killed run did pull what it landed, and the re-run asks
those shops again: there are more outcomes, none of which brought anything. `dq_source` sums them,
so its counts of pulls are left out.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from pipelines.serving.snapshot import POINTER, current_snapshot
from pipelines.warehouse.tables import connect_reader
from tests.tables import MARTS

RUN = ("pull_id", "run_id")
OF_PULLS = ("records_in_n", "unchanged_n", "quarantined_n")
OWN = {
    "dq_source": OF_PULLS,
    "srv_published_effect": ("snapshot",),
    "imp_run": ("run_id", "whole_id"),
}
"""Columns of a table that belong to one run."""


def hash_rows(db: duckdb.DuckDBPyConnection, table: str, *without: str) -> str:
    """A fingerprint of all rows of a table, free of their order, every column but some."""
    names = [str(row[0]) for row in db.execute(f"describe {table}").fetchall()]
    values = ", ".join(f'"{name}"' for name in sorted(names) if name not in without)
    answer = db.execute(
        f"select count(*), sum(md5_number_lower(to_json(row({values}))::varchar)::hugeint)"
        f" from {table}"
    ).fetchall()[0]
    return f"{answer[0]}:{answer[1] or 0:x}"


def hash_log(home: Path) -> dict[str, str]:
    """The log but for its outcomes. A figure was said by a snapshot that bears its run's name."""
    db = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        tables = ("dossier_version", "progress", "quarantine", "period_state", "reported_figure")
        hashes = {name: hash_rows(db, f"log.{name}", *RUN) for name in tables}
        for said in ("published_figure", "published_effect"):
            hashes[said] = hash_rows(db, f"log.{said}", "snapshot")
        return hashes
    finally:
        db.close()


def list_outcomes(home: Path) -> Counter[tuple[object, ...]]:
    """Every outcome without the name of its run."""
    db = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        rows = db.execute(f"select accepted, * exclude ({', '.join(RUN)}) from log.outcome")
        return Counter(tuple(map(str, row)) for row in rows.fetchall())
    finally:
        db.close()


def check_outcomes(home: Path, right: Counter[tuple[object, ...]]) -> None:
    """Every outcome of the run that was not killed is there; what is more brought nothing."""
    found = list_outcomes(home)
    assert right - found == Counter()
    assert {row[0] for row in found - right} <= {"0"}


def hash_marts(home: Path, *without: str) -> dict[str, str]:
    """Every mart of the warehouse, all columns but those named."""
    db = connect_reader(home / "warehouse" / "motcua.duckdb")
    try:
        return _hash_main(db, *without)
    finally:
        db.close()


def hash_snapshot(home: Path) -> dict[str, str]:
    """Every table of the current snapshot but what it says of its own name."""
    with duckdb.connect(str(current_snapshot(home / "serving").file), read_only=True) as db:
        return _hash_main(db)


def _hash_main(db: duckdb.DuckDBPyConnection, *without: str) -> dict[str, str]:
    tables = db.execute(
        "select table_name from information_schema.tables"
        " where table_schema = 'main' and table_catalog = current_catalog() order by all"
    ).fetchall()
    return {
        name: hash_rows(db, f"main.{name}", *without, *OWN.get(name, ()))
        for (name,) in tables
        if name.startswith(MARTS)
    }


def list_left_overs(home: Path) -> list[str]:
    """Files of a home that no finished run leaves."""
    wanted = {
        "landing": ("outcome.json", "part-*.parquet"),
        "warehouse": ("motcua.duckdb", "warehouse.lock", "warehouse.lock.holder"),
        "serving": ("motcua-*.duckdb", POINTER),
    }
    return sorted(
        str(path.relative_to(home))
        for part, patterns in wanted.items()
        for path in (home / part).rglob("*")
        if not path.is_dir()
        if any(word.startswith(".") for word in path.relative_to(home).parts)
        or not any(path.match(pattern) for pattern in patterns)
    )
