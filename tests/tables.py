"""The tables of a warehouse that two builds have in common, and fingerprints of their rows."""

from __future__ import annotations

from pathlib import Path

from pipelines.warehouse.tables import connect_reader, content_hash

MARTS = ("dim_", "fct_", "met_", "dq_", "imp_", "srv_", "metricflow_")
KEPT = ("int_wait_merged", "int_pattern_mark", "int_period_end", "int_as_of")
"""Working tables that are of all dossiers, also after an increment."""


def hash_tables(warehouse_file: Path, *schemas: str) -> dict[str, str]:
    """`schema.table` → fingerprint, of the log, the reference data, and the marts.

    Left out is what belongs to one build: its state, what an increment changed, and working tables
    that hold the dossiers of its scope alone.
    """
    connection = connect_reader(warehouse_file)
    try:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = current_database()"
            " and schema_name not in ('build', 'increment') order by all"
        ).fetchall()
        tables = [
            f"{schema}.{name}"
            for schema, name in found
            if not schemas or schema in schemas
            if not name.startswith(("int_", "stg_")) or name in KEPT
        ]
        return {name: content_hash(connection, name) for name in tables}
    finally:
        connection.close()


def hash_marts(warehouse_file: Path) -> dict[str, str]:
    """Table → fingerprint, of the marts and what is kept beside them."""
    hashes = hash_tables(warehouse_file, "main")
    names = {name.removeprefix("main."): value for name, value in hashes.items()}
    return {n: value for n, value in names.items() if n.startswith(MARTS) or n in KEPT}
