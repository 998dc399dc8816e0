"""Dagster keeps its runs in PostgreSQL, and what it notes of alerts in the home."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.defs import alerts
from pipelines.defs.alerts import alert_when_a_run_fails, note_run_over
from pipelines.doctor.alert_record import note_alerts, read_open
from pipelines.doctor.orchestrator import check_orchestrator
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.alerts import KINDS, Alert
from tests.conftest import RunMotcua
from tests.operating.log_of_pulls import add_pull, day, written_log
from tests.postgres import USER, Postgres, execute

INSTANCE = PROJECT_ROOT / "deploy" / "dagster-postgres" / "dagster.yaml"


@dg.op
def work() -> None:
    """Do nothing."""


@dg.op
def fail() -> None:
    raise ValueError("Nguyễn Thị Bích")


@dg.job
def sound() -> None:
    work()


@dg.job
def broken() -> None:
    fail()


@pytest.fixture
def storage(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database for an instance as deploy/ has it. Returns its URL."""
    url = postgres.create_database()
    folder = tmp_path / "dagster"
    folder.mkdir()
    shutil.copy(INSTANCE, folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    parts = {
        "HOST": "127.0.0.1", "PORT": str(postgres.port), "USER": USER,
        "PASSWORD": postgres.password, "DATABASE": url.rpartition("/")[2],
    }  # fmt: skip
    for name, value in parts.items():
        monkeypatch.setenv(f"MOTCUA_DAGSTER_PG_{name}", value)
    return url


def test_runs_and_events_are_stored_in_postgresql(storage: str) -> None:
    [finding] = check_orchestrator(settings())
    assert finding.what == "Dagster's PostgreSQL is empty"
    with dg.DagsterInstance.get() as instance:
        done = sound.execute_in_process(instance=instance)
        failed = broken.execute_in_process(instance=instance, raise_on_error=False)
    runs = dict(execute(storage, "select run_id, status from runs"))
    assert runs == {done.run_id: "SUCCESS", failed.run_id: "FAILURE"}
    events = execute(storage, "select count(*) from event_logs where run_id = %s", (done.run_id,))
    assert events[0][0] > 5
    assert list(check_orchestrator(settings())) == []


def test_both_instances_limit_pools_and_free_slots_alike() -> None:
    own = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    postgres = yaml.safe_load(INSTANCE.read_text(encoding="utf-8"))
    for section in ("concurrency", "run_monitoring", "telemetry"):
        assert postgres[section] == own[section]
    named = postgres["storage"]["postgres"]["postgres_db"]
    assert named.pop("scheme") == "postgresql+psycopg2"
    assert {tuple(value) for value in named.values()} == {("env",)}, "no secret in the file"


def test_a_run_that_fails_under_the_daemon_is_noted_once_until_one_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOTCUA_NOW", day(0).isoformat())
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            failed = broken.execute_in_process(instance=instance, raise_on_error=False)
            context = dg.build_run_status_sensor_context(
                sensor_name="alert_when_a_run_fails",
                dagster_instance=instance,
                dagster_run=failed.dagster_run,
                dagster_event=failed.get_run_failure_event(),
            ).for_run_failure()
            alert_when_a_run_fails(context)
    home = settings().root
    [noted] = read_open(home)
    assert (noted.kind, noted.source, noted.since) == ("run", "daily", day(0))
    assert "Bích" not in (home / "alerts.ndjson").read_text(encoding="utf-8")
    note_run_over(settings(), "a-later-run")
    assert read_open(home) == []
    lines = (home / "alerts.ndjson").read_text(encoding="utf-8").splitlines()
    assert ['"raised"' in line for line in lines] == [True, False]


def test_an_alert_is_noted_when_it_comes_and_when_it_goes(tmp_path: Path) -> None:
    silent = Alert("silent", "shop", day(0), "shop: expect.every: nothing new")
    grows = Alert("quarantine", "shop", day(1), "shop: quarantine: more")
    assert len(note_alerts(tmp_path, KINDS, [silent], day(3), "r1")) == 1
    assert [n.kind for n in note_alerts(tmp_path, KINDS, [silent, grows], day(4), "r2")] == [
        "quarantine"
    ]
    assert note_alerts(tmp_path, ("run",), [], day(4), "r2") == []
    over = note_alerts(tmp_path, KINDS, [grows], day(5), "r3")
    assert [(n.kind, n.state, n.at) for n in over] == [("silent", "over", day(5))]
    assert [n.kind for n in read_open(tmp_path)] == ["quarantine"]


def test_alerts_warn_in_the_asset_checks_and_stop_nothing(home: Path) -> None:
    with written_log(home) as log:
        for number in (5, 8, 9, 10):
            add_pull(log, day(number), unchanged=3)
    found = alerts.find_and_note(settings(), "a-run")
    results = {result.check_name: result for result in alerts.alert_results(found)}
    assert {name: result.passed for name, result in results.items()} == {
        "no_source_is_silent": False,
        "pulls_are_within_their_corridor": True,
        "quarantine_does_not_grow": True,
    }
    assert {result.severity for result in results.values()} == {dg.AssetCheckSeverity.WARN}
    assert "shop: expect.every" in str(results["no_source_is_silent"].metadata["lines"].value)
    assert [noted.kind for noted in read_open(home)] == ["silent"]


@pytest.mark.long
def test_a_province_runs_on_an_instance_in_postgresql(
    storage: str, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    done = run_motcua(tmp_path / "home", "demo", "--dossiers", "500", "--no-dashboard")
    assert done.returncode == 0, done.stderr
    [(status,)] = execute(storage, "select status from runs")
    assert status == "SUCCESS"
    checks = execute(storage, "select check_name from asset_check_executions")
    assert {"no_source_is_silent", "quarantine_does_not_grow"} <= {name for (name,) in checks}
