"""Seeds hold what their files hold, cell by cell, as text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.settings import settings
from pipelines.warehouse.tables import connect_reader

FILES = sorted(settings().reference_dir.glob("*.csv"))


def read_file(path: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = list(csv.reader(lines))
    return header, sorted(tuple(row) for row in rows)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_seed_equals_its_file_as_text(published_home: Path, file: Path) -> None:
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    try:
        described = connection.sql(f"describe main.{file.stem}").fetchall()
        rows = connection.sql(f"select * from main.{file.stem}").fetchall()
    finally:
        connection.close()
    header, expected = read_file(file)
    assert [name for name, *_ in described] == header
    assert {kind for _, kind, *_ in described} == {"VARCHAR"}
    assert sorted(tuple("" if c is None else c for c in row) for row in rows) == expected


def test_codes_with_leading_zeros_and_the_word_na_are_text(published_home: Path) -> None:
    connection = connect_reader(published_home / "warehouse" / "motcua.duckdb")
    try:
        units = connection.sql("select unit_code from main.units").fetchall()
    finally:
        connection.close()
    assert ("00691",) in units
    assert ("02",) in units


def test_every_seed_declares_its_columns_as_text() -> None:
    import yaml

    declared = yaml.safe_load(
        (settings().models_dir / "sql" / "staging" / "_seeds.yml").read_text(encoding="utf-8")
    )["seeds"]
    columns = {seed["name"]: seed["config"]["column_types"] for seed in declared}
    assert {name: list(types) for name, types in columns.items()} == {
        file.stem: read_file(file)[0] for file in FILES
    }
    assert {kind for types in columns.values() for kind in types.values()} == {"varchar"}
