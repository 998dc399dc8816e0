"""`motcua sources check` asks for real; `motcua sources add` writes what it could try."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.intake.sources import Source
from tests.faults.shops import PERSONAL
from tests.postgres import Postgres, execute
from tests.sources.conftest import STYLES, Service, records
from tests.sources.server import SECRET


def call(home: Path, *args: str, typed: str | None = None) -> Result:
    env = {"MOTCUA_HOME": str(home), "MOTCUA_NOW": "2025-03-20T06:00:00"}
    return CliRunner().invoke(app, ["sources", *args], env=env, input=typed)


def entry(source: Source, **changed: object) -> dict[str, Any]:
    said = source.model_dump(mode="json", exclude_unset=True)
    return {**said, "units": ["030"], **changed}


def write(home: Path, *entries: dict[str, Any]) -> None:
    (home / "sources.yml").write_text(yaml.safe_dump({"sources": list(entries)}))


def test_every_source_is_tried_and_what_is_wrong_is_said_in_words(
    service: Service,
    postgres: Postgres,
    as_file: Callable[[Path], Source],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgres.create_database()
    few = [(r["MaHoSo"], r["ChuHoSo"], r["updated_at"]) for r in records()[:3]]
    execute(url, 'create table d ("MaHoSo" text, "ChuHoSo" text, updated_at timestamp)')
    for row in few:
        execute(url, "insert into d values (%s, %s, %s)", row)
    monkeypatch.setenv("SHOP_DB", url)
    cursor = {"query": "select * from d", "cursor": "updated_at"}
    database = {"kind": "database", "database": {"url_env": "SHOP_DB", **cursor}}
    write(
        tmp_path,
        entry(service.source("oauth2", "number"), id="a-service"),
        entry(service.source("bearer", "link-away", **STYLES["link-body"]), id="b-foreign"),
        entry(as_file(tmp_path), id="c-files"),
        entry(as_file(tmp_path), id="d-empty", files={"path": "nothing/*"}),
        {"id": "e-thin", **database},
        {"id": "f-no-table", **database,
         "database": {"url_env": "SHOP_DB", "query": "select * from nowhere", "cursor": "u"}},
        entry(as_file(tmp_path), id="g-units", units=["999"]),
        {"id": "h-kind", "kind": "ftp"},
        entry(service.source("bearer", "cursor"), id="i-other-words", dialect="igate"),
    )  # fmt: skip
    told = call(tmp_path, "check", "--format", "json")
    assert told.exit_code == 1
    said = {
        row["source"]: (row["is_ok"], row["message"]) for row in json.loads(told.stdout)["rows"]
    }
    assert said == {
        "a-service": (True, "ok: 20 records read"),
        "b-foreign": (
            False,
            "rest.next: the next link leads to http://localhost, another origin than rest.url;"
            " it was not followed [foreign_link]",
        ),
        "c-files": (True, "ok: 57 records read"),
        "d-empty": (True, "ok: no file waits"),
        "e-thin": (False, "all 3 records would be quarantined: unknown_code TrangThaiHoSo (3)"),
        "f-no-table": (
            False,
            "database.query: it names a table that is not there (ProgrammingError, 42P01)"
            " [bad_query]",
        ),
        "g-units": (False, "units: '999' is no unit code of data/reference"),
        "h-kind": (False, "kind: 'ftp' is not one of rest, files, database"),
        "i-other-words": (False, "all 20 records would be quarantined: no_code MaHoSo (20)"),
    }
    assert told.stderr.strip().splitlines()[-1] == "6 of 9 entries are wrong"
    assert not [text for text in (*PERSONAL.values(), SECRET) if text in told.output]
    assert not (tmp_path / "landing").exists()


def test_offline_nobody_is_asked(tmp_path: Path) -> None:
    write(tmp_path, {"id": "a", "kind": "rest", "rest": {"url": "http://127.0.0.1:9"}})
    told = call(tmp_path, "check", "--offline")
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (0, "1 sources")


LIST = """# the shops of the province
sources:
# a comment that stays
- id: old-shop   # so does this
  kind: files
  files: {path: "inbox/*.csv"}
"""


def test_an_entry_is_appended_and_all_else_stays_as_it_is(service: Service, tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(LIST)
    url = f"http://127.0.0.1:{service.port}/bearer/number"
    told = call(
        tmp_path, "add", "--id", "new-shop", "--name", "Xã Mới", "--units", "030,00703",
        "--url", url, "--auth", "bearer", "--env", "SHOP_SECRET", "--set",
        "rest.page={style: number, size: 10, total: meta.total}", "--try",
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "new-shop: ok: 20 records read" in told.stderr
    text = (tmp_path / "sources.yml").read_text()
    assert text.startswith(LIST)
    assert yaml.safe_load(text)["sources"][1] == {
        "id": "new-shop", "name_vi": "Xã Mới", "kind": "rest", "dialect": "national",
        "feed": "dossiers", "units": ["030", "00703"],
        "rest": {
            "url": url, "auth": {"kind": "bearer", "env": "SHOP_SECRET"},
            "page": {"style": "number", "size": 10, "total": "meta.total"},
        },
    }  # fmt: skip
    assert call(tmp_path, "check", "--offline").exit_code == 0


def test_an_entry_is_made_by_questions(tmp_path: Path) -> None:
    answers = [
        "database",
        "asked-shop",
        "Xã Hỏi",
        "",
        "",
        "030",
        "ASKED_DB",
        "select 1 as a",
        "",
        "n",
    ]
    told = call(tmp_path, "add", typed="\n".join(answers) + "\n")
    assert told.exit_code == 0, told.output
    (made,) = yaml.safe_load((tmp_path / "sources.yml").read_text())["sources"]
    assert (made["id"], made["feed"], made["units"]) == ("asked-shop", "dossiers", ["030"])
    assert made["database"] == {
        "url_env": "ASKED_DB", "query": "select 1 as a", "cursor": "updated_at",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--id", "old-shop", "--kind", "files", "--path", "x"],
         "old-shop: id: is in sources.yml already"),
        (["--id", "Xã", "--kind", "files", "--path", "x"], "Xã: id: String should match pattern"),
        (["--id", "a", "--kind", "files"], "a: files: the section is missing"),
        (["--id", "a", "--kind", "files", "--path", "x", "--units", "999"],
         "a: units: '999' is no unit code of data/reference; it was not added"),
        (["--id", "a", "--url", "http://x", "--auth", "bearer", "--env", "eyJh.bGci.Oi"],
         "a: rest.auth.env: String should match pattern"),
        (["--id", "a", "--url", "http://me:pw@x/"], "a: rest.url: holds an account"),
        (["--id", "a", "--url", "http://127.0.0.1:9/", "--try"],
         "a: rest.url: no answer (ConnectError) after 4 tries [unreachable]; it was not added"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_not_added(args: list[str], line: str, tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(LIST)
    told = call(tmp_path, "add", *args)
    assert told.exit_code == 1
    assert told.stderr.strip().startswith(line)
    assert "bGci" not in told.output and ":pw@" not in told.output
    assert (tmp_path / "sources.yml").read_text() == LIST


def test_a_list_that_does_not_end_the_file_is_left_alone(tmp_path: Path) -> None:
    text = f"{LIST}other: {{}}\n"
    (tmp_path / "sources.yml").write_text(text)
    told = call(tmp_path, "add", "--id", "a", "--kind", "files", "--path", "x")
    assert told.exit_code == 1
    assert told.stderr.strip() == "sources.yml: the list `sources` does not end the file"
    assert (tmp_path / "sources.yml").read_text() == text
