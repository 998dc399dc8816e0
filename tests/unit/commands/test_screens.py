"""`motcua dashboard`: what it becomes, and when it does not open."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.commands import screens
from pipelines.commands.ports import free_port

PROVIDER = {
    "MOTCUA_OIDC_METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "MOTCUA_OIDC_CLIENT_ID": "motcua",
    "MOTCUA_OIDC_CLIENT_SECRET": "a secret of the tests",
}


@pytest.fixture(autouse=True)
def became(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The server that a command would have become."""
    before, folder = dict(os.environ), Path.cwd()
    words: list[str] = []
    monkeypatch.setattr(screens, "_become", lambda command: words.extend(command))
    yield words
    os.environ.clear()
    os.environ.update(before)
    os.chdir(folder)


def call(home: Path, *args: str, **env: str) -> Result:
    return CliRunner().invoke(
        app, ["dashboard", *args],
        env={"MOTCUA_HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), **env},
    )  # fmt: skip


@pytest.mark.parametrize("option", ["--address", "--server.address"])
@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.7", "::", "motcua.example.org"])
def test_without_a_provider_other_networks_are_refused(
    tmp_path: Path, became: list[str], option: str, address: str
) -> None:
    told = call(tmp_path, option, address)
    assert told.exit_code == 1
    assert told.stderr.strip() == (
        f"{address}: without a login the dashboard is open to this machine alone;"
        " set MOTCUA_OIDC_… (docs/operating.md)"
    )
    assert became == []


def test_without_a_provider_this_machine_is_served(tmp_path: Path, became: list[str]) -> None:
    told = call(tmp_path, "--port", str(free_port()))
    assert told.exit_code == 0
    assert "--server.address=127.0.0.1" in became
    assert not any("secrets" in word for word in became)


def test_with_a_provider_any_network_is_served_and_no_secret_is_said(
    tmp_path: Path, became: list[str]
) -> None:
    port = free_port()
    told = call(tmp_path, "--address", "0.0.0.0", "--port", str(port), **PROVIDER)
    assert told.exit_code == 0, told.output
    assert "--server.address=0.0.0.0" in became
    assert f"--secrets.files={tmp_path}/run/motcua/dashboard-{port}.toml" in became
    said = told.output + " ".join(became)
    assert "a secret of the tests" not in said
    assert (tmp_path / "dashboard" / ".cookie-secret").read_text() not in said


@pytest.mark.parametrize(
    ("env", "text", "line"),
    [
        (
            {"MOTCUA_OIDC_CLIENT_ID": ""}, "",
            "MOTCUA_OIDC_CLIENT_ID is not set, the other settings of a login are",
        ),
        ({}, "people: [{sub: a}]", "access.yml: entry 1: role: Field required"),
    ],
    ids=["half a provider", "a wrong list"],
)  # fmt: skip
def test_what_lets_nobody_in_is_told_at_the_start(
    tmp_path: Path, became: list[str], env: dict[str, str], text: str, line: str
) -> None:
    (tmp_path / "access.yml").write_text(text or "people: []")
    told = call(tmp_path, "--port", str(free_port()), **(PROVIDER | env))
    assert (told.exit_code, told.stderr.strip()) == (1, line)
    assert became == []


def test_a_provider_leads_back_to_one_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = call(tmp_path, "--port", str(port), **PROVIDER)
    assert told.exit_code == 1
    assert told.stderr.startswith(f"port {port} is taken")
