"""The doctor finds every planted defect, says what to do, and finds nothing in a sound home."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.doctor import environment, examine
from pipelines.doctor.finding import Finding, Severity
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.lock import writer_lock
from tests.conftest import SMALL_HOME_NOW, RunMotcua
from tests.operating.conftest import SOURCES, VERSION, write_snapshot
from tests.operating.log_of_pulls import add_pull, day, written_log
from tests.operating.looking import found, write

Plant = Callable[[Path, pytest.MonkeyPatch], object]


def test_nothing_is_found_in_a_sound_home(home: Path) -> None:
    assert found(home) == []


def test_a_clock_that_stands_is_noted(home: Path) -> None:
    [finding] = examine.examine()
    assert finding.severity is Severity.note
    assert finding.what == "the product's clock stands at 2026-06-19 06:00: MOTCUA_NOW is set"


def log_pulls(home: Path, **pull: object) -> None:
    with written_log(home) as log:
        add_pull(log, **pull)  # pyright: ignore[reportArgumentType]


def relayout(home: Path, version: int) -> None:
    with written_log(home) as log:
        log.execute("update log.schema_version set version = ?", [version])


def record_backup(home: Path, **last: str) -> None:
    line = json.loads((home / "backups.ndjson").read_text()) | last
    (home / "backups.ndjson").write_text(json.dumps(line))


def list_sources(home: Path, old: str, new: str) -> None:
    (home / "sources.yml").write_text(SOURCES.replace(old, new))


def dagster_home(home: Path, patch: pytest.MonkeyPatch, text: str) -> None:
    write(home / "dagster" / "dagster.yaml", text.encode())
    patch.setenv("DAGSTER_HOME", str(home / "dagster"))


PLANTED: dict[str, tuple[Plant, Severity, str]] = {
    "a key that is gone": (
        lambda h, _: (h / "pseudonym.key").unlink(), Severity.broken, "pseudonym.key is gone",
    ),
    "an empty key": (
        lambda h, _: (h / "pseudonym.key").write_text(""), Severity.broken, "key is empty or",
    ),
    "a key for all to read": (
        lambda h, _: (h / "pseudonym.key").chmod(0o644), Severity.warning, "can be read by others",
    ),
    "no amount of memory": (
        lambda _, p: p.setenv("MOTCUA_DUCKDB_MEMORY", "much"),
        Severity.broken, "MOTCUA_DUCKDB_MEMORY is no amount of memory: much",
    ),
    "more memory than there is": (
        lambda _, p: p.setenv("MOTCUA_DUCKDB_MEMORY", "90TB"),
        Severity.warning, "MOTCUA_DUCKDB_MEMORY allows 90000.0 GB of",
    ),
    "more threads than cores": (
        lambda _, p: p.setenv("MOTCUA_DUCKDB_THREADS", "999"),
        Severity.warning, "MOTCUA_DUCKDB_THREADS is 999, this machine gives",
    ),
    "no list of sources": (
        lambda _, p: p.setenv("MOTCUA_SOURCES", "nowhere.yml"),
        Severity.broken, "nowhere.yml: no such file",
    ),
    "a wrong entry": (
        lambda h, _: list_sources(h, "kind: files", "kind: fax"),
        Severity.warning, "shop: kind: 'fax' is not one of",
    ),
    "a dialect that is none": (
        lambda h, _: list_sources(h, "shop-csv", "shop-stone"), Severity.warning, "shop-stone",
    ),
    "a token that is not set": (
        lambda _, p: p.delenv("SYSTEM_TOKEN"),
        Severity.warning, "system: rest.auth.env: SYSTEM_TOKEN is not set",
    ),
    "a token's file that is gone": (
        lambda h, _: list_sources(h, "env: SYSTEM_TOKEN", "file: secrets/system"),
        Severity.warning, "system: rest.auth.file: secrets/system is not there",
    ),
    "a source that is silent": (
        lambda h, _: [log_pulls(h, at=day(n), unchanged=3) for n in (5, 8, 9, 10)],
        Severity.warning, "shop: expect.every: nothing new since 2026-06-19 06:00, 1d is normal",
    ),
    "a source that fails": (
        lambda h, _: log_pulls(h, at=day(4.02), status="failed", name="system"),
        Severity.warning, "system: no complete pull since 2026-06-19 06:28: unreachable",
    ),
    "a flood": (
        lambda h, _: (
            list_sources(h, "  kind: files", "  expect: {max_rows: 100}\n  kind: files"),
            log_pulls(h, at=day(4.02), accepted=500),
        ),
        Severity.warning, "shop: expect.max_rows: 520 new records within 1d, more than 100",
    ),
    "a quarantine that grows": (
        lambda h, _: log_pulls(h, at=day(4.02), accepted=5, broken=15),
        Severity.warning, "shop: quarantine: 15 of 40 new records broke a rule, 0 of 80 did",
    ),
    "pulls that stopped": (
        lambda _, p: p.setenv("MOTCUA_NOW", day(8).isoformat()),
        Severity.warning, "nothing was pulled since 2026-06-19 06:00",
    ),
    "a pull from the future": (
        lambda h, _: log_pulls(h, at=day(300), accepted=1), Severity.broken, "yet to come",
    ),
    "a warehouse that is none": (
        lambda h, _: write(h / "warehouse" / "motcua.duckdb", b"no warehouse" * 4096),
        Severity.broken, "motcua.duckdb",
    ),
    "a log of a newer layout": (
        lambda h, _: relayout(h, 99), Severity.broken, "has layout 99, this program knows up to",
    ),
    "a log of an older layout": (
        lambda h, _: relayout(h, 1), Severity.broken, "run `motcua migrate`",
    ),
    "the log of a killed writer": (
        lambda h, _: write(h / "warehouse" / "spill" / "x.tmp"), Severity.warning,
        "1 hidden files are left over under warehouse",
    ),
    "a batch that never landed": (
        lambda h, _: write(h / "landing" / "dossiers" / "shop" / ".20260619T060000" / "part"),
        Severity.warning, "1 hidden files are left over under landing",
    ),
    "half a snapshot": (
        lambda h, _: write(h / "serving" / ".motcua-1.duckdb"), Severity.warning,
        "1 hidden files are left over under serving",
    ),
    "half a replay": (
        lambda h, _: write(h / "warehouse" / "motcua.before-replay"), Severity.broken,
        "a replay did not come to its end",
    ),
    "nothing published": (
        lambda h, _: shutil.rmtree(h / "serving"), Severity.broken, "nothing has been published",
    ),
    "a pointer to nothing": (
        lambda h, _: (h / "serving" / f"{VERSION}.duckdb").unlink(),
        Severity.broken, f"the pointer names {VERSION}, but that file is gone",
    ),
    "a damaged pointer": (
        lambda h, _: write(h / "serving" / "CURRENT.json", b"{"),
        Severity.broken, "CURRENT.json is damaged",
    ),
    "a damaged snapshot": (
        lambda h, _: write(h / "serving" / f"{VERSION}.duckdb", b"half" * 9000),
        Severity.broken, f"{VERSION}.duckdb cannot be read",
    ),
    "an old snapshot": (
        lambda h, _: write_snapshot(h / "serving", published_at=day(0).isoformat()),
        Severity.warning, "the current snapshot is of 2026-06-15 06:00",
    ),
    "old data in a new snapshot": (
        lambda h, _: write_snapshot(h / "serving", data_as_of="2026-05-31"),
        Severity.warning, "the data speak up to 2026-05-31",
    ),
    "a snapshot under other rules": (
        lambda h, _: write_snapshot(h / "serving", rules_hash="0"),
        Severity.note, "computed under other rules",
    ),
    "a snapshot of another network": (
        lambda h, _: write_snapshot(h / "serving", network_hash="0"),
        Severity.note, "computed with other units",
    ),
    "a calendar that ends": (
        lambda _, p: p.setattr("pipelines.doctor.reference.now", lambda: datetime(2099, 1, 2)),
        Severity.warning, "it should reach 2100-12-31",
    ),
    "no instance of Dagster where the environment says": (
        lambda h, p: p.setenv("DAGSTER_HOME", str(h / "nowhere")),
        Severity.broken, "dagster.yaml is not there",
    ),
    "Dagster's PostgreSQL without its variable": (
        lambda h, p: dagster_home(h, p, "storage: {postgres: {postgres_url: {env: NO_SUCH}}}"),
        Severity.broken, "Dagster's storage: NO_SUCH is not set",
    ),
    "Dagster's PostgreSQL that is down": (
        lambda h, p: dagster_home(
            h, p, "storage: {postgres: {postgres_url: 'postgresql://x:password@127.0.0.1:9/x'}}"
        ),
        Severity.broken, "Dagster's PostgreSQL does not let us in (OperationalError)",
    ),
    "Dagster's SQLite that is none": (
        lambda h, p: (dagster_home(h, p, "{}"), write(h / "dagster" / "runs.db", b"none" * 900)),
        Severity.broken, "runs.db cannot be read (DatabaseError)",
    ),
    "no backup": (
        lambda h, _: (h / "backups.ndjson").unlink(), Severity.warning, "no backup was ever made",
    ),
    "an old backup": (
        lambda h, _: record_backup(h, made_at="2026-06-01T00:00:00"),
        Severity.warning, "the last backup is of 2026-06-01 00:00",
    ),
    "a backup that is gone": (
        lambda h, _: (h / "backups" / "b.tar").unlink(),
        Severity.warning, "the last backup, b.tar, is no longer where it was put",
    ),
}  # fmt: skip


@pytest.mark.parametrize("defect", PLANTED)
def test_every_planted_defect_is_found(
    home: Path, monkeypatch: pytest.MonkeyPatch, defect: str
) -> None:
    plant, severity, words = PLANTED[defect]
    plant(home, monkeypatch)
    wrong = found(home)
    assert [f.severity for f in wrong if words in f.what] == [severity], wrong
    assert all(f.why and f.do for f in wrong)
    assert "password" not in str(wrong)


def test_a_home_that_cannot_be_written_is_found(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # root may write everywhere: what the system would answer another user is told instead
    monkeypatch.setattr(environment.os, "access", lambda path, _mode: Path(path) != home)
    assert "cannot be written by this user" in found(home)[0].what


def test_a_log_of_a_killed_writer_is_found(home: Path) -> None:
    write(home / "warehouse" / "motcua.duckdb.wal", b"")
    assert found(home) == []
    other = home / "warehouse" / "other.duckdb.wal"
    write(other)
    assert [f.what for f in found(home)] == ["other.duckdb.wal is left over"]


def test_a_writer_at_work_is_noted_and_one_that_hangs_is_told(home: Path) -> None:
    with writer_lock(settings().warehouse_file, "dbt build"):
        [finding] = found(home)
        assert finding.severity is Severity.note
        assert f"held by dbt build (process {os.getpid()})" in finding.what
        os.utime(home / "warehouse" / "warehouse.lock.holder", (0, 0))
        assert found(home)[0].severity is Severity.warning
    assert found(home) == []


def test_a_check_that_cannot_be_made_is_a_finding(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_nothing(_config: object) -> list[Finding]:
        raise KeyError("Nguyễn Thị Bích")

    monkeypatch.setattr(examine, "CHECKS", (check_nothing,))
    [finding] = examine.examine()
    assert finding.severity is Severity.broken
    assert finding.what.startswith("check_nothing could not be made: KeyError (at test_doctor.py:")


def test_the_command_says_all_in_its_exit_status_and_json(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*args: str) -> Result:
        return CliRunner().invoke(app, ["doctor", *args])

    done = call("--format", "json")
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["status"]) == (0, "healthy"), done.stderr
    assert answer["disk"]["used_bytes"] > 0
    assert answer["disk"]["free_bytes"] > 0
    monkeypatch.delenv("SYSTEM_TOKEN")
    done = call()
    assert done.exit_code == 3
    assert "warning: system: rest.auth.env: SYSTEM_TOKEN is not set" in done.stderr
    shutil.rmtree(home / "serving")
    done = call("--format", "json")
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["status"]) == (1, "broken")
    assert [row["severity"] for row in answer["rows"]] == ["broken", "warning", "note"]


def test_a_province_that_was_just_published_is_healthy(
    published_home: Path, run_motcua: RunMotcua
) -> None:
    environment = {
        "MOTCUA_NOW": SMALL_HOME_NOW,
        "MOTCUA_SOURCES": str(published_home / "simulated" / "sources.yml"),
        "MOTCUA_DUCKDB_MEMORY": "500MB",
    }
    done = run_motcua(published_home, "doctor", "--format", "json", env=environment)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (0, "healthy"), answer["rows"]


def test_the_index_of_runbooks_names_each_of_them() -> None:
    folder = PROJECT_ROOT / "docs" / "runbooks"
    index = (folder / "README.md").read_text(encoding="utf-8")
    there = {file.name for file in folder.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\(([\w-]+\.md)\)", index)) == there


def test_every_runbook_that_a_finding_names_is_there() -> None:
    for file in (PROJECT_ROOT / "pipelines" / "doctor").glob("*.py"):
        for word in file.read_text(encoding="utf-8").split():
            path = word.strip('",();:`')
            if path.startswith(("docs/", "deploy/")):
                assert (PROJECT_ROOT / path).is_file(), f"{file.name}: {path}"
