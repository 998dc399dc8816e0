"""Sound inputs of every form, and what may become of one on its way: a mutant a seed."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

import polars as pl
import xlsxwriter

from pipelines.intake.canonical import DOSSIER
from tests.faults.shops import record

RECORDS = 5
MANY = 1100  # enough to be read as plain records

_LISTS = {nested.name for nested in DOSSIER.lists}
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 10**40, 1.5e300, "", " ", "null", "NA", "0", "00000000000000", "9" * 500,
    "20259999999999", "20250303080000", "2025-03-03T08:00:00", "2025-03-03T08:00:00+07:00", [],
    {}, [None], [[]], [{}], [1, "x"], {"a": [1]}, "\u0000", "\ud800", "a\nb", "\u200b", "1.001",
    "50.000", "50000.0", "-5", "1e5", "=1+1", "000.00.30.H22-250303-0001", "Cộng", "tổng số: 3",
)  # fmt: skip
_PIECES = (
    b"\x00", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\r", b"\n", b"\t", b'"', b"'", b"\\",
    b"{", b"}", b"[", b"]", b",", b":", b";", b"/*", b"NaN", b"-", b"1e999", b"[" * 3000,
    b'{"a":' * 2000, b"9" * 4000, b'"MaHoSo":"twice",', b"null", b"\xef\xbb\xbf", b"\x1a", b"<",
)  # fmt: skip


def records(number: int) -> list[dict[str, Any]]:
    return [record(n) for n in range(1, number + 1)]


def mutate_bytes(body: bytes, chance: random.Random) -> bytes:
    """One to three blows to the bytes themselves."""
    for _ in range(chance.randint(1, 3)):
        at, other = (chance.randrange(len(body) + 1) for _ in range(2))
        size = chance.choice([1, 2, 8, 64, 512])
        blow = chance.randrange(7)
        if blow == 0 and body:
            at = min(at, len(body) - 1)
            body = body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :]
        elif blow == 1:
            body = body[:at]
        elif blow == 2:
            body = body[:at] + body[at + size :]
        elif blow == 3:
            body = body[:at] + body[other : other + size] + body[at:]
        elif blow == 4:
            body = body[:at] + body[at : at + size] * chance.choice([2, 50]) + body[at + size :]
        elif blow == 5:
            body = body[:at] + chance.choice(_PIECES) + body[at:]
        else:
            first, second = sorted((at, other))
            body = body[:first] + body[second:] + body[first:second]
    return b"" if chance.random() < 0.01 else body


def mutate_records(rows: list[Any], chance: random.Random) -> list[Any]:
    """One to four blows to what the records say and how they are built."""
    rows = [dict(row) for row in rows]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(rows))
        row = rows[at]
        if not isinstance(row, dict) or not row:
            continue
        name, other = chance.choice(list(row)), chance.choice(list(row))
        blow = chance.randrange(9)
        if blow <= 2:
            row[name] = chance.choice(_ODD)
        elif blow == 3:
            row[name], row[other] = row[other], row[name]
        elif blow == 4:
            del row[name]
        elif blow == 5:
            row[chance.choice(["x", name.lower(), name + " ", "Ghi chú", 'a":', ""])] = row[name]
        elif blow == 6:
            rows[at] = chance.choice(_ODD)
        elif blow == 7:
            rows.insert(chance.randrange(len(rows)), dict(row))
        else:
            lists = [key for key in _LISTS if isinstance(row.get(key), list) and row[key]]
            for key in lists[:1]:
                item = chance.choice(row[key])
                if isinstance(item, dict) and item:
                    row[key] = [{**item, chance.choice(list(item)): chance.choice(_ODD)}]
                else:
                    row[key] = [chance.choice(_ODD)]
    return rows


def _dumped(value: object, chance: random.Random) -> str:
    spaces = chance.choice([(",", ":"), (", ", ": "), (" , ", " : ")])
    return json.dumps(value, ensure_ascii=chance.random() < 0.5, separators=spaces)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _lines(number: int) -> Callable[[random.Random], bytes]:
    def build(chance: random.Random) -> bytes:
        rows = mutate_records(records(number), chance)
        return b"".join(_encoded(_dumped(row, chance) + "\n") for row in rows)

    return build


def _array(number: int) -> Callable[[random.Random], bytes]:
    def build(chance: random.Random) -> bytes:
        return _encoded(_dumped(mutate_records(records(number), chance), chance))

    return build


def _page(chance: random.Random) -> bytes:
    whole = {"data": mutate_records(records(RECORDS), chance), "next_cursor": None}
    if chance.random() < 0.2:
        whole[chance.choice(list(whole))] = chance.choice(_ODD)
    return _encoded(_dumped(whole, chance))


def _cells(chance: random.Random) -> list[list[str]]:
    rows = mutate_records(records(RECORDS), chance)
    names = list(record(1))
    chance.shuffle(names) if chance.random() < 0.3 else None
    table = [names]
    for row in rows:
        fields = row if isinstance(row, dict) else {}
        values = [fields.get(name, "") for name in names]
        table.append([v if isinstance(v, str) else _dumped(v, chance) for v in values])
    if chance.random() < 0.3:
        table[chance.randrange(len(table))] *= chance.choice([0, 2])
    if chance.random() < 0.1:
        chance.shuffle(table)
    return table


def _csv(chance: random.Random) -> bytes:
    lines = [
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in _cells(chance)
    ]
    return _encoded("\n".join(lines) + "\n")


def _workbook(chance: random.Random) -> bytes:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(_cells(chance)):
            for m, cell in enumerate(row):
                text = cell.encode("utf-8", "replace").decode()[:30000]
                if chance.random() < 0.05:
                    sheet.write(n, m, chance.choice([1.5, -1, 1e300, 45719.25, True]))
                else:
                    sheet.write_string(n, m, text)
    if chance.random() < 0.5:
        return body.getvalue()
    return _with_members(body.getvalue(), chance)


def _with_members(archive: bytes, chance: random.Random) -> bytes:
    """An archive sound in itself with damaged members."""
    body = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(body, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            is_hit = chance.random() < 0.2
            new.writestr(member.filename, mutate_bytes(content, chance) if is_hit else content)
    return body.getvalue()


def _parquet(chance: random.Random) -> bytes:
    names = list(record(1))
    columns: dict[str, pl.Series] = {}
    for name in names:
        values = [row[name] for row in records(RECORDS)]
        series = pl.Series(name, values)
        if chance.random() < 0.15:
            odd = chance.choice(_ODD_COLUMNS)
            series = pl.Series(name, odd).extend_constant(None, RECORDS - len(odd))
        if chance.random() > 0.05:
            columns[name] = series
    body = io.BytesIO()
    pl.DataFrame(columns).write_parquet(body)
    return body.getvalue()


_ODD_COLUMNS = (
    pl.Series([1, 2]), pl.Series([1.5, float("nan")]), pl.Series([True]), pl.Series([b"\xff\x00"]),
    pl.Series([[1, 2]]), pl.Series([{"a": "b"}]), pl.Series([[{"MaThanhPhanHoSo": 5}]]),
    pl.Series([None, None]), pl.Series(["20250303"]).str.to_date("%Y%m%d"),
    pl.Series(["x", "y"], dtype=pl.Categorical), pl.Series([["a"], []]), pl.Series([[["a"]]]),
    pl.Series([1, 2], dtype=pl.Duration("us")), pl.Series([1], dtype=pl.Time),
    pl.Series([1], dtype=pl.Datetime("ns", "UTC")), pl.Series([2**63], dtype=pl.UInt64),
)  # fmt: skip


def _gzip(chance: random.Random) -> bytes:
    return gzip.compress(_csv(chance))


def _archive(chance: random.Random) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, build in (("a.json", _array(2)), ("b.csv", _csv), ("c.ndjson", _lines(2))):
            opened.writestr(chance.choice([name, name, "../x/" + name]), build(chance))
    return body.getvalue()


FORMS: dict[str, tuple[str, Callable[[random.Random], bytes]]] = {
    "csv": ("a.csv", _csv),
    "xlsx": ("a.xlsx", _workbook),
    "json": ("a.json", _array(RECORDS)),
    "ndjson": ("a.ndjson", _lines(RECORDS)),
    "parquet": ("a.parquet", _parquet),
    "gz": ("a.csv.gz", _gzip),
    "zip": ("a.zip", _archive),
    "page": ("page", _page),
    "many lines": ("a.ndjson", _lines(MANY)),
    "many elements": ("a.json", _array(MANY)),
}


def mutant(form: str, seed: int) -> tuple[str, bytes]:
    """Name and bytes of a mutant; every second is hit in its content, the others in its bytes
    too."""
    name, build = FORMS[form]
    chance = random.Random(f"{form} {seed}")
    body = build(chance)
    return name, mutate_bytes(body, chance) if seed % 2 else body
