"""`motcua dashboard` and `motcua dagster`: what is looked at in a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from pipelines.commands.console import tell
from pipelines.settings import PROJECT_ROOT


def dashboard(port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501) -> None:
    """Open the dashboard on the current snapshot; a newer one appears by itself."""
    open_dashboard(port)


def open_dashboard(port: int) -> None:
    """Run Streamlit until stopped and print its address."""
    tell(f"dashboard: http://127.0.0.1:{port}")
    app = PROJECT_ROOT / "dashboard" / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    options = [f"--server.port={port}", "--server.headless=true"]
    try:
        status = subprocess.call([*command, *options], cwd=PROJECT_ROOT)
    except KeyboardInterrupt:
        status = 0
    raise typer.Exit(status)


def dagster(port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000) -> None:
    """Open the Dagster UI on the project's code location."""
    tell(f"dagster: http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "dagster", "dev", "--port", str(port)]
    raise typer.Exit(subprocess.call(command, cwd=PROJECT_ROOT, env=dict(os.environ)))
