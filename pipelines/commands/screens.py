"""`motcua dashboard` and `motcua dagster`: what is looked at in a browser."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from pipelines.commands.console import refuse, tell
from pipelines.commands.ports import free_port
from pipelines.settings import LOOPBACK, PROJECT_ROOT, settings


def dashboard(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    address: Annotated[
        str,
        typer.Option(
            "--address", "--server.address", help="Address to listen on; others need a login."
        ),
    ] = LOOPBACK,
) -> None:
    """Open the dashboard on the current snapshot; a newer one appears by itself.

    With a provider (MOTCUA_OIDC_…) people log in and see what access.yml says; without one it
    is open to this machine alone.
    """
    open_dashboard(port, address)


def open_dashboard(port: int, address: str = LOOPBACK) -> NoReturn:
    """Become Streamlit and print its address; a taken port gives way to a free one.

    Not so with a provider: it knows the address to come back to, so the port has to be free.
    """
    from pipelines.serving.access_list import AccessListError, read_access_list
    from pipelines.serving.login import (
        LoginError,
        cookie_secret,
        find_provider,
        is_loopback,
        write_streamlit_secrets,
    )

    free = free_port(port)
    options: list[str] = []
    try:
        provider = find_provider(settings())
        if provider is None and not is_loopback(address):
            raise LoginError(
                f"{address}: without a login the dashboard is open to this machine alone;"
                " set MOTCUA_OIDC_… (docs/operating.md)"
            )
        if provider is not None:
            read_access_list(settings().access_file)
            if free != port:
                raise LoginError(f"port {port} is taken, and the provider leads people back to it")
            secrets = write_streamlit_secrets(provider, cookie_secret(settings()), port)
            options.append(f"--secrets.files={secrets}")
    except (AccessListError, LoginError, OSError) as error:
        raise refuse(str(error)) from None
    tell(f"dashboard: http://{LOOPBACK if is_loopback(address) else address}:{free}")
    server = PROJECT_ROOT / "dashboard" / "server.py"
    command = [sys.executable, "-m", "streamlit", "run", str(server)]
    options += [f"--server.port={free}", f"--server.address={address}", "--server.headless=true"]
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
