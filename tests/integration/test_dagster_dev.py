"""`dagster dev` without arguments in the repository root loads the code location."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from pipelines.settings import PROJECT_ROOT

QUERY = """{ repositoriesOrError { __typename ... on RepositoryConnection {
    nodes { jobs { name } schedules { name } assetNodes { id } } } } }"""


def test_dagster_dev_needs_no_argument(tmp_path: Path, find_port: Callable[[], int]) -> None:
    port = find_port()
    log = tmp_path / "dagster.log"
    # the port is the test's own so that a server that runs already is left alone
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "--port", str(port)],
            cwd=PROJECT_ROOT,
            env=os.environ | {"MOTCUA_HOME": str(tmp_path / "home")},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        node = ask_until_loaded(process, f"http://127.0.0.1:{port}/graphql", log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    assert "daily" in {job["name"] for job in node["jobs"]}
    assert {schedule["name"] for schedule in node["schedules"]} == {
        "daily_at_six", "whole_on_sunday",
    }  # fmt: skip
    assert len(node["assetNodes"]) > 35


def ask_until_loaded(
    process: subprocess.Popen[bytes], url: str, log: Path
) -> dict[str, list[dict[str, str]]]:
    """The one repository, as soon as the web server knows it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            answer = httpx.post(url, json={"query": QUERY}, timeout=20).json()
        except httpx.HTTPError:
            time.sleep(0.5)
            continue
        found = answer["data"]["repositoriesOrError"]
        if found["__typename"] == "RepositoryConnection" and found["nodes"]:
            return found["nodes"][0]
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-3000:])
