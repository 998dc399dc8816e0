"""Faulty shops beside sound ones, pulled in one run: what they sent and what became of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MadeOnce, RunMotcua
from tests.faults.prepared import TODAY, Driver, Prepared, Serving, driving, prepare, serve
from tests.faults.shops import NOW, TOKEN, Shops, Told

SERVER = Path(__file__).with_name("server.py")
RunShops = Callable[[Shops], Told]


@pytest.fixture(scope="session")
def run_shops(
    run_motcua: RunMotcua, serving: Callable[[list[str], int], AbstractContextManager[None]]
) -> RunShops:
    """Serve the shops of a home from a process of their own and run `motcua run` once."""

    def run(shops: Shops) -> Told:
        _, script = shops.write()
        env = {"MOTCUA_NOW": NOW, "SHOP_TOKEN": "token-that-is-wrong", "GOOD_TOKEN": TOKEN}
        with serving([sys.executable, str(SERVER), str(script), str(shops.port)], shops.port):
            done = run_motcua(shops.home, "run", env=env)

        def ask(*command: str) -> list[dict[str, Any]]:
            answer: subprocess.CompletedProcess[str] = run_motcua(
                shops.home, *command, "--format", "json", env=env
            )
            assert answer.returncode == 0, answer.stderr
            return json.loads(answer.stdout)["rows"]

        outcomes = {str(row["source"]): row for row in ask("sources", "outcomes")}
        return Told(
            shops.home,
            done.returncode,
            done.stdout,
            done.stderr,
            outcomes,
            ask("quarantine", "list"),
        )

    return run


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """The process that forks stages of a run."""
    with driving() as driver:
        yield driver


@pytest.fixture(scope="session")
def prepared(
    made_once: MadeOnce,
    driver: Driver,
    serving: Serving,
    find_port: Callable[[], int],
) -> Iterator[Prepared]:
    """Homes before today's run, shared by workers, and today's systems up for this one."""
    port = find_port()
    folder = made_once("prepared-home", lambda home: prepare(home, driver, serving, port))
    with serve(folder / "province", serving, port, TODAY):
        yield Prepared(folder / "home", folder / "to-publish", port)
