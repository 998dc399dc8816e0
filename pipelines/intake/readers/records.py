"""Records: JSON answers and files, lines of JSON, and Parquet, as de-identified columns."""

# pyarrow brings no type information
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.intake.canonical import Field, Record
from pipelines.intake.dialects import GUESS, Dialect
from pipelines.intake.privacy import allow, allow_list
from pipelines.intake.readers.batch import (
    Batch,
    Envelope,
    UnreadableError,
    allowed_columns,
    engine,
    finish,
    identifier,
    quoted,
)
from pipelines.intake.readers.encodings import decode
from pipelines.intake.readers.paging import inspect_json, json_path
from pipelines.intake.readers.plain import PlainReader, is_simple, learn_shape
from pipelines.intake.readers.slices import elements, text_lines

ROWS_PER_PART = 100_000
_PARQUET_ROWS = 50_000
_LARGE = 1 << 20
"""Bytes from which on it pays to read an array in slices."""
_WORTH_IT = 1000
"""Records from which on it pays to learn what the usual one looks like."""
_AT_A_TIME = 2


def read_json(
    bodies: list[bytes],
    *,
    record: Record,
    dialect: Dialect,
    envelope: Envelope,
    file: str,
    reference: Path,
    first_position: int = 1,
) -> Batch:
    """Read answers or files of JSON: an array of records, or an object that holds one.

    The bodies have passed `inspect_json`. Positions run through all of them.
    """
    # an answer keeps its records under a name; a file is the array itself
    where = quoted(json_path(envelope.records) if envelope.records else "$")
    with engine().cursor() as connection:
        texts = [decode(body, dialect.encoding) for body in bodies]
        connection.register("page", pl.DataFrame({"page": range(len(texts)), "body": texts}))
        connection.execute(
            f"""create temp table element as
            select row_number() over () + {first_position - 1} as _position, r, false as is_bad
            from (select unnest(from_json(json_extract(body, {where}), '["JSON"]')) as r
                from (select * from page order by page))"""
        )
        return _read_elements(connection, record, dialect, envelope, file, reference)


def read_lines(
    content: Path | bytes, *, record: Record, dialect: Dialect, file: str, reference: Path
) -> Iterator[Batch]:
    """Read lines of JSON, a record each (NDJSON); blank lines are none.

    A line that is no JSON is a defect (`malformed_row`) of that line alone. Raises
    `UnreadableError` (`wrong_encoding`) for bytes that are no text; nothing is taken then.
    """
    read = ElementReader(record, dialect, file, reference)
    return read.together(text_lines(content, dialect.encoding))


def read_array(
    content: Path | bytes, *, record: Record, dialect: Dialect, file: str, reference: Path
) -> Iterator[Batch]:
    """Read a file that is one JSON array of records. Of one that is cut nothing is taken.

    Raises `UnreadableError` (`truncated_page`, `unexpected_answer`, `wrong_encoding`).
    """
    if _size(content) >= _LARGE and is_simple(dialect) and dialect.encoding in (GUESS, "utf-8"):
        read = ElementReader(record, dialect, file, reference)
        try:
            found = list(read.together(elements(content)))
        except duckdb.Error:
            found = []  # what is wrong with it is said below
        if found:
            yield from found
            return
    envelope = Envelope(None, "updated_at")
    body = content.read_bytes() if isinstance(content, Path) else content
    inspect_json(body, encoding=dialect.encoding, envelope=envelope, following=None)
    yield read_json(
        [body], record=record, dialect=dialect, envelope=envelope, file=file, reference=reference
    )


def _size(content: Path | bytes) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


