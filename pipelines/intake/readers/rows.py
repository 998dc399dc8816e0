"""Rows of a database: typed columns as de-identified text columns."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.intake.canonical import Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.readers.batch import Batch, UnreadableError, engine, finish
from pipelines.intake.readers.tables import CODE, UPDATED, Header, code_header, take_rows, tidy


def read_rows(
    rows: pl.DataFrame,
    *,
    record: Record,
    dialect: Dialect,
    cursor: str,
    file: str,
    reference: Path,
    first_position: int = 1,
) -> Batch:
    """Read rows of a query like lines of a table, every value as text, lists as JSON in a text.

    The column `cursor` is the envelope's time. Moments without a zone are local, those with one
    what they are; flags are 1 and 0. Raises `UnreadableError` (`header_missing`) without the
    cursor or a column for the dossier's code.
    """
    names = rows.columns
    if cursor not in names:
        raise UnreadableError("header_missing", f"no column {cursor!r}")
    # the envelope's time stands first: the first of two equal headers counts
    header = Header([UPDATED, *(tidy(name) for name in names)], 0)
    found = header.columns(record, dialect)
    if CODE not in found:
        raise UnreadableError("header_missing", f"no column {code_header(dialect)!r}")
    plain = rows.rename({name: f"a{n}" for n, name in enumerate(names)})
    texts = [_as_text(name, kind) for name, kind in plain.schema.items()]
    texts.insert(0, texts[names.index(cursor)])
    columns = ", ".join(f"nullif({text}, 'null') as c{n}" for n, text in enumerate(texts))
    with engine().cursor() as connection:
        connection.register("plain", plain)
        take_rows(
            connection,
            f"(select {columns} from plain)",
            header,
            record,
            dialect,
            file,
            position=f"row_number() over () + {first_position - 1}",
        )
        frame = finish(connection, record, dialect, reference)
    return Batch(frame, header.dropped(found) - {cursor, UPDATED})


def _as_text(name: str, kind: pl.DataType) -> str:
    """SQL: a value as a table would hold it."""
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return f"strftime(timezone('UTC', {name}), '%Y-%m-%dT%H:%M:%SZ')"
    if isinstance(kind, pl.Datetime):
        return f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
    if isinstance(kind, pl.Boolean):
        return f"{name}::int::varchar"
    return f"{name}::varchar"
