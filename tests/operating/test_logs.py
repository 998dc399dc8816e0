"""The product's own log: every event a line, and nothing in it but the fields that may be."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines import logs
from pipelines.cli import app
from pipelines.intake.pull import Pull, Window, pull_all
from pipelines.intake.sources import load_sources
from pipelines.logs import FIELDS, append_line, record, recorded
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.load import load_landing
from tests.conftest import RunMotcua

PERSONAL = "Nguyễn Thị Bích"


class OurError(RuntimeError):
    """An exception of the product, as far as the log can tell."""


OurError.__module__ = "pipelines.somewhere"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that holds something: an empty one gets no log."""
    (tmp_path / "landing").mkdir()
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    return tmp_path


def events(home: Path, event: str | None = None) -> list[dict[str, Any]]:
    lines = (home / "logs" / "motcua.ndjson").read_text(encoding="utf-8").splitlines()
    return [e for e in map(json.loads, lines) if event in (None, e["event"])]


def test_a_field_that_is_not_listed_never_reaches_the_log(home: Path) -> None:
    record("pull", source="shop", records_in=3, applicant=PERSONAL, MaHoSo="1", seconds=0.5)
    [event] = events(home)
    assert set(event) == {"at", "level", "event", "source", "records_in", "seconds"}
    assert datetime.fromisoformat(event["at"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", PERSONAL), ("source", "012345678901"), ("status", {"a": 1}), ("seconds", "long"),
        ("records_in", PERSONAL), ("error_class", "No such person: x@example.org"), ("at", "today"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_of_its_fields_kind_is_masked(
    home: Path, field: str, value: object
) -> None:
    record("pull", **{field: value})
    [event] = events(home)
    assert event[field] == "masked" or field == "at"
    assert str(value) not in json.dumps(event, ensure_ascii=False)


@pytest.mark.parametrize(
    "value", ["0912 345 678", "+84912345678", "001085012345", "a.b@tinh.gov.vn", "123456789"]
)
def test_what_looks_like_an_identity_is_struck_out_of_our_own_words(home: Path, value: str) -> None:
    record("pull", message=f"shop: files.path: {value} is wrong")
    assert events(home)[0]["message"] == "shop: files.path: … is wrong"


def test_of_a_foreign_exception_only_class_and_places_are_told(home: Path) -> None:
    with pytest.raises(ValueError, match=PERSONAL), recorded("publish", run_id="a-run"):
        raise ValueError(f"could not convert {PERSONAL}")
    [event] = events(home)
    assert (event["level"], event["status"], event["error_class"]) == (
        "error", "failed", "ValueError",
    )  # fmt: skip
    assert event["run_id"] == "a-run"
    assert event["traceback"][-1].startswith("test_logs.py:")
    assert PERSONAL not in json.dumps(event, ensure_ascii=False)


def test_an_exception_of_our_own_says_its_line(home: Path) -> None:
    with pytest.raises(OurError), recorded("publish"):
        raise OurError("the warehouse is held by dbt build")
    assert events(home)[0]["message"] == "the warehouse is held by dbt build"


def test_events_within_a_step_bear_its_run(home: Path) -> None:
    with recorded("load", run_id="a-run"), recorded("batch_loaded", source="shop"):
        pass
    record("later")
    assert [(e["event"], e.get("run_id")) for e in events(home)] == [
        ("batch_loaded", "a-run"), ("load", "a-run"), ("later", None),
    ]  # fmt: skip


def test_the_level_leaves_out_what_is_below_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LOG_LEVEL", "warning")
    record("pull")
    record("pull", level=logging.ERROR)
    assert [event["level"] for event in events(home)] == ["error"]


def test_a_home_that_holds_nothing_stays_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    record("command", command="restore")
    assert list(tmp_path.iterdir()) == []


def test_a_full_file_gives_way_to_a_new_one_and_the_last_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_BYTES", 100)
    monkeypatch.setattr(logs, "KEEP_FILES", 3)
    file = tmp_path / "logs" / "motcua.ndjson"
    for number in range(30):
        append_line(file, json.dumps({"number": number, "padding": "x" * 30}))
    kept = [*sorted(file.parent.glob("motcua-*.ndjson")), file]
    lines = [json.loads(line)["number"] for f in kept for line in f.read_text().splitlines()]
    assert len(kept) == 4
    assert lines == list(range(lines[0], 30))


def test_a_new_month_begins_a_new_file(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "motcua.ndjson"
    append_line(file, "old")
    os.utime(file, (0, 0))
    append_line(file, "new")
    assert file.read_text() == "new\n"
    assert [f.read_text() for f in file.parent.glob("motcua-*")] == ["old\n"]


def test_lines_of_many_processes_stay_whole(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "motcua.ndjson"
    script = (
        "import sys; from pathlib import Path; from pipelines import logs;"
        "logs.ROTATE_BYTES = 20_000;"
        "[logs.append_line(Path(sys.argv[1]), sys.argv[2] * 200) for _ in range(200)]"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(file), letter], cwd=PROJECT_ROOT)
        for letter in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = [line for f in file.parent.glob("motcua*.ndjson") for line in f.read_text().split()]
    assert len(lines) == 600
    assert {(len(line), len(set(line))) for line in lines} == {(200, 1)}


def test_who_waits_for_the_warehouse_is_told_on_the_terminal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record("waiting for the warehouse", holder="a backup (process 7)")
    captured = capsys.readouterr()
    assert captured.err == "waiting for the warehouse: held by a backup (process 7)\n"
    assert captured.out == ""


def test_pulls_and_batches_are_told_with_counts_and_seconds(home: Path) -> None:
    (home / "inbox").mkdir()
    text = f"Mã hồ sơ;Mã thủ tục;Chủ hồ sơ\n000.00.24.H22-250303-0001;1.001000;{PERSONAL}\n"
    (home / "inbox" / f"{PERSONAL}.csv").write_text(text, encoding="utf-8")
    (home / "sources.yml").write_text(
        "sources:\n"
        "- {id: shop, kind: files, dialect: shop-csv, files: {path: inbox/*.csv}}\n"
        "- {id: gone, kind: rest, rest: {url: 'http://127.0.0.1:9/'}, dialect: unknown}\n",
        encoding="utf-8",
    )
    at = datetime(2026, 6, 15, 6)
    listed = load_sources(home / "sources.yml")
    pull = Pull(
        settings().landing_dir, settings().reference_dir, listed.folder, Window(None, at), at,
        "a-run", lambda *_: None,
    )  # fmt: skip
    pull_all(listed, pull, ("dossiers",))
    with recorded("load", run_id="a-run"):
        load_landing(
            settings().warehouse_file, settings().landing_dir, settings().reference_dir,
            listed.folder, lambda *_: None,
        )  # fmt: skip
    pulls = {event["source"]: event for event in events(home, "pull")}
    assert pulls["gone"]["status"] == "failed"
    assert pulls["gone"]["error_class"] == "bad_dialect"
    assert pulls["shop"]["records_in"] == 1
    assert all(e["run_id"] == "a-run" and e["seconds"] >= 0 for e in events(home))
    loaded = {event["source"]: event for event in events(home, "batch_loaded")}
    assert loaded["shop"]["accepted"] + loaded["shop"]["quarantined"] == 1
    assert PERSONAL not in (home / "logs" / "motcua.ndjson").read_text(encoding="utf-8")


def test_a_command_leaves_its_name_and_exit_status_and_none_of_its_options(
    home: Path,
) -> None:
    done = CliRunner().invoke(app, ["period", "sign", "2025Q1", "--by", PERSONAL])
    assert done.exit_code == 1
    [event] = events(home, "command")
    assert (event["command"], event["exit_status"]) == ("period sign", 1)
    assert event["seconds"] > 0
    assert PERSONAL not in (home / "logs" / "motcua.ndjson").read_text(encoding="utf-8")


def test_a_mistake_of_the_program_is_one_line_without_a_value(
    home: Path, run_motcua: RunMotcua
) -> None:
    (home / "serving").mkdir()
    (home / "serving" / "CURRENT.json").write_text(f'{{"version": {PERSONAL}', encoding="utf-8")
    done = run_motcua(home, "metrics")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert PERSONAL not in done.stderr
    assert "motcua metrics: not done: JSONDecodeError (at decoder.py:" in done.stderr
    [event] = events(home, "command")
    assert event["error_class"] == "JSONDecodeError"
    assert len(event["traceback"]) > 3


def test_a_setting_that_is_none_is_one_line(home: Path) -> None:
    done = CliRunner().invoke(app, ["doctor"], env={"MOTCUA_NOW": "yesterday"})
    assert done.exit_code == 1
    assert done.stderr.startswith("MOTCUA_NOW: Input should be a valid datetime")


def test_every_stage_of_a_run_is_in_the_log(published_home: Path) -> None:
    told = events(published_home)
    [published] = [e for e in told if e["event"] == "publish"]
    run = [e for e in told if e.get("run_id") == published["run_id"]]
    assert {e["event"] for e in run} >= {"pull", "batch_loaded", "load", "dbt_build", "publish"}
    assert all(e["status"] == "ok" for e in run)
    assert published["version"].startswith("motcua-2026")
    assert len([e for e in run if e["event"] == "pull"]) == 28
    assert sum(e["records_in"] for e in run if e["event"] == "batch_loaded") > 4_000
    assert {name for event in told for name in event} <= FIELDS.keys()
    [demo] = [e for e in told if e.get("command") == "demo"]
    assert demo["exit_status"] == 0