@dataclass
class ElementReader:
    """Reads records that come as slices of a stream (`_position`, `line`: JSON text)."""

    record: Record
    dialect: Dialect
    file: str
    reference: Path
    plain: PlainReader | None = None

    def together(self, slices: Iterable[pl.DataFrame]) -> Iterator[Batch]:
        """All batches of a file, once all of it is read; two slices are read at a time."""
        done: list[Batch] = []
        waiting: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for number, part in enumerate(slices):
                if number == 0:
                    self._learn(part)
                waiting.append(pool.submit(self._read, part))
                if len(waiting) > _AT_A_TIME:
                    done.append(waiting.popleft().result())
            done += [future.result() for future in waiting]
        yield from _joined(done)

    def _learn(self, lines: pl.DataFrame) -> None:
        if lines.height < _WORTH_IT or not is_simple(self.dialect):
            return
        shape = learn_shape(lines["line"], self.record)
        if shape is None:
            return
        sources = {field.name: source for field, source in _sources(self.record, self.dialect)}
        plain = PlainReader(shape, self.record, sources, "updated_at", self.reference)
        self.plain = plain if plain.suits(lines) else None

    def _read(self, lines: pl.DataFrame) -> Batch:
        if self.plain is None:
            return self._read_by_rules(lines)
        frame, rest = self.plain.read(lines, self.file)
        if rest.is_empty():
            return Batch(frame, self.plain.dropped)
        other = self._read_by_rules(rest)
        dropped = other.dropped | (self.plain.dropped if frame.height else frozenset())
        return Batch(pl.concat([frame, other.frame]).sort("_position"), dropped)

    def _read_by_rules(self, lines: pl.DataFrame) -> Batch:
        with engine().cursor() as connection:
            connection.register("line", lines)
            connection.execute(
                """create temp table element as select _position::bigint as _position,
                    case when json_valid(line) then line::json end as r,
                    not json_valid(line) as is_bad from line"""
            )
            envelope = Envelope(None, "updated_at")
            return _read_elements(
                connection, self.record, self.dialect, envelope, self.file, self.reference
            )


