"""Readers: bytes of a page or a file as de-identified columns, ready to land.

A reader returns text columns with the canonical names, the lists of sub-records, and beside
them `_position` (from 1), `_file`, `_updated_at` (the envelope's time) and `_defect` (why an
element is no usable record). Everything happens in memory: what is not allowed never reaches
the disk, not even a temporary file.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.canonical import Field, Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.privacy import allow, allow_list, clean, mask_listed

TRACE = ("_position", "_file", "_updated_at", "_defect")


class UnreadableError(ValueError):
    """Bytes that are no answer of the agreed form; carries an error class and one sentence."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


@dataclass(frozen=True)
class Batch:
    """De-identified records and the number of distinct fields that were dropped."""

    frame: pl.DataFrame
    dropped: frozenset[str]


@dataclass(frozen=True)
class Envelope:
    """Where an answer keeps its records and the time of their last update."""

    records: str | None
    updated: str | None


@dataclass(frozen=True)
class PageTimes:
    """Number of records of a page, and their update times; None where none can be read."""

    records: int
    first: datetime | None
    middle: datetime | None
    last: datetime | None


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One engine in memory for all readers; each works on a cursor with tables of its own.

    One thread: the pulls already run side by side, more would only wait for each other.
    """
    return duckdb.connect(config={"threads": 1})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _path(dotted: str) -> str:
    return "$" + "".join(f'."{part}"' for part in dotted.split("."))


def _recoded(field: Field, value: str, dialect: Dialect) -> str:
    table = dialect.codes.get(field.name)
    if not table:
        return value
    cases = " ".join(f"when {_quoted(k)} then {_quoted(v)}" for k, v in table.items())
    return f"case {clean(value)} {cases} else {value} end"


def _allowed_columns(record: Record, dialect: Dialect, values: dict[str, str]) -> list[str]:
    """SQL select list of the canonical scalars; a field the source lacks is an empty column."""
    columns: list[str] = []
    for field in record.fields:
        kind = "listed" if field.name in dialect.vocabulary else field.kind
        value = values.get(field.name)
        if value is None:
            columns.append(f"null::varchar as {field.name}")
            continue
        sql = allow(Field(field.name, kind), _recoded(field, value, dialect))
        columns.append(f"{sql} as {field.name}")
    return columns


def _finish(
    connection: duckdb.DuckDBPyConnection, record: Record, dialect: Dialect, reference: Path
) -> pl.DataFrame:
    for field in record.fields:
        if field.kind == "listed" or field.name in dialect.vocabulary:
            mask_listed(connection, "batch", field.name, dialect, reference)
    return connection.sql("select * from batch order by _position").pl()


def inspect_json(body: bytes, *, encoding: str, envelope: Envelope, following: str | None) -> str:
    """Check that a body is whole and holds a list of records; returns its cursor, or "".

    Raises `UnreadableError` where a body is cut or is not the agreed form: nothing of it is
    taken then, because a cut array says nothing about what is missing.
    """
    text = _decode(body, encoding)
    at = _quoted(_path(envelope.records) if envelope.records else "$")
    cursor = f"json_extract_string(body, {_quoted(_path(following))})" if following else "null"
    with _engine().cursor() as connection:
        try:
            kind, found = connection.execute(
                f"select json_type(body, {at}), {cursor} from (select ? as body)", [text]
            ).fetchall()[0]
        except duckdb.InvalidInputException:
            raise UnreadableError("truncated_page", "the answer is cut or is no JSON") from None
    if kind != "ARRAY":
        where = repr(envelope.records) if envelope.records else "the top"
        raise UnreadableError("unexpected_answer", f"no list of records under {where}")
    return str(found or "")


def page_times(body: bytes, envelope: Envelope) -> PageTimes:
    """The times of a page that is UTF-8 and has passed `inspect_json`; with an offset: in UTC."""
    at = _path(envelope.records) if envelope.records else "$"
    updated = _quoted(f"{at}[*]{_path(envelope.updated or 'updated_at')[1:]}")
    time = "coalesce(try_cast(u as timestamp), try_strptime(u, '%Y%m%d%H%M%S'))"
    with _engine().cursor() as connection:
        row = connection.execute(
            f"""select coalesce(json_array_length(body, {_quoted(at)}), 0),
                t[1], t[(len(t) + 1) // 2], t[-1]
            from (select body, list_sort(list_filter(list_transform(
                    json_extract_string(body, {updated}), lambda u: {time}),
                    lambda t: t is not null)) as t
                from (select ?::varchar as body))""",
            [body.decode("utf-8-sig")],
        ).fetchall()[0]
    return PageTimes(int(row[0]), *row[1:])


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
    sources = {target: source for source, target in dialect.fields.items()}
    named = [(f, sources.get(f.name, f.name)) for f in record.fields]
    if dialect.fields:
        named = [(f, source) for f, source in named if f.name in sources]
    updated = envelope.updated or "updated_at"
    paths = ", ".join(_quoted(_path(source)) for _, source in named)
    values = {f.name: f"v[{i}]" for i, (f, _) in enumerate(named, start=1)}
    known = [source.split(".")[0] for _, source in named] + [ls.name for ls in record.lists]
    nested = json.dumps({ls.name: [{f.name: "VARCHAR" for f in ls.fields}] for ls in record.lists})
    checks = [
        (f"starts_with({values[f.name]}, '{{') or starts_with({values[f.name]}, '[')", f.name)
        for f, _ in named
    ]
    checks += [
        (
            f"case when t[{i}] in ('ARRAY', 'NULL') or t[{i}] is null then false"
            f" else coalesce(json_extract_string(r, '$.{ls.name}') <> '', true) end",
            ls.name,
        )
        for i, ls in enumerate(record.lists, start=1)
    ]
    types = " ".join(f"when {test} then 'wrong_type__{name}'" for test, name in checks)
    lists_at = ", ".join(_quoted(_path(ls.name)) for ls in record.lists)
    columns = _allowed_columns(record, dialect, values)
    columns += [f"{allow_list(ls, f'n.{ls.name}')} as {ls.name}" for ls in record.lists]
    # an answer keeps its records under a name; a file is the array itself
    where = _quoted(_path(envelope.records) if envelope.records else "$")
    with _engine().cursor() as connection:
        texts = [_decode(body, dialect.encoding) for body in bodies]
        connection.register("page", pl.DataFrame({"page": range(len(texts)), "body": texts}))
        connection.execute(
            f"""create temp table element as
            select row_number() over () + {first_position - 1} as _position, r from (
                select unnest(from_json(json_extract(body, {where}), '["JSON"]')) as r
                from (select * from page order by page))"""
        )
        lists = "null as t, null as n"
        if record.lists:
            lists = f"json_type(r, [{lists_at}]) as t, json_transform(r, '{nested}') as n"
        connection.execute(
            f"""create temp table batch as select _position, {_quoted(file)} as _file,
                {allow(Field("updated", "time"), "u")} as _updated_at,
                case when not is_record then 'not_a_record' {types} end as _defect,
                {", ".join(columns)}
            from (select *, coalesce(json_type(r) = 'OBJECT', false) as is_record,
                    json_extract_string(r, {_quoted(_path(updated))}) as u,
                    json_extract_string(r, [{paths}]) as v, {lists} from element)"""
        )
        keys = connection.sql(
            "select distinct unnest(json_keys(r)) from element where json_type(r) = 'OBJECT'"
        ).fetchall()
        dropped = frozenset(str(k[0]) for k in keys) - set(known) - {updated}
        return Batch(_finish(connection, record, dialect, reference), dropped)


def read_table(
    path: Path, *, record: Record, dialect: Dialect, file: str, reference: Path
) -> Batch:
    """Read a delimited text with a header line; every cell is text, nothing is guessed.

    Raises `UnreadableError` for an encoding or a header that is not the agreed one. A line with
    too many or too few cells is a defect (`malformed_row`) of that line alone.
    """
    header, delimiter = _header(path, dialect)
    targets = {t: s for s, t in dialect.fields.items()} or {name: name for name in header}
    if targets.get("MaHoSo", "MaHoSo") not in header:
        wanted = targets.get("MaHoSo", "MaHoSo")
        raise UnreadableError(
            "header_missing", f"no column {wanted!r} in line {dialect.header_row}"
        )
    names = {f.name for f in record.fields}
    values = {t: f"t.{_identifier(s)}" for t, s in targets.items() if s in header and t in names}
    columns = _allowed_columns(record, dialect, values)
    columns += [
        f"null::struct({', '.join(f'{f.name} varchar' for f in ls.fields)})[] as {ls.name}"
        for ls in record.lists
    ]
    types = ", ".join(f"{_quoted(name)}: 'varchar'" for name in header)
    with _engine().cursor() as connection:
        try:
            connection.execute(
                f"""create temp table t as select row_number() over () as _row, * from read_csv(
                    {_quoted(str(path))}, columns = {{{types}}}, delim = {_quoted(delimiter)},
                    quote = '"', escape = '"', skip = {dialect.header_row}, header = false,
                    auto_detect = false, store_rejects = true, parallel = false,
                    encoding = {_quoted(dialect.encoding)})"""
            )
        except duckdb.Error:
            raise UnreadableError("unreadable_table", f"not a {dialect.encoding} table") from None
        rejected = connection.sql(
            f"select distinct line - {dialect.header_row} as _position from reject_errors"
        ).pl()["_position"]
        total = connection.sql("select count(*) from t").fetchall()[0][0] + len(rejected)
        positions = pl.int_range(1, total + 1, eager=True, dtype=pl.Int64).alias("_position")
        kept = positions.filter(~positions.is_in(rejected.implode()))
        connection.register("place", pl.DataFrame({"_position": kept}).with_row_index("_row", 1))
        connection.execute(
            f"""create temp table batch as select place._position, {_quoted(file)} as _file,
                null::varchar as _updated_at, null::varchar as _defect, {", ".join(columns)}
            from t join place using (_row)"""
        )
        if len(rejected):
            connection.register("bad", rejected.to_frame())
            connection.execute(
                f"""insert into batch by name select _position, {_quoted(file)} as _file,
                    'malformed_row' as _defect from bad"""
            )
        dropped = frozenset(header) - {s for t, s in targets.items() if t in names}
        return Batch(_finish(connection, record, dialect, reference), dropped)


def _header(path: Path, dialect: Dialect) -> tuple[list[str], str]:
    """The cells of the header line and the delimiter, the most frequent of `,;|` and tab."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding=dialect.encoding) as lines:
            line = next(islice(lines, dialect.header_row - 1, None), "").lstrip("\ufeff")
    except (UnicodeDecodeError, OSError, EOFError):
        raise UnreadableError("wrong_encoding", f"the bytes are not {dialect.encoding}") from None
    if not line.strip():
        raise UnreadableError("header_missing", f"line {dialect.header_row} is empty")
    delimiter = dialect.delimiter or max(",;\t|", key=line.count)
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))], delimiter


def _decode(body: bytes, encoding: str) -> str:
    try:
        return body.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError("wrong_encoding", f"the bytes are not {encoding}") from None
