"""What the command line says to people: one line, the right exit status, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT

COMMANDS = [
    ["demo"], ["simulate"], ["run"], ["metrics"], ["score766"], ["reconcile"], ["replay"],
    ["dashboard"], ["dagster"], ["access"], ["access", "check"], ["access", "label"],
    ["sources"], ["sources", "check"], ["sources", "add"], ["sources", "outcomes"],
    ["sources", "patterns"],
    ["quarantine"],
    ["quarantine", "list"],
]  # fmt: skip
UNPUBLISHED = "nothing has been published yet: run `motcua demo` or `motcua run`"


@pytest.fixture(autouse=True)
def _same_environment() -> Iterator[None]:
    """A command may set its process's environment; the next test starts as this one did."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(app, args, env={"MOTCUA_HOME": str(home)})


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(tmp_path: Path, command: list[str]) -> None:
    told = call(tmp_path, *command, "--help")
    assert told.exit_code == 0
    assert len(told.stdout) > 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [
        ["metrics", "--from", "yesterday"],
        ["metrics", "--format", "xml"],
        ["run", "--to", "2025-02-30"],
        ["simulate"],
        ["demo", "--dossiers", "0"],
        ["invent"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(tmp_path: Path, args: list[str]) -> None:
    told = call(tmp_path, *args)
    assert told.exit_code == 2
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["metrics"], "nothing has been published yet: run `motcua demo` or `motcua run`"),
        (["score766", "--period", "2025"], UNPUBLISHED),
        (
            ["sources", "patterns"],
            "nothing has been published yet: run `motcua demo` or `motcua run`",
        ),
        (["sources", "outcomes"], "there is no warehouse yet: run `motcua demo` or `motcua run`"),
        (["quarantine", "list"], "there is no warehouse yet: run `motcua demo` or `motcua run`"),
    ],
    ids=["metrics", "score766", "patterns", "outcomes", "quarantine"],
)
def test_an_empty_home_is_one_line_and_one(tmp_path: Path, args: list[str], line: str) -> None:
    told = call(tmp_path, *args)
    assert told.exit_code == 1
    assert told.stderr.strip() == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sources: [", "sources.yml: not readable as YAML in line 1"),
        ("shops: []\n", "sources.yml: there is no list `sources`"),
    ],
    ids=["no YAML", "no list"],
)
@pytest.mark.parametrize("command", [["run"], ["sources", "check"]], ids=" ".join)
def test_a_list_of_sources_that_is_none_is_one_line_and_one(
    tmp_path: Path, text: str, line: str, command: list[str]
) -> None:
    (tmp_path / "sources.yml").write_text(text)
    told = call(tmp_path, *command)
    assert told.exit_code == 1
    assert told.stderr.strip() == line


def test_a_missing_list_of_sources_is_named(tmp_path: Path) -> None:
    told = call(tmp_path, "run", "--sources", str(tmp_path / "nowhere.yml"))
    assert told.exit_code == 1
    assert told.stderr.strip() == "nowhere.yml: no such file; name one with --sources"


def test_checking_the_sources_tells_every_wrong_entry(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(
        "sources:\n"
        "- {id: a, kind: ftp}\n"
        "- {id: b, kind: files, files: {path: x}, dialect: klingon}\n"
        "- {id: c, kind: files, files: {path: x}}\n"
    )
    told = call(tmp_path, "sources", "check", "--offline")
    assert told.exit_code == 1
    first, second, last = told.stderr.strip().splitlines()
    assert first == "a: kind: 'ftp' is not one of rest, files, database"
    assert second.startswith("b: dialect: 'klingon' is not one of ")
    assert last == "2 of 3 entries are wrong"


def test_the_delivered_sources_are_sound(tmp_path: Path) -> None:
    shutil.copy(PROJECT_ROOT / "data" / "sources.yml", tmp_path)
    told = call(tmp_path, "sources", "check", "--offline")
    assert (told.exit_code, told.stderr.strip()) == (0, "28 sources")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["--metric", "invented"], "invented"),
        (["--definition", "guess"], "guess"),
        (["--by", "colour"], "colour"),
        (["--unit", "99999"], "99999"),
        (["--level", "village"], "village"),
        (["--from", "2025-02-01", "--to", "2025-01-01"], "2025"),
    ],
    ids=["metric", "definition", "group", "unit", "level", "period"],
)
def test_a_question_that_cannot_be_is_one_line_and_two(
    published_home: Path, args: list[str], word: str
) -> None:
    told = call(published_home, "metrics", *args)
    assert told.exit_code == 2
    assert word in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_figures_come_as_json_csv_and_table(published_home: Path) -> None:
    question = ["metrics", "--metric", "received", "--metric", "late_rate", "--by", "year"]
    answer = json.loads(call(published_home, *question, "--format", "json").stdout)
    assert set(answer) == {"snapshot", "as_of", "boundaries", "ground_vi", "rows"}
    first = answer["rows"][0]
    assert set(first) == {"metric", "definition", "year", "numerator", "denominator", "value",
                          "status"}  # fmt: skip
    lines = call(published_home, *question, "--format", "csv").stdout.strip().splitlines()
    assert lines[0] == ",".join(first)
    assert len(lines) == len(answer["rows"]) + 1
    assert "late_rate" in call(published_home, *question).stdout


