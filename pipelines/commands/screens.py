"""`motcua dashboard` and `motcua dagster`: what is looked at in a browser."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from pipelines.commands.console import tell
from pipelines.commands.ports import free_port
from pipelines.settings import PROJECT_ROOT, settings


def dashboard(port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501) -> None:
    """Open the dashboard on the current snapshot; a newer one appears by itself."""
    open_dashboard(port)


def open_dashboard(port: int) -> NoReturn:
    """Become Streamlit and print its address; a taken port gives way to a free one."""
    port = free_port(port)
    tell(f"dashboard: http://127.0.0.1:{port}")
    app = PROJECT_ROOT / "dashboard" / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    options = [f"--server.port={port}", "--server.headless=true"]
    _become([*command, *options])


def dagster(port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000) -> None:
    """Open the Dagster UI on the project's code location."""
    tell(f"dagster: http://127.0.0.1:{port}")
    _become([sys.executable, "-m", "dagster", "dev", "--port", str(port)])


def _become(command: list[str]) -> NoReturn:
    """Turn this process into the server, so that stopping the one stops the other."""
    # a relative home is meant from where the command was called
    os.environ["MOTCUA_HOME"] = str(settings().root)
    os.chdir(PROJECT_ROOT)
    os.execv(command[0], command)
