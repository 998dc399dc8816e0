"""Tables that DuckDB reads: its own files, Parquet, delimited text, JSON and lines of JSON.

One statement a table asks for all its columns at once; only a table with a match is asked again,
for the kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.scanner.findings import Hit, Patterns, hits_in_name, name_place

_NEVER = ("BOOLEAN", "DATE", "TIME", "TIMESTAMP", "INTERVAL", "UUID", "TINYINT", "UTINYINT",
          "SMALLINT", "USMALLINT", "BIT")  # fmt: skip
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
_NESTED = ("STRUCT", "MAP", "UNION", "JSON", "VARIANT")


def scan_duckdb(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every table of every schema of a DuckDB file, and what its catalog says in words."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {_quoted(str(path))} as scanned (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'scanned' order by all"
        ).fetchall()
        for schema, table in tables:
            relation = f"scanned.{_identifier(schema)}.{_identifier(table)}"
            yield from _scan(connection, relation, f"{schema}.{table}", patterns)
        for column, sql in _CATALOG.items():
            yield from _scan(connection, f"({sql})", f"catalog: {column}", patterns)


_CATALOG = {
    "views": "select sql, comment from duckdb_views()"
    " where database_name = 'scanned' and not internal",
    "tables": "select sql, comment, tags from duckdb_tables() where database_name = 'scanned'",
    "columns": "select comment, column_default from duckdb_columns()"
    " where database_name = 'scanned'",
    "macros": "select macro_definition, comment from duckdb_functions()"
    " where database_name = 'scanned' and not internal",
}


def scan_parquet(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every column of a Parquet file, and the key-values of its footer."""
    place = _quoted(str(path))
    with duckdb.connect() as connection:
        yield from _scan(connection, f"read_parquet({place})", "", patterns)
        footer = f"""(select decode(key) as key, decode(value) as value
            from parquet_kv_metadata({place}))"""
        yield from _scan(connection, footer, "footer", patterns)


def scan_csv(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every column of a delimited text. Raises `duckdb.Error` where it is none."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""create temp table scanned as from read_csv({_quoted(str(path))},
                all_varchar = true, header = true, sample_size = -1)"""
        )
        yield from _scan(connection, "scanned", "", patterns)


def scan_json(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every value of a JSON document, or of lines of JSON, by its path without positions.

    Names of members are values too: a key may be a telephone number. Raises `duckdb.Error` or
    `UnicodeDecodeError` where it is no JSON.
    """
    text = path.read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip()]
    with duckdb.connect() as connection:
        if connection.execute("select json_valid(?)", [text]).fetchall()[0][0]:
            lines = [text]
        connection.execute(
            """create temp table leaf as
            select regexp_replace(fullkey, '\\[[0-9]+\\]', '[]', 'g') as place, key::varchar as key,
                coalesce(atom::varchar, '') as value
            from (select unnest(?::varchar[]) as line) as document, json_tree(document.line)""",
            [lines],
        )
        for column in ("value", "key"):
            for kind, pattern in patterns.items():
                rows = connection.execute(
                    f"""select place, count(*) from leaf where regexp_matches({column}, ?)
                    group by all order by all""",
                    [pattern],
                ).fetchall()
                for place, count in rows:
                    yield "", name_place(str(place), patterns), kind, int(count)


def _scan(
    connection: duckdb.DuckDBPyConnection, relation: str, table: str, patterns: Patterns
) -> Iterator[Hit]:
    columns = connection.execute(f"describe select * from {relation}").fetchall()
    shown = name_place(table, patterns)
    for kind in hits_in_name(table, patterns):
        yield shown, "(name of the table)", kind, 1
    texts: dict[str, str] = {}
    for name, kind_of, *_ in columns:
        for kind in hits_in_name(str(name), patterns):
            yield shown, f"(name of column {len(texts) + 1})", kind, 1
        text = _as_text(_identifier(str(name)), str(kind_of))
        if text is not None:
            texts[str(name)] = text
    if not texts:
        return
    any_of = _quoted("|".join(f"({pattern})" for pattern in patterns.values()))
    tests = ", ".join(f"count_if(regexp_matches({text}, {any_of}))" for text in texts.values())
    counts = connection.execute(f"select {tests} from {relation}").fetchall()[0]
    suspects = [name for name, count in zip(texts, counts, strict=True) if count]
    for name in suspects:
        kinds = ", ".join(
            f"count_if(regexp_matches({texts[name]}, {_quoted(pattern)}))"
            for pattern in patterns.values()
        )
        found = connection.execute(f"select {kinds} from {relation}").fetchall()[0]
        for kind, count in zip(patterns, found, strict=True):
            if count:
                yield shown, name_place(name, patterns), kind, int(count)


def _as_text(column: str, kind: str) -> str | None:
    """SQL: a column as text; None where its type can hold no such value."""
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"to_json({column})::varchar"
    if kind.startswith(_NEVER):
        return None
    if kind.startswith(_FRACTIONS):
        whole = f"try_cast({column} as hugeint)"
        return f"case when {whole} = {column} then {whole}::varchar end"
    return f"{column}::varchar"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