@pytest.mark.parametrize(
    "command",
    [
        ["metrics", "--unit", "024"],
        ["form", "ii06a", "--period", "2025Q1", "--unit", "024"],
        ["score766", "--period", "2025Q1", "--unit", "024"],
    ],
    ids=lambda command: command[0],
)
def test_a_former_unit_is_refused_on_todays_boundaries_and_its_successor_named(
    published_home: Path, command: list[str]
) -> None:
    told = call(published_home, *command, "--boundaries", "today")
    assert told.exit_code == 2
    assert told.stderr.strip() == (
        "unit 024 is not on today's boundaries; its dossiers are those of area-024"
    )


def test_a_score_of_every_unit_is_told_on_todays_boundaries(published_home: Path) -> None:
    question = ["score766", "--period", "2025Q1", "--by", "unit", "--format", "json"]
    was, today = (
        json.loads(call(published_home, *question, "--boundaries", reading).stdout)
        for reading in ("as_was", "today")
    )
    assert (was["boundaries"], today["boundaries"]) == ("as_was", "today")
    assert was["ground_vi"] is None
    assert today["ground_vi"].startswith("địa bàn Hà Giang cũ (")
    levels = {(row["unit_code"][:4], row["level"]) for row in today["rows"]}
    assert {("area", "district"), ("area", "province"), ("0069", "commune")} <= levels

    def dossiers(answer: dict[str, list[dict[str, list[dict[str, int]]]]]) -> int:
        items = [item for row in answer["rows"] for item in row["items"]]
        return sum(item["denominator"] or 0 for item in items)

    assert dossiers(today) == dossiers(was) > 0


def test_the_counts_of_outcomes_add_up(published_home: Path) -> None:
    rows = json.loads(call(published_home, "sources", "outcomes", "--format", "json").stdout)[
        "rows"
    ]
    assert len(rows) == 28
    for row in rows:
        assert row["records_in"] == row["accepted"] + row["unchanged"] + row["quarantined"]
        assert row["status"] == "ok"


def test_a_demo_leaves_a_home_alone_that_is_no_demo(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "motcua.duckdb").write_text("of the province")
    told = call(tmp_path, "demo", "--no-dashboard", "--dossiers", "10")
    assert told.exit_code == 1
    assert "holds data that is no demo's (warehouse): set MOTCUA_HOME to another" in told.stderr
    assert (tmp_path / "warehouse" / "motcua.duckdb").read_text() == "of the province"


def test_pattern_findings_come_with_a_sentence_each(published_home: Path, tmp_path: Path) -> None:
    clean = call(published_home, "sources", "patterns", "--format", "json")
    assert (clean.exit_code, json.loads(clean.stdout)) == (0, {"rows": []})
    shutil.copytree(published_home / "serving", tmp_path / "serving")
    with duckdb.connect(str(current_snapshot(tmp_path / "serving").file)) as db:
        db.execute(
            "insert into dq_pattern values ('centre', 'midnight_only', 'NgayTiepNhan',"
            " 'is_received_midnight', 400, 100, 4.0, date '2025-03-01', null)"
        )
    told = call(tmp_path, "sources", "patterns", "--format", "json")
    (row,) = json.loads(told.stdout)["rows"]
    assert (told.exit_code, row["since"], row["until"]) == (0, "2025-03", None)
    assert row["sentence"] == (
        "centre, NgayTiepNhan: 100 of 400 (25.0%) receptions are at exactly 00:00:00"
        " from 2025-03; a clean source up to 1.0%."
    )


def test_a_snapshot_from_before_pattern_findings_is_one_line_and_one(
    published_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(published_home / "serving", tmp_path / "serving")
    with duckdb.connect(str(current_snapshot(tmp_path / "serving").file)) as db:
        db.execute("drop table dq_pattern")
    told = call(tmp_path, "sources", "patterns")
    assert told.exit_code == 1
    assert "was published before pattern findings were kept" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
