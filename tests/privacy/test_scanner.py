"""The scanner sees a planted value in every form of file, and names the place, never the value."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import psycopg2
import pytest
import xlsxwriter

from pipelines.scanner import EXEMPT, PATTERNS, Exemption, Finding, find, find_in_url
from tests.postgres import Postgres

CITIZEN, OLD, PHONE, EMAIL = "002085012345", "073456789", "0912 345 678", "an@nha.example"
PLANTED = {"citizen_id": CITIZEN, "old_id": OLD, "phone": PHONE, "email": EMAIL}
HARMLESS = [
    "000.00.30.H22-250303-0001",
    "000.00.30.H05-250303-00001",
    "1.013225.000.00.00.H22",
    "KQ.G05.000.00.00.H22",
    "20250303080000",
    "2025-03-03T08:00:00.123456+07:00",
    "20260701T000000-0000-72dfac4d",
    "3f2504e0-4f89-11d3-9a0c-030512345678",
    "0.0912345678",
    "1741000000.123456789",
    "12345678",
    "1234567890",
    "unlisted:0123456789ab",
    "unlisted:089211354159",
    "file:f089211354159.csv",
    "motcua==1.2.3",
    "@dagster",
]


def write_duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("create schema deep")
        db.execute("create table deep.t (kept varchar, told struct(x varchar[])[], n bigint)")
        db.execute(
            "insert into deep.t values ('plain', [{'x': [?, ?]}], 73456789), (?, null, 273456789)",
            [CITIZEN, PHONE, EMAIL],
        )
        db.execute(f"create view v as select '{PHONE}' as said")
        db.execute(f"comment on column deep.t.n is 'ask {EMAIL}'")


def write_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("create table event_logs (id integer, event text, body blob)")
        rows = [
            (1, json.dumps({"a": CITIZEN}), pickle.dumps({"b": PHONE})),
            (273456789, EMAIL, b""),
        ]
        db.executemany("insert into event_logs values (?, ?, ?)", rows)


def write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("figures")
        sheet.write_row(0, 0, ["a", "b", CITIZEN])
        sheet.write_number(1, 0, 273456789)
        sheet.write_comment("A1", f"call {PHONE}")
        sheet.set_header(f"&C{EMAIL}")
        book.set_properties({"author": PHONE})


def write_pdf(path: Path) -> None:
    lines = "".join(f"({text}) Tj T* " for text in PLANTED.values())
    stream = f"BT /F1 12 Tf 14 TL 50 700 Td {lines}ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        f"<</Author({PHONE})>>".encode(),
    ]
    body, places = b"%PDF-1.4\n", list[int]()
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size 6/Root 1 0 R/Info 5 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)
    path.write_bytes(body + b"xref\n0 6\n0000000000 65535 f \n" + table + end)


def write_csv(path: Path) -> None:
    path.write_text("one,two\n" + "".join(f'x,"{text}"\n' for text in PLANTED.values()))


def write_json(path: Path) -> None:
    path.write_text(json.dumps({"a": [{"b": CITIZEN}, {"b": OLD}], PHONE: EMAIL}))


def write_lines(path: Path) -> None:
    path.write_text("".join(json.dumps({"event": t}) + "\n" for t in PLANTED.values()))


def write_text(path: Path) -> None:
    path.write_text("".join(f"- note: {text}\n" for text in PLANTED.values()))


def write_bytes(path: Path) -> None:
    path.write_bytes(b"\x00\x01" + pickle.dumps(PLANTED) + "\x00".join(PLANTED.values()).encode())


def write_wide(path: Path) -> None:
    path.write_bytes(b"\x00\x01" + " ".join(PLANTED.values()).encode("utf-16-le"))


def write_parquet(path: Path) -> None:
    pl.DataFrame(
        {"a": ["x", CITIZEN], "b": [[{"c": PHONE}], []], "d": [273456789, 1], "e": ["x", EMAIL]}
    ).write_parquet(path)


def write_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress("\n".join(PLANTED.values()).encode()))


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        inner = io.BytesIO()
        pl.DataFrame({"a": list(PLANTED.values())}).write_parquet(inner)
        archive.writestr("inner.parquet", inner.getvalue())


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        content = "\n".join(PLANTED.values()).encode()
        member = tarfile.TarInfo("log.txt")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


FORMS: dict[str, Callable[[Path], None]] = {
    "a.duckdb": write_duckdb,
    "runs.db": write_sqlite,
    "a.xlsx": write_workbook,
    "a.pdf": write_pdf,
    "a.csv": write_csv,
    "a.json": write_json,
    "a.ndjson": write_lines,
    "a.yml": write_text,
    "a.log": write_text,
    "a.pickle": write_bytes,
    "wide": write_wide,
    "a.parquet": write_parquet,
    "a.gz": write_gzip,
    "a.zip": write_zip,
    "a.tar": write_tar,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_planted_value_of_each_kind_is_seen_in_every_form_of_file(
    tmp_path: Path, name: str
) -> None:
    FORMS[name](tmp_path / name)
    found = find(tmp_path)
    assert {finding.kind for finding in found} == set(PLANTED)
    assert all(finding.file.split("#")[0] == name and finding.count > 0 for finding in found)
    assert not any(text in str(found) for text in PLANTED.values())


def test_a_finding_names_table_and_column_and_counts_cells(tmp_path: Path) -> None:
    write_duckdb(tmp_path / "a.duckdb")
    assert find(tmp_path) == [
        Finding("a.duckdb", "catalog: columns", "comment", "email", 1),
        Finding("a.duckdb", "catalog: views", "sql", "phone", 1),
        Finding("a.duckdb", "deep.t", "kept", "email", 1),
        Finding("a.duckdb", "deep.t", "n", "old_id", 1),
        Finding("a.duckdb", "deep.t", "told", "citizen_id", 1),
        Finding("a.duckdb", "deep.t", "told", "phone", 1),
    ]


def test_comments_properties_and_headers_of_a_workbook_are_read(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx")
    places = {(finding.table, finding.kind) for finding in find(tmp_path)}
    assert ("figures", "citizen_id") in places
    assert ("docProps/core.xml", "phone") in places
    assert ("xl/comments1.xml", "phone") in places
    assert ("xl/worksheets/sheet1.xml", "email") in places


def test_names_of_files_and_columns_count_and_are_not_shown(tmp_path: Path) -> None:
    pl.DataFrame({"0912345678": ["x"]}).write_parquet(tmp_path / f"{CITIZEN}.parquet")
    found = find(tmp_path)
    assert {(f.column, f.kind) for f in found} == {
        ("(name of the file)", "citizen_id"),
        ("(name of column 1)", "phone"),
    }
    assert "0912345678" not in str(found) and CITIZEN not in str(found)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("phone", text) for text in (
            "0912345678", "0912.345.678", "0912-345-678", "091 234 5678", "+84 912 345 678",
            "+84912345678", "84912345678", "02193866123", "(0219) 3866 123", "0219.3866.123",
            "09 1234 5678", "ĐT:0912345678.", "SDT0912345678", "tel-0912345678", "x=0912345678;",
            "sdt:0912345678", "cmnd:0912345678", ":0912345678", "Gọi: 0912345678",
        )),
        *(("citizen_id", text) for text in (
            "002085012345", "096 303 012 345", "CCCD 002085012345, cấp", "'002085012345'",
        )),
        *(("old_id", text) for text in ("073456789", "CMND 273456789.", '"273456789"')),
        *(("email", text) for text in ("an.b@c.vn", "<x+y@mail.gov.vn>", "AN@NHA.EXAMPLE")),
    ],
)  # fmt: skip
def test_identities_are_seen_as_people_write_them(tmp_path: Path, kind: str, text: str) -> None:
    pl.DataFrame({"a": [text]}).write_parquet(tmp_path / "a.parquet")
    assert [finding.kind for finding in find(tmp_path)] == [kind]


def test_codes_times_and_fingerprints_are_no_identities(tmp_path: Path) -> None:
    pl.DataFrame({"a": HARMLESS}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.txt").write_text("\n".join(HARMLESS))
    assert find(tmp_path) == []


def test_an_exempt_column_is_left_out_for_its_kind_alone(tmp_path: Path) -> None:
    frame = pl.DataFrame({"content_hash": ["273456789", "0912345678"], "other": ["273456789", ""]})
    frame.write_parquet(tmp_path / "a.parquet")
    found = [(f.column, f.kind) for f in find(tmp_path)]
    assert found == [("content_hash", "phone"), ("other", "old_id")]
    assert len(find(tmp_path, exempt=())) == 3
    assert all(rule.reason and set(rule.kinds) <= set(PATTERNS) for rule in EXEMPT)
    assert not Exemption("t", "c", ("phone",), "why").covers("t", "cc", "phone")


def test_what_its_engine_cannot_read_is_said_and_its_bytes_are_read(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    write_parquet(whole)
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 " + CITIZEN.encode() + b" cut")
    whole.unlink()
    kinds = [finding.kind for finding in find(tmp_path)]
    assert sorted(kinds) == ["citizen_id", "unreadable"]


def test_what_is_not_the_products_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    write_csv(tmp_path / "inbox" / "a.csv")
    assert find(tmp_path, leave=[tmp_path / "inbox"]) == []
    assert find(tmp_path) != []


def test_a_form_nobody_knows_is_read_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.bz2").write_bytes(bz2.compress(b"x"))
    assert find(tmp_path) == []


def test_a_planted_value_in_a_postgresql_is_seen(postgres: Postgres) -> None:
    url = postgres.create_database()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("create table event_logs (id bigint, event text, body bytea, told text[])")
        cursor.execute(
            "insert into event_logs values (%s, %s, %s, %s)",
            (273456789, json.dumps({"x": CITIZEN}), f"..{EMAIL}..".encode(), [PHONE]),
        )
        cursor.execute("insert into event_logs select 1, unnest(%s), '', '{}'", (HARMLESS,))
    connection.close()
    assert find_in_url(url, "Dagster's storage") == [
        Finding("Dagster's storage", "public.event_logs", "body", "email", 1),
        Finding("Dagster's storage", "public.event_logs", "event", "citizen_id", 1),
        Finding("Dagster's storage", "public.event_logs", "id", "old_id", 1),
        Finding("Dagster's storage", "public.event_logs", "told", "phone", 1),
    ]
