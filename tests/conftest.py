"""What every test shares: a clean environment, the command line as a process, a small home."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from filelock import FileLock
from hypothesis import settings

from pipelines.commands.ports import free_port
from tests.postgres import postgres as postgres  # a fixture of the whole suite

PROJECT = Path(__file__).resolve().parent.parent
settings.register_profile("motcua", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("motcua")
TEST_KEY = "key of the tests, of no other use"
SIMULATOR_TOKEN = "token-of-the-tests"
# the small home speaks up to the default last day of the simulated history
SMALL_HOME_NOW = "2026-07-01T00:00:00"


MadeOnce = Callable[[str, Callable[[Path], None]], Path]


class RunMotcua(Protocol):
    """The command line as a process of its own on a home of its own."""

    def __call__(
        self, home: Path, *args: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """No setting of the machine reaches a test; the pseudonym key is the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("MOTCUA_", "DAGSTER_", "DBT_")) and name != "MOTCUA_TEST_SEEDS":
                patch.delenv(name)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("MOTCUA_PSEUDONYM_KEY", TEST_KEY)
        patch.setenv("MOTCUA_SIM_TOKEN", SIMULATOR_TOKEN)
        patch.setenv("COLUMNS", "400")
        yield


@pytest.fixture(scope="session")
def run_motcua() -> RunMotcua:
    """Run `motcua …` with MOTCUA_HOME set and wait for its end."""

    def run(
        home: Path, *args: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *args],
            cwd=PROJECT,
            env=os.environ | {"MOTCUA_HOME": str(home)} | (env or {}),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """A folder of a name that one worker makes and all that run beside each other read."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return make_once


@pytest.fixture(scope="session")
def published_home(made_once: MadeOnce, run_motcua: RunMotcua) -> Path:
    """A home with 4,000 simulated dossiers, pulled and published. Read it, never write to it."""

    def make(home: Path) -> None:
        done = run_motcua(home, "demo", "--dossiers", "4000", "--seed", "11", "--no-dashboard")
        assert done.returncode == 0, done.stderr

    return made_once("published-home", make)


@pytest.fixture(scope="session")
def find_port() -> Callable[[], int]:
    """A port of this machine on which nobody listens."""

    return free_port


@pytest.fixture(scope="session")
def serving() -> Callable[[list[str], int], AbstractContextManager[None]]:
    """Keep a server process up for a block; it answers on its port before the block begins."""

    @contextmanager
    def serve(command: list[str], port: int) -> Iterator[None]:
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await_port(process, port)
            yield
        finally:
            process.terminate()
            process.wait(20)

    return serve


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended before it answered"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on port {port}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole provinces come first, so that no worker waits for one at the end.

    Browsers come last: theirs leave an event loop running in the thread of the tests.
    """
    order = ("integration", "faults", "models", "keeping", "privacy", "operating")
    places = {name: place for place, name in enumerate(order)}
    items.sort(
        key=lambda item: places.get(_folder(item), len(order) + (_folder(item) == "browser"))
    )


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(PROJECT / "tests").parts[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests left as properties: traps planted and what came of them."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, table in report.user_properties:
            if name != "trap_table":
                continue
            terminalreporter.write_sep("-", f"traps: {report.nodeid}")
            heads = ("trap", "planted", "repaired", "quarantined", "flagged", "missed")
            for row in (heads, *table):
                terminalreporter.write_line(
                    f"{row[0]:<28}" + "".join(f"{value!s:>13}" for value in row[1:])
                )
