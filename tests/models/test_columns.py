"""Marts and their documentation do not drift apart; the snapshot has what readers were promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.effects.kept import IMPACT_TABLES
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import settings
from pipelines.warehouse.tables import connect_reader

MARTS = settings().models_dir / "sql" / "marts"
PROMISED = {  # design §5
    "dossier_code", "received_at", "due_original_at", "due_at", "finished_at",
    "working_minutes", "due_computed_at",
}  # fmt: skip


def documented() -> dict[str, dict[str, Any]]:
    """Model -> its entry in the YAML files beside the marts."""
    return {
        model["name"]: model
        for file in sorted(MARTS.glob("*.yml"))
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    }


MODELS = sorted(path.stem for path in MARTS.glob("*.sql"))
SERVED = sorted(path.stem for path in (MARTS.parent / "serving").glob("*.sql"))


@pytest.mark.parametrize("model", MODELS)
def test_documentation_and_columns_of_a_mart_are_the_same(published_home: Path, model: str) -> None:
    entry = documented()[model]
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    try:
        actual = [row[0] for row in connection.sql(f"describe main.{model}").fetchall()]
    finally:
        connection.close()
    columns = {column["name"]: column for column in entry["columns"]}
    assert sorted(columns) == sorted(actual)
    assert len(entry["description"]) > 20
    assert [n for n, column in columns.items() if len(column.get("description", "")) < 5] == []


def test_nothing_is_documented_that_is_not_there() -> None:
    assert set(documented()) == set(MODELS)


def test_models_of_other_layers_are_described() -> None:
    for layer in ("staging", "intermediate", "serving"):
        folder = MARTS.parent / layer
        described = {
            model["name"]: model.get("description", "")
            for file in folder.glob("*.yml")
            for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
        }
        assert set(described) == {path.stem for path in folder.glob("*.sql")}
        assert all(len(text) > 10 for text in described.values())


def test_dossiers_of_the_snapshot_have_the_columns_promised(published_home: Path) -> None:
    snapshot = current_snapshot(published_home / "serving").file
    with duckdb.connect(str(snapshot), read_only=True) as db:
        columns = {row[0] for row in db.sql("describe fct_dossier").fetchall()}
    assert PROMISED - columns == set()


def test_the_snapshot_holds_every_mart_and_no_table_of_the_log(published_home: Path) -> None:
    snapshot = current_snapshot(published_home / "serving").file
    with duckdb.connect(str(snapshot), read_only=True) as db:
        tables = {(s, t) for s, t in db.sql(
            "select schema_name, table_name from duckdb_tables()").fetchall()}  # fmt: skip
    names = (*MODELS, *SERVED, *IMPACT_TABLES, "meta", "meta_document")
    assert tables == {("main", name) for name in names}


def test_the_estimates_of_mergers_are_described_column_by_column(published_home: Path) -> None:
    text = (MARTS.parent / "staging" / "_impact.yml").read_text(encoding="utf-8")
    (source,) = yaml.safe_load(text)["sources"]
    described = {
        table["name"]: [(c["name"], c["data_type"]) for c in table["columns"]]
        for table in source["tables"]
    }
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    try:
        actual = {
            name: [
                (column, str(kind).lower())
                for column, kind, *_ in connection.sql(f"describe main.{name}").fetchall()
            ]
            for name in IMPACT_TABLES
        }
    finally:
        connection.close()
    assert described == actual
