"""`motcua simulate` and `motcua demo`: a province to try the product on."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import shutil
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import console, refuse, tell
from pipelines.commands.ports import free_port
from pipelines.settings import settings

DEFAULT_DOSSIERS = 190_000
DEFAULT_SEED = 20250614
DEFAULT_UNTIL = date(2026, 6, 30)
TOKEN_ENV = "MOTCUA_SIM_TOKEN"

Dossiers = Annotated[int, typer.Option(min=1, help="How many dossiers to invent.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same province.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of the history.")
]


def simulate(
    out: Annotated[Path, typer.Option(help="Where the province is written.")],
    dossiers: Dossiers = DEFAULT_DOSSIERS,
    seed: Seed = DEFAULT_SEED,
    until: Until = None,
    serve: Annotated[
        int | None, typer.Option(help="Then serve its systems on this port until stopped.")
    ] = None,
    behaviour: Annotated[
        list[str] | None,
        typer.Option(
            help="How a served system misbehaves: SYSTEM=NAME[:key=value…], SYSTEM may be `all`."
        ),
    ] = None,
    now: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="The served systems' present: they tell what was known by then.",
        ),
    ] = None,
) -> None:
    """Write a simulated province (synthetic data), and serve its systems if a port is given."""
    day = until.date() if until else DEFAULT_UNTIL
    behaviours = tuple(behaviour or ())
    _check_behaviours(behaviours, has_clock=now is not None)
    _write(out, dossiers, seed, day, serve)
    tell(f"simulated {dossiers:,} dossiers up to {day}: {out}")
    if serve is not None:
        from pipelines.simulator.server import serve as serve_forever

        tell(f"serving on http://127.0.0.1:{serve}, list of sources {out / 'sources.yml'}")
        try:
            serve_forever(out, serve, behaviours=behaviours, seed=seed, now=now)
        except LookupError as error:
            raise refuse(str(error).strip("'\"")) from None


def demo(
    dossiers: Dossiers = DEFAULT_DOSSIERS,
    seed: Seed = DEFAULT_SEED,
    until: Until = None,
    no_dashboard: Annotated[bool, typer.Option(help="Stop after publishing.")] = False,
    port: Annotated[int, typer.Option(help="The dashboard's port.")] = 8501,
) -> None:
    """Simulate a province, pull it over HTTP and from files, publish, open the dashboard."""
    config = settings()
    day = until.date() if until else DEFAULT_UNTIL
    out = config.root / "simulated"
    _clear_earlier_demo(config.root)
    os.environ.setdefault(TOKEN_ENV, secrets.token_urlsafe(24))
    os.environ["MOTCUA_SOURCES"] = str(out / "sources.yml")
    # the demo's clock stands at the end of the simulated history
    os.environ["MOTCUA_NOW"] = (
        datetime.combine(day, datetime.min.time()) + timedelta(1)
    ).isoformat()
    systems = free_port()
    _write(out, dossiers, seed, day, systems)
    from pipelines.commands.pipeline import run_pipeline

    with _serving(out, systems):
        status = run_pipeline()
    if no_dashboard:
        raise typer.Exit(status)
    from pipelines.commands.screens import open_dashboard

    open_dashboard(port)


def _check_behaviours(behaviours: tuple[str, ...], *, has_clock: bool) -> None:
    """Refuse a behaviour that is none before a province is written for it."""
    from pipelines.simulator.behaviours.parse import read_behaviours
    from pipelines.simulator.shops import Network

    if not behaviours:
        return
    try:
        systems = [system.system_id for system in Network().systems]
        read_behaviours(behaviours, systems, has_clock=has_clock)
    except ValueError as error:
        raise refuse(f"simulate: {error}", 2) from None


def _write(out: Path, dossiers: int, seed: int, until: date, port: int | None) -> None:
    from pipelines import progress
    from pipelines.simulator.province import write_province
    from pipelines.simulator.sources import DEFAULT_PORT

    def report(_what: str, fraction: float) -> None:
        progress.advance("Simulating the province (dossiers)", fraction * dossiers, dossiers)

    with progress.progress_bars(console):
        try:
            write_province(
                out,
                dossiers=dossiers,
                seed=seed,
                until=until,
                port=port or DEFAULT_PORT,
                progress=report,
            )
        except ValueError as error:
            raise refuse(f"simulate: {error}", 2) from None


def _clear_earlier_demo(root: Path) -> None:
    """Start afresh; a home that holds anything but an earlier demo is left alone."""
    marker = root / "simulated" / "README.txt"
    kept = [name for name in ("landing", "warehouse", "serving") if (root / name).exists()]
    if kept and not marker.exists():
        raise refuse(
            f"{root} holds data that is no demo's ({', '.join(kept)}): set MOTCUA_HOME to another"
        )
    for name in kept:
        shutil.rmtree(root / name)


@contextmanager
def _serving(out: Path, port: int) -> Generator[None]:
    """The simulated systems as a process of their own, up before the block begins."""
    from pipelines.simulator.server import serve

    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(out, port), daemon=True
    )
    process.start()
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if not process.is_alive():
                raise refuse("the simulated systems did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.join(10)
