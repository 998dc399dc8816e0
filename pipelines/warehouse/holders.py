"""Which snapshots still hold a dossier that was erased: they are immutable, so they are named."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.intake.erasures import normal_code


def snapshots_with(serving_dir: Path, code: str) -> list[str]:
    """The names of the published snapshots in which the code of a dossier stands."""
    wanted = normal_code(code)
    return [
        file.stem for file in sorted(serving_dir.glob("motcua-*.duckdb")) if _holds(file, wanted)
    ]


def _holds(file: Path, code: str) -> bool:
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_columns() where column_name = 'dossier_code'"
        ).fetchall()
        return any(
            connection.execute(
                f"select 1 from {name} where dossier_code = ? limit 1", [code]
            ).fetchall()
            for (name,) in tables
        )
