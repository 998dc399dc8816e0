"""What deploy/ offers fits the product: every path, command, setting and schedule it names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pipelines.cli import app
from pipelines.defs.jobs import DAILY_SCHEDULE, WEEKLY_SCHEDULE
from pipelines.settings import PROJECT_ROOT, Settings
from tests.operating.units import DEPLOY, INSTALLED, Unit, units

HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "CapabilityBoundingSet": "", "SystemCallFilter": "@system-service",
    "User": "motcua",
}  # fmt: skip
# made by the first run, beside what is under version control
MADE = ("models/target", "models/logs", "dashboard/static")
SERVICES = {unit.file.name: unit for unit in units("service")}
TIMERS = {unit.file.name: unit for unit in units("timer")}
COMPOSE: dict[str, Any] = yaml.safe_load(
    (DEPLOY / "containers" / "compose.yaml").read_text(encoding="utf-8")
)


def check_command(words: list[str]) -> None:
    """The program is one of the environment, a command of `motcua` with its options, a file."""
    program = Path(words[0]).name
    scripts = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert program in scripts or Path(sys.executable).with_name(program).exists(), program
    if program == "motcua":
        command = typer.main.get_command(app).commands[words[1]]  # pyright: ignore
        options = {option for param in command.params for option in param.opts}
        assert {word for word in words[2:] if word.startswith("-")} <= options
    for word in words[1:]:
        if word.endswith(".py"):
            assert (PROJECT_ROOT / word).is_file(), word
    if "-m" in words:
        module = words[words.index("-m") + 1]
        assert (PROJECT_ROOT / f"{module.replace('.', '/')}.py").is_file()


def settings_in(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)  # pyright: ignore


@pytest.mark.parametrize("unit", SERVICES.values(), ids=SERVICES)
def test_a_unit_starts_what_is_there(unit: Unit) -> None:
    words = shlex.split(unit.one("ExecStart"))
    assert words[0].startswith(f"{INSTALLED}/.venv/bin/")
    check_command(words)


@pytest.mark.parametrize(
    "words", ["motcua fly", "motcua run --fast", "nosuchprogram", "dagster x.py"]
)
def test_a_planted_command_that_is_none_is_seen(words: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check_command(words.split())


@pytest.mark.parametrize("unit", SERVICES.values(), ids=SERVICES)
def test_a_unit_names_paths_of_the_project_that_exist(unit: Unit) -> None:
    text = unit.file.read_text(encoding="utf-8")
    for path in re.findall(rf"{INSTALLED}/([\w./-]+)", text):
        there = (PROJECT_ROOT / path).exists() or path in MADE
        assert there or path.startswith(".venv/bin/"), path


@pytest.mark.parametrize("unit", SERVICES.values(), ids=SERVICES)
def test_a_unit_may_do_little(unit: Unit) -> None:
    assert {key: unit.one(key) for key in HARDENED} == HARDENED
    for path in unit.one("ReadWritePaths").split():
        assert path.startswith(("/srv/motcua", "/var/backups/motcua")) or path in {
            f"{INSTALLED}/{made}" for made in MADE
        }


def test_the_dashboard_gets_the_secret_of_its_login_and_no_other() -> None:
    unit = SERVICES["motcua-dashboard.service"]
    assert unit.all("EnvironmentFile") == ["/etc/motcua/motcua.env", "-/etc/motcua/login.env"]
    assert unit.one("RuntimeDirectoryMode") == "0700"
    login = settings_in(DEPLOY / "login.env.example")
    assert {name.removeprefix("MOTCUA_").lower() for name in login} <= Settings.model_fields.keys()
    assert login["MOTCUA_OIDC_CLIENT_SECRET"] == ""
    assert unit.all("LoadCredential") == []
    assert "-/srv/motcua/warehouse" in unit.one("InaccessiblePaths")


def test_a_run_that_warns_is_no_failed_unit() -> None:
    assert SERVICES["motcua-run.service"].one("SuccessExitStatus") == "3"


def test_every_timer_has_its_service_and_the_schedules_the_same_hours() -> None:
    assert {name.replace("timer", "service") for name in TIMERS} <= SERVICES.keys()
    assert TIMERS["motcua-run.timer"].one("OnCalendar") == "*-*-* 06:00:00 Asia/Ho_Chi_Minh"
    assert DAILY_SCHEDULE.cron_schedule == "0 6 * * *"
    assert TIMERS["motcua-whole.timer"].one("OnCalendar") == "Sun *-*-* 02:00:00 Asia/Ho_Chi_Minh"
    assert WEEKLY_SCHEDULE.cron_schedule == "0 2 * * 0"


def test_timers_and_schedules_never_run_side_by_side() -> None:
    for name in ("motcua-run.timer", "motcua-whole.timer"):
        assert TIMERS[name].one("Conflicts") == "motcua-dagster-daemon.service"
        assert name in SERVICES["motcua-dagster-daemon.service"].one("Conflicts")


def test_the_environment_names_settings_that_exist_and_no_secret() -> None:
    plain = settings_in(DEPLOY / "motcua.env.example")
    assert {name.removeprefix("MOTCUA_").lower() for name in plain} <= Settings.model_fields.keys()
    secret = settings_in(DEPLOY / "secrets.env.example")
    assert [value for name, value in secret.items() if "PASSWORD" in name] == [""]
    instance = (DEPLOY / "dagster-postgres" / "dagster.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"env: (\w+)", instance)) == secret.keys()


def verify(folder: Path, *names: str) -> str:
    """What systemd says of unit files; their programs are stood in for."""
    tool = shutil.which("systemd-analyze")
    assert tool is not None
    done = subprocess.run(
        [tool, "verify", "--man=no", *(str(folder / name) for name in names)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr


@pytest.fixture
def unit_files(tmp_path: Path) -> Path:
    """The units as files whose programs are there, for systemd to look at."""
    stand_in = tmp_path / "program"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    for unit in (*SERVICES.values(), *TIMERS.values()):
        text = re.sub(rf"{INSTALLED}/\.venv/bin/[\w-]+", str(stand_in), unit.file.read_text())
        (tmp_path / unit.file.name).write_text(text.replace(INSTALLED, str(tmp_path)))
    return tmp_path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_and_a_planted_mistake(unit_files: Path) -> None:
    assert verify(unit_files, *SERVICES, *TIMERS) == ""
    wrong = (unit_files / "motcua-run.service").read_text().replace("UMask", "YouMask")
    (unit_files / "motcua-run.service").write_text(wrong)
    assert "YouMask" in verify(unit_files, "motcua-run.service")


def test_images_have_a_version_and_services_no_secret() -> None:
    for name, service in COMPOSE["services"].items():
        assert re.fullmatch(r"[a-z]+:[0-9][0-9.]*", service["image"]), name
        for variable, value in service.get("environment", {}).items():
            secret = re.search("PASSWORD|TOKEN|KEY", variable)
            assert not secret or value.startswith("/run/secrets/"), f"{name}: {variable}"
    text = (DEPLOY / "containers" / "compose.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(?i)password: *[^{\s]", text)


def test_services_name_files_volumes_secrets_and_commands_that_exist() -> None:
    for service in COMPOSE["services"].values():
        for mount in service.get("volumes", ()):
            outside = str(mount).partition(":")[0]
            if outside.startswith(".."):
                assert (DEPLOY / "containers" / outside).resolve().is_file(), outside
            else:
                assert outside in COMPOSE["volumes"]
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        assert set(service.get("depends_on", ())) <= COMPOSE["services"].keys()
        if "command" in service:
            check_command(service["command"])


def test_pipelines_run_without_rights_and_the_dashboard_writes_its_logs_alone() -> None:
    for name in ("webserver", "daemon", "dashboard"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    volumes = COMPOSE["services"]["dashboard"]["volumes"]
    assert volumes == ["home:/srv/motcua:ro", "dashboard:/srv/motcua/dashboard"]
    assert "secrets" not in COMPOSE["services"]["dashboard"]


def test_the_image_copies_what_is_there_and_is_not_root() -> None:
    text = (DEPLOY / "containers" / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^FROM (.+)$", text) == ["python:3.11-slim"]
    for line in re.findall(r"(?m)^COPY (.+)$", text):
        for path in line.split()[:-1]:
            assert (PROJECT_ROOT / path).exists(), path
    assert re.findall(r"(?m)^USER (.+)$", text)[-1] == "motcua"
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"uv==([0-9.]+)", text) == re.findall(r"uv==([0-9.]+)", makefile)


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_a_proxy_offers_the_dashboard_alone_with_its_headers(name: str) -> None:
    text = (DEPLOY / "proxy" / name).read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    assert "127.0.0.1:8501" in code
    assert "3000" not in code
    for header in ("Strict-Transport-Security", "Content-Security-Policy", "X-Frame-Options"):
        assert header in code
    if name == "nginx.conf":
        assert "proxy_set_header Upgrade $http_upgrade;" in code
        assert "proxy_set_header Connection $connection_upgrade;" in code


def test_nothing_under_deploy_is_a_secret() -> None:
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"(?i)(bearer|password=)\s*[a-z0-9]{6,}", text), file.name
