"""An answer before it is read: whether it is whole, what follows it, of which times it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.intake.readers.batch import Envelope, UnreadableError, engine, quoted
from pipelines.intake.readers.encodings import decode


@dataclass(frozen=True)
class PageTimes:
    """Number of records of a page, and their update times; None where none can be read."""

    records: int
    first: datetime | None
    middle: datetime | None
    last: datetime | None


def json_path(dotted: str) -> str:
    """A dotted name as the engine's path into JSON."""
    return "$" + "".join(f'."{part}"' for part in dotted.split("."))


def inspect_json(body: bytes, *, encoding: str, envelope: Envelope, following: str | None) -> str:
    """Check that a body is whole and holds a list of records; returns its cursor, or "".

    Raises `UnreadableError` where a body is cut or is not the agreed form: nothing of it is
    taken then, because a cut array says nothing about what is missing.
    """
    text = decode(body, encoding)
    at = quoted(json_path(envelope.records) if envelope.records else "$")
    cursor = f"json_extract_string(body, {quoted(json_path(following))})" if following else "null"
    with engine().cursor() as connection:
        try:
            kind, found = connection.execute(
                f"select json_type(body, {at}), {cursor} from (select ? as body)", [text]
            ).fetchall()[0]
        # the engine's message quotes the page and may cut a letter in two: it is never shown
        except (duckdb.InvalidInputException, UnicodeDecodeError):
            raise UnreadableError("truncated_page", "the answer is cut or is no JSON") from None
    if kind != "ARRAY":
        where = repr(envelope.records) if envelope.records else "the top"
        raise UnreadableError("unexpected_answer", f"no list of records under {where}")
    return str(found or "")


def page_times(body: bytes, envelope: Envelope) -> PageTimes:
    """The times of a page that is UTF-8 and has passed `inspect_json`; with an offset: in UTC."""
    at = json_path(envelope.records) if envelope.records else "$"
    updated = quoted(f"{at}[*]{json_path(envelope.updated or 'updated_at')[1:]}")
    time = """case when regexp_full_match(u, '[0-9]{12,13}') then epoch_ms(u::bigint)
        + interval 7 hours else coalesce(
        try_cast(u as timestamp), try_strptime(u, ['%Y%m%d%H%M%S', '%d/%m/%Y %H:%M:%S'])) end"""
    with engine().cursor() as connection:
        row = connection.execute(
            f"""select coalesce(json_array_length(body, {quoted(at)}), 0),
                t[1], t[(len(t) + 1) // 2], t[-1]
            from (select body, list_sort(list_filter(list_transform(
                    json_extract_string(body, {updated}), lambda u: {time}),
                    lambda t: t is not null)) as t
                from (select ?::varchar as body))""",
            [body.decode("utf-8-sig")],
        ).fetchall()[0]
    return PageTimes(int(row[0]), *row[1:])