def _joined(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Neighbouring batches as one, as long as they are few records together."""
    frames: list[pl.DataFrame] = []
    dropped: frozenset[str] = frozenset()
    for batch in batches:
        if frames and sum(f.height for f in frames) + batch.frame.height > ROWS_PER_PART:
            yield Batch(pl.concat(frames), dropped)
            frames, dropped = [], frozenset()
        frames.append(batch.frame)
        dropped |= batch.dropped
    if frames:
        yield Batch(pl.concat(frames), dropped)


def read_parquet(
    content: Path | bytes, *, record: Record, dialect: Dialect, file: str, reference: Path
) -> Iterator[Batch]:
    """Read a Parquet file, a record a row, lists of sub-records nested or absent.

    Only allowed columns are decoded. Moments are read as local times, those with a zone as what
    they are. Raises `UnreadableError` (`truncated_file`, `header_missing`).
    """
    try:
        stored = pq.ParquetFile(content if isinstance(content, Path) else io.BytesIO(content))
    except (pa.ArrowException, OSError):
        raise UnreadableError("truncated_file", "the Parquet file is cut or is none") from None
    envelope = Envelope(None, "updated_at")
    names = list(stored.schema_arrow.names)
    wanted = [name for name in names if name in _known(record, dialect) | {envelope.updated}]
    code = next((s for s, t in dialect.fields.items() if t == "MaHoSo"), "MaHoSo")
    if code.split(".")[0] not in wanted:
        raise UnreadableError("header_missing", f"no column {code!r}")
    dropped = frozenset(names) - set(wanted)
    done = 0
    try:
        for part in stored.iter_batches(batch_size=_PARQUET_ROWS, columns=wanted):
            with engine().cursor() as connection:
                connection.register("stored", pa.Table.from_batches([part]))
                connection.execute(
                    f"""create temp table element as
                    select row_number() over () + {done} as _position, to_json(s) as r,
                        false as is_bad
                    from (select {", ".join(_as_texts(part.schema))} from stored) as s"""
                )
                read = _read_elements(connection, record, dialect, envelope, file, reference)
            done += part.num_rows
            yield Batch(read.frame, read.dropped | dropped)
    except (pa.ArrowException, OSError):
        raise UnreadableError("truncated_file", "a part of the Parquet file is damaged") from None


def _as_texts(schema: pa.Schema) -> list[str]:
    """SQL: a moment with a zone is written with its zone, all else as JSON writes it."""
    columns: list[str] = []
    for field in schema:
        name = identifier(field.name)
        if pa.types.is_timestamp(field.type) and field.type.tz:
            moment = f"strftime(timezone('UTC', {name}), '%Y-%m-%dT%H:%M:%SZ')"
            columns.append(f"{moment} as {name}")
        else:
            columns.append(name)
    return columns


def _sources(record: Record, dialect: Dialect) -> list[tuple[Field, str]]:
    """The scalar fields a dialect knows, each with the path it stands under."""
    sources = {target: source for source, target in dialect.fields.items()}
    named = [(f, sources.get(f.name, f.name)) for f in record.fields]
    if dialect.fields:
        named = [(f, source) for f, source in named if f.name in sources]
    return named


def _known(record: Record, dialect: Dialect) -> set[str]:
    named = _sources(record, dialect)
    return {source.split(".")[0] for _, source in named} | {ls.name for ls in record.lists}


def _read_elements(
    connection: duckdb.DuckDBPyConnection,
    record: Record,
    dialect: Dialect,
    envelope: Envelope,
    file: str,
    reference: Path,
) -> Batch:
    """The batch of the table `element`: _position, r (JSON), is_bad (the line was no JSON)."""
    named = _sources(record, dialect)
    updated = envelope.updated or "updated_at"
    paths = ", ".join(quoted(json_path(source)) for _, source in named)
    values = {f.name: f"v[{i}]" for i, (f, _) in enumerate(named, start=1)}
    nested = json.dumps({ls.name: [{f.name: "VARCHAR" for f in ls.fields}] for ls in record.lists})
    columns = allowed_columns(record, dialect, values)
    nested_columns = [f"{allow_list(ls, f'n.{ls.name}')} as {ls.name}" for ls in record.lists]
    lists = "null as t, null as n"
    if record.lists:
        lists_at = ", ".join(quoted(json_path(ls.name)) for ls in record.lists)
        lists = f"json_type(r, [{lists_at}]) as t, json_transform(r, '{nested}') as n"
    source = f"""(select *, coalesce(json_type(r) = 'OBJECT', false) as is_record,
        json_extract_string(r, {quoted(json_path(updated))}) as u,
        json_extract_string(r, [{paths}]) as v, {lists} from element)"""
    connection.execute(
        f"""create temp table batch as select _position, {quoted(file)} as _file,
            {allow(Field("updated", "time"), "u")} as _updated_at,
            case when is_bad then 'malformed_row'
                when not is_record then 'not_a_record' {_wrong_types(record, values)}
            end as _defect, {", ".join(columns.allowed + nested_columns)}
        from {columns.select_from(source)}"""
    )
    keys = connection.sql(
        "select distinct unnest(json_keys(r)) from element where json_type(r) = 'OBJECT'"
    ).fetchall()
    dropped = frozenset(str(k[0]) for k in keys) - _known(record, dialect) - {updated}
    return Batch(finish(connection, record, dialect, reference), dropped)


def _wrong_types(record: Record, values: dict[str, str]) -> str:
    """SQL: the branches for a list or object where a text is due, or the other way round."""
    checks = [
        (f"starts_with({value}, '{{') or starts_with({value}, '[')", name)
        for name, value in values.items()
    ]
    checks += [
        (
            f"case when t[{i}] in ('ARRAY', 'NULL') or t[{i}] is null then false"
            f" else coalesce(json_extract_string(r, '$.{ls.name}') <> '', true) end",
            ls.name,
        )
        for i, ls in enumerate(record.lists, start=1)
    ]
    return " ".join(f"when {test} then 'wrong_type__{name}'" for test, name in checks)
