"""Database sources: the rows of a query that were updated within a window, as a stream.

PostgreSQL by ADBC (docs/adr/0010). The window stands in settings of the transaction, set by
parameters, so that the query itself stays one that the server can stream.
"""

# adbc and pyarrow bring no type information
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import pyarrow as pa

from pipelines.intake.auth import read_secret
from pipelines.intake.dialects import Dialect
from pipelines.intake.errors import PullError
from pipelines.intake.kinds import Database
from pipelines.intake.windows import Window

BATCH_BYTES: Final = 16 << 20
_SCHEMES: Final = ("postgresql", "postgres")
# nobody waits for ever for a server that is gone
_PATIENCE: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
_BEGINNING: Final = "-infinity"
_REASONS: Final = {
    "42P01": "it names a table that is not there",
    "42703": "it names a column that is not there",
    "42601": "its syntax is wrong",
    "42501": "this account may not read that",
    "25006": "it wants to write",
}


@dataclass(frozen=True)
class Rows:
    """A batch of rows; `sha256` and `received` (bytes) are those of its Arrow form."""

    frame: pl.DataFrame = field(repr=False)
    sha256: str
    received: int


def rows(
    database: Database,
    window: Window,
    dialect: Dialect,
    folder: Path,
    *,
    limit: int | None = None,
) -> Generator[Rows]:
    """The rows with a cursor in [since, until), batch by batch, in a read-only transaction; at
    most `limit` of them.

    Moments of the window and columns without a zone are read in the dialect's. Raises `PullError`:
    `no_url`, `bad_url`, `unauthorized`, `unreachable`, `too_slow`, `bad_query`, with the class of
    the database's error, never its text, which may hold data.
    """
    address = _address(database, folder)
    with _in_our_words(database), adbc.connect(address) as connection:
        with connection.cursor() as cursor:
            cursor.execute("set transaction read only")
            cursor.execute(
                """select set_config('TimeZone', $1, true),
                    set_config('statement_timeout', $2, true),
                    set_config('motcua.since', $3, true), set_config('motcua.until', $4, true)""",
                (
                    dialect.time_zone,
                    f"{database.timeout.total_seconds() * 1000:.0f}",
                    _written(window.since),
                    _written(window.until),
                ),
            )
            cursor.fetchall()
        with connection.cursor() as cursor:
            cursor.adbc_statement.set_options(
                **{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            )
            cursor.execute(_windowed(database, limit))
            for batch in _batches(database, cursor.fetch_record_batch()):
                yield _rows(batch)


def _batches(database: Database, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of a stream. What breaks it off has no class of the database's any more, and
    its text may hold data: it is read, never told."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            text = str(error)
            if "statement timeout" in text:
                raise _too_slow(database) from None
            reason = "the database broke it off while it sent rows"
            if "read-only transaction" in text:
                reason = _REASONS["25006"]
            raise PullError(
                "bad_query", f"database.query: {reason} ({type(error).__name__})"
            ) from None
        yield batch


def _rows(batch: pa.RecordBatch) -> Rows:
    plain = pa.Table.from_arrays([_plain(c) for c in batch.columns], names=batch.schema.names)
    frame = cast(pl.DataFrame, pl.from_arrow(plain))
    return Rows(frame, hashlib.sha256(batch.serialize()).hexdigest(), batch.nbytes)


def _plain(column: pa.Array) -> pa.Array:
    """JSON, numerics, names of an enumeration as the texts they are stored as; other bytes, arrays
    and intervals, which nothing of the record is, as none."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    kind = column.type
    if pa.types.is_binary(kind):
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            return pa.nulls(len(column), pa.string())
    is_plain = pa.types.is_string(kind) or pa.types.is_temporal(kind) or pa.types.is_boolean(kind)
    is_plain = is_plain or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not is_plain or pa.types.is_interval(kind):
        return pa.nulls(len(column), pa.string())
    return column


def _windowed(database: Database, limit: int | None) -> str:
    """The query within the window; a comment at its end ends with its line."""
    at_most = f"\nlimit {limit}" if limit is not None else ""
    cursor = '"' + database.cursor.replace('"', '""') + '"'
    return f"""select * from (
{database.query}
) as q
where q.{cursor} >= current_setting('motcua.since')::timestamp
    and q.{cursor} < current_setting('motcua.until')::timestamp{at_most}"""


def _written(moment: datetime | None) -> str:
    return moment.isoformat(" ") if moment is not None else _BEGINNING


def _address(database: Database, folder: Path) -> str:
    """The address with our patience added to its own parameters."""
    field = f"database.url_{'file' if database.url_file else 'env'}"
    try:
        secret = read_secret(database.url_env, database.url_file, folder, "database.url_")
        parts = urlsplit(secret)
    except LookupError as missing:
        raise PullError("no_url", str(missing.args[0])) from None
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not parts.netloc:
        place = database.url_file or database.url_env
        raise PullError(
            "bad_url",
            f"{field}: what is in {place} is no address of a PostgreSQL database"
            " (postgresql://user:password@host:port/database)",
        )
    query = urlencode(_PATIENCE | dict(parse_qsl(parts.query)))
    return urlunsplit(parts._replace(query=query))


@contextmanager
def _in_our_words(database: Database) -> Generator[None]:
    try:
        yield
    except adbc.Error as error:
        raise _said(database, error) from None


def _said(database: Database, error: adbc.Error) -> PullError:
    """What a driver's error means, without a word of the server's."""
    field = f"database.url_{'file' if database.url_file else 'env'}"
    place = database.url_file or database.url_env
    name, state = type(error).__name__, error.sqlstate
    if not state:
        text = str(error)
        if "authentication failed" in text or "no password supplied" in text:
            return PullError("unauthorized", f"{field}: the account in {place} was refused")
        return PullError(
            "unreachable", f"{field}: no connection to the address in {place} ({name})"
        )
    if state == "57014":
        return _too_slow(database)
    if state.startswith(("08", "57P")):
        return PullError("unreachable", f"{field}: the connection was lost ({name}, {state})")
    reason = _REASONS.get(state, "the database refused it")
    return PullError("bad_query", f"database.query: {reason} ({name}, {state})")


def _too_slow(database: Database) -> PullError:
    limit = database.timeout.total_seconds()
    return PullError("too_slow", f"database.timeout: no whole answer within {limit:.0f} s")
