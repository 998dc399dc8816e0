"""Everything a home holds as text, read through the engine that wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb


def find_texts(content: str, texts: Iterable[str]) -> list[str]:
    """Those of the texts that a content holds."""
    return [text for text in texts if text in content]


def table_texts(home: Path) -> Iterator[tuple[str, str]]:
    """Place and text of every Parquet file, table and text file below a home.

    The inbox and the shops' own files are not the product's.
    """
    for path in sorted(home.rglob("*")):
        place = path.relative_to(home)
        if not path.is_file() or place.parts[0] == "inbox" or path.name == "sources.yml":
            continue
        if path.suffix == ".parquet":
            yield str(place), _text_of(duckdb.connect(), f"read_parquet('{path}')")
        elif path.suffix == ".duckdb":
            yield from _tables(path, str(place))
        else:
            yield str(place), path.read_text(encoding="utf-8", errors="ignore")


def _tables(path: Path, place: str) -> Iterator[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall():
            yield f"{place}: {schema}.{name}", _text_of(connection, f'{schema}."{name}"')


def _text_of(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    rows = connection.sql(f"select to_json(t)::varchar from (from {relation}) as t").fetchall()
    return "\n".join(str(row[0]) for row in rows)
