"""Databases of others: SQLite files and a PostgreSQL by its URL, as Dagster keeps its storage."""

# psycopg2 brings no type information
# pyright: reportMissingModuleSource=false

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2

from pipelines.scanner.findings import Hit, Patterns, count_texts, hits_in_name, name_place

_ROWS = 20_000


def scan_sqlite(path: Path, patterns: Patterns) -> Iterator[Hit]:
    """Every column of every table, and the statements that made them.

    The file is opened read-only, its write-ahead log included.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = _as_text
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        for (table,) in [("sqlite_master",), *tables.fetchall()]:
            shown = name_place(table, patterns)
            for kind in hits_in_name(table, patterns):
                yield shown, "(name of the table)", kind, 1
            cursor = connection.execute(f"select * from {_identifier(table)}")
            names = [str(column[0]) for column in cursor.description]
            counts: Counter[tuple[str, str]] = Counter()
            while rows := cursor.fetchmany(_ROWS):
                for name, values in zip(names, zip(*rows, strict=True), strict=True):
                    texts = [_as_text(value) for value in values if value is not None]
                    for kind, count in count_texts(texts, patterns).items():
                        counts[name, kind] += count
            for (name, kind), count in counts.items():
                yield shown, name_place(name, patterns), kind, count


def scan_postgres(url: str, patterns: Patterns) -> Iterator[Hit]:
    """Every column of every table outside the system's schemas; the server does the matching.

    Raises `psycopg2.Error` where the server does not answer.
    """
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.set_session(readonly=True)
        cursor.execute(
            """select table_schema, table_name, column_name, data_type
            from information_schema.columns
            where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, 3"""
        )
        for schema, table, column, data_type in cursor.fetchall():
            names = (schema, table, column)
            shown, place = name_place(f"{schema}.{table}", patterns), name_place(column, patterns)
            for kind in {k for name in names for k in hits_in_name(name, patterns)}:
                yield shown, "(name)", kind, 1
            value = _identifier(column)
            value = f"encode({value}, 'escape')" if data_type == "bytea" else f"{value}::text"
            tests = ", ".join(f"count(*) filter (where {value} ~ %s)" for _ in patterns)
            relation = f"{_identifier(schema)}.{_identifier(table)}"
            cursor.execute(f"select {tests} from {relation}", list(patterns.values()))
            for kind, count in zip(patterns, cursor.fetchall()[0], strict=True):
                if count:
                    yield shown, place, kind, int(count)


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
