from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT

Serving = Callable[[list[str], int], AbstractContextManager[None]]
OpenDashboard = Callable[[Path], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's chromium, headless, without anything that calls out."""
    return {
        "executable_path": shutil.which("chromium") or "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def open_dashboard(serving: Serving, find_port: Callable[[], int]) -> OpenDashboard:
    """Run the dashboard as a process of its own on a home; gives its address."""

    @contextmanager
    def run(home: Path) -> Iterator[str]:
        port = find_port()
        command = [sys.executable, "-m", "streamlit", "run"]
        command += [str(PROJECT_ROOT / "dashboard" / "app.py"), f"--server.port={port}"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MOTCUA_HOME", str(home))
            with serving(command, port):
                yield f"http://127.0.0.1:{port}"

    return run


@pytest.fixture(scope="session")
def dashboard_address(published_home: Path, open_dashboard: OpenDashboard) -> Iterator[str]:
    """The dashboard on the small published home."""
    with open_dashboard(published_home) as address:
        yield address


@pytest.fixture(scope="session")
def screenshot_dir() -> Path:
    """Where pictures for people go; not under version control."""
    folder = PROJECT_ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
