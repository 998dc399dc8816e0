"""A database gives what a file gives, in windows, and never more than is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import psycopg2.extras
import pytest
from polars.testing import assert_frame_equal

from pipelines.intake.sources import Source
from tests.faults.shops import PERSONAL
from tests.integration.shop_tables import load, pull, state
from tests.postgres import Postgres, execute
from tests.sources.conftest import FIRST, N, pull_at, records

TIMES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy")
QUERY = "select * from dossier -- all of them;"


@pytest.fixture(scope="module")
def shop_url(postgres: Postgres) -> str:
    """A database with the records: moments, flags and documents in types of their own."""
    url = postgres.create_database()
    execute(url, "create type status as enum ('4', '9')")
    columns = dict.fromkeys(records()[0], "text")
    columns |= dict.fromkeys(TIMES, "timestamp")
    columns |= {"DanhSachLePhi": "jsonb", "TaiLieuNop": "text", "TrangThaiHoSo": "status"}
    columns |= {"updated_at": "timestamptz", "KenhThucHien": "numeric", "photo": "bytea"}
    described = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    execute(url, f"create table dossier ({described})")
    execute(url, 'create table narrow ("MaHoSo" text, updated_at bigint)')
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("set timezone to 'Asia/Ho_Chi_Minh'")
        psycopg2.extras.execute_values(
            cursor, "insert into dossier values %s", [_row(record) for record in records()]
        )
    connection.close()
    return url


def _row(record: dict[str, Any]) -> tuple[Any, ...]:
    def value(name: str) -> Any:
        if name in TIMES:
            return datetime.strptime(record[name], "%Y%m%d%H%M%S")
        return json.dumps(record[name]) if isinstance(record[name], list) else record[name]

    return (*(value(name) for name in record), b"\xff\xd8 a face")


def source(**database: Any) -> Source:
    return Source.model_validate(
        {
            "id": "shop-dossiers", "kind": "database", "system": "shop",
            "database": {"url_env": "SHOP_DB", "query": QUERY, "cursor": "updated_at"} | database,
        }
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _address(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DB", shop_url)


def test_a_database_gives_the_log_of_the_file(
    as_file: Callable[[Path], Source], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    outcome = pull(tmp_path, source())
    assert (outcome.status, outcome.error, outcome.kind) == ("ok", None, "database")
    assert (outcome.records_in, outcome.window_to) == (N, datetime(2026, 7, 1))
    load(tmp_path, [outcome])
    load(other, [pull(other, as_file(other))])
    ours, theirs = state(tmp_path)[0], state(other)[0]
    assert ours["content_hash"].to_list() == theirs["content_hash"].to_list()
    assert_frame_equal(ours, theirs)


def test_personal_columns_never_reach_the_disk(tmp_path: Path, shop_url: str) -> None:
    told = execute(shop_url, "select string_agg(d::text, '') from dossier d")[0][0]
    assert all(text in told for text in PERSONAL.values())
    outcome = pull(tmp_path, source())
    assert outcome.dropped_fields == len(PERSONAL) + 1
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    landed = [str(pl.read_parquet(p).rows()) for p in files if p.suffix == ".parquet"]
    landed += [p.read_text() for p in files if p.suffix == ".json"]
    assert landed and not [t for t in PERSONAL.values() for text in landed if t in text]
    assert not [path for path in files if b"a face" in path.read_bytes()]


def test_a_column_of_any_type_stops_nothing(tmp_path: Path) -> None:
    odd = ", ".join(
        f"{value} as odd_{n}"
        for n, value in enumerate(
            (
                "array[1.5, null]", "array['{}'::json]", "interval '1 day'", "int4range(1, 2)",
                "point(1, 2)", "to_tsvector('a b')", "b'101'", "'<a/>'::xml", "time '12:00'",
                "'infinity'::timestamp", "'NaN'::numeric", "'1'::money",
                "array[interval '1 day']", "gen_random_uuid()", "inet '127.0.0.1'", "null", "1.5",
            )
        )
    ).replace("'1'::money", "'1'::money")  # fmt: skip
    outcome = pull(tmp_path, source(query=f"select *, {odd} from dossier"))
    assert (outcome.status, outcome.error, outcome.records_in) == ("ok", None, N)


def test_a_pull_asks_since_the_watermark_less_the_overlap(tmp_path: Path) -> None:
    middle = FIRST + timedelta(minutes=31)
    first = pull_at(tmp_path, source(overlap="5m"), middle)
    second = pull_at(tmp_path, source(overlap="5m"), middle + timedelta(days=1))
    assert (first.records_in, second.records_in) == (30, N - 30 + 5)
    assert (second.window_from, second.window_to) == (
        middle - timedelta(minutes=5), middle + timedelta(days=1),
    )  # fmt: skip


def test_batches_land_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.intake.database.BATCH_BYTES", 4_000)
    outcome = pull(tmp_path, source())
    assert outcome.records_in == N
    assert outcome.parts > 3
    batch = tmp_path / "landing" / "dossiers" / "shop-dossiers" / outcome.pull_id
    positions = pl.read_parquet(batch / "*.parquet")["_position"]
    assert sorted(positions) == list(range(1, N + 1))


@pytest.mark.parametrize(
    ("changed", "error_class", "line"),
    [
        ({"url_env": "NO_SUCH"}, "no_url", "database.url_env: NO_SUCH is not set"),
        ({"url_env": "MYSQL"}, "bad_url", "database.url_env: what is in MYSQL is no address of"),
        ({"url_env": "CLOSED"}, "unreachable", "database.url_env: no connection to the address"),
        ({"url_env": "STRANGER"}, "unauthorized", "database.url_env: the account in STRANGER was"),
        ({"query": "select * from d"}, "bad_query", "database.query: it names a table that is not"),
        ({"query": "select 1 as a"}, "bad_query", "database.query: it names a column that is not"),
        ({"query": "selct"}, None, None),
        (
            {"query": "with x as (delete from dossier returning *) select * from x"},
            "bad_query",
            "database.query: ",
        ),
        ({"query": "select * from narrow"}, "bad_query", "database.query: the database refused it"),
        (
            {"query": "select updated_at from dossier"},
            "header_missing",
            "database.query: no column",
        ),
        (
            {"query": "select d.*, pg_sleep(0.2) from dossier d", "timeout": "1s"},
            "too_slow",
            "database.timeout: no whole answer within 1 s",
        ),
        (
            {"query": 'select *, "ChuHoSo"::int as n from dossier'},
            "bad_query",
            "database.query: the database broke it off while it sent rows (OSError)",
        ),
    ],
)
def test_a_fault_is_one_line_without_data_address_or_password(
    changed: dict[str, Any],
    error_class: str | None,
    line: str | None,
    tmp_path: Path,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MYSQL", f"mysql://motcua:{postgres.password}@127.0.0.1/shop")
    monkeypatch.setenv("CLOSED", f"postgresql://motcua:{postgres.password}@127.0.0.1:9/shop")
    monkeypatch.setenv("STRANGER", postgres.url(password="wrong-password"))
    if line is None:
        with pytest.raises(ValueError, match="begins with neither select nor with"):
            source(**changed)
        return
    outcome = pull(tmp_path, source(**changed))
    assert (outcome.status, outcome.error_class) == ("failed", error_class), outcome.error
    said = outcome.error or ""
    assert said.startswith(line)
    assert "\n" not in said
    for secret in (postgres.password, "wrong-password", "127.0.0.1", *PERSONAL.values()):
        assert secret not in said


def test_a_query_that_would_write_changes_nothing(tmp_path: Path, shop_url: str) -> None:
    execute(shop_url, "create function wipe() returns text language sql as"
            " 'delete from dossier returning \"MaHoSo\"'")  # fmt: skip
    outcome = pull(tmp_path, source(query="select *, wipe() from dossier"))
    assert (outcome.status, outcome.error_class) == ("failed", "bad_query")
    assert execute(shop_url, "select count(*) from dossier") == [(N,)]
