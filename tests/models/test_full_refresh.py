"""A full refresh makes the tables that a plain build makes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.tables import hash_tables

RunDbt = Callable[..., subprocess.CompletedProcess[str]]
BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


@pytest.fixture
def warehouse_copy(published_home: Path, tmp_path: Path) -> Path:
    """The warehouse of the small home, to write to."""
    copy = tmp_path / "motcua.duckdb"
    shutil.copy(published_home / "warehouse" / "motcua.duckdb", copy)
    return copy


@pytest.mark.long
def test_a_full_refresh_equals_a_second_plain_build(warehouse_copy: Path, run_dbt: RunDbt) -> None:
    published = hash_tables(warehouse_copy)
    build(run_dbt, warehouse_copy)
    assert hash_tables(warehouse_copy) == published
    change_a_row(warehouse_copy)
    changed = hash_tables(warehouse_copy)
    assert {name for name in published if changed[name] != published[name]} == {"main.fct_dossier"}
    build(run_dbt, warehouse_copy, "--full-refresh")
    assert hash_tables(warehouse_copy) == published


def change_a_row(warehouse_file: Path) -> None:
    """What a full refresh must undo, and a hash must see."""
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute(
            "update main.fct_dossier set state = 'open' where dossier_code ="
            " (select min(dossier_code) from main.fct_dossier where state = 'resolved')"
        )


def build(run_dbt: RunDbt, warehouse_file: Path, *args: str) -> None:
    """`dbt build`, which must succeed."""
    done = run_dbt(warehouse_file, *BUILD, *args)
    assert done.returncode == 0, done.stdout[-3000:]
