"""`motcua simulate` and `motcua demo`: a province to try the product on."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import console, refuse, tell
from pipelines.commands.pipeline import check_reference, run_pipeline
from pipelines.commands.ports import free_port
from pipelines.settings import settings

DEFAULT_DOSSIERS = 190_000
DEFAULT_SEED = 20250614
DEFAULT_UNTIL = date(2026, 6, 30)
TOKEN_ENV = "MOTCUA_SIM_TOKEN"


class Written(StrEnum):
    """The forms of `pipelines.simulator.writing`; only Parquet can be served."""

    parquet = "parquet"
    json = "json"
    csv = "csv"


Dossiers = Annotated[int, typer.Option(min=1, help="How many dossiers to invent.")]
Scale = Annotated[
    float | None,
    typer.Option(min=0.0001, help="Instead of a number: 1 is the province's real size."),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same province.")]
Dirt = Annotated[
    float,
    typer.Option(min=0.0, max=20.0, help="Traps of real systems, times their declared rates."),
]
Pattern = Annotated[
    list[str] | None,
    typer.Option(help="A field spoilt in a whole system: SYSTEM=NAME[:SHARE]; may be repeated."),
]
Situations = Annotated[
    list[str] | None,
    typer.Option(
        "--situation", help="Something that happens: NAME[:KEY=VALUE,…]; may be repeated."
    ),
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of the history.")
]


def simulate(
    out: Annotated[Path, typer.Option(help="Where the province is written.")],
    dossiers: Dossiers = DEFAULT_DOSSIERS,
    scale: Scale = None,
    seed: Seed = DEFAULT_SEED,
    until: Until = None,
    dirt: Dirt = 0.0,
    pattern: Pattern = None,
    situation: Situations = None,
    written: Annotated[
        Written, typer.Option("--as", help="How the systems' records are written.")
    ] = Written.parquet,
    shop_files: Annotated[
        str, typer.Option(help="How the shops without an API deliver: csv, csv-utf16, xlsx …")
    ] = "csv",
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
    check_reference()
    day = until.date() if until else DEFAULT_UNTIL
    dossiers = _number_of(dossiers, scale, day)
    if serve is not None and written is not Written.parquet:
        raise refuse(f"--as {written}: only parquet can be served", 2)
    from pipelines.simulator.file_forms import FileForm
    from pipelines.simulator.province import write_province
    from pipelines.simulator.sources import DEFAULT_PORT
    from pipelines.simulator.writing import Form

    if shop_files not in tuple(FileForm):
        raise refuse(f"--shop-files {shop_files}: not one of {', '.join(FileForm)}", 2)
    write = partial(
        write_province, out, dossiers=dossiers, seed=seed, until=day, port=serve or DEFAULT_PORT,
        dirt=dirt, patterns=pattern or (), situations=situation or (), form=Form(written.value),
        shop_form=FileForm(shop_files),
    )  # fmt: skip
    behaviours = tuple(behaviour or ())
    _check_behaviours(behaviours, has_clock=now is not None)
    _write(write, dossiers)
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
    scale: Scale = None,
    seed: Seed = DEFAULT_SEED,
    until: Until = None,
    dirt: Dirt = 0.0,
    pattern: Pattern = None,
    situation: Situations = None,
    no_dashboard: Annotated[bool, typer.Option(help="Stop after publishing.")] = False,
    port: Annotated[int, typer.Option(help="The dashboard's port.")] = 8501,
) -> None:
    """Simulate a province, pull it over HTTP and from files, publish, open the dashboard."""
    check_reference()
    config = settings()
    day = until.date() if until else DEFAULT_UNTIL
    dossiers = _number_of(dossiers, scale, day)
    out = config.root / "simulated"
    _clear_earlier_demo(config.root)
    os.environ.setdefault(TOKEN_ENV, secrets.token_urlsafe(24))
    os.environ["MOTCUA_SOURCES"] = str(out / "sources.yml")
    # the demo's clock stands at the end of the simulated history
    os.environ["MOTCUA_NOW"] = (
        datetime.combine(day, datetime.min.time()) + timedelta(1)
    ).isoformat()
    systems = free_port()
    from pipelines.simulator.province import write_province

    write = partial(
        write_province, out, dossiers=dossiers, seed=seed, until=day, port=systems,
        dirt=dirt, patterns=pattern or (), situations=situation or (),
    )  # fmt: skip
    _write(write, dossiers)

    with _serving(out, systems):
        status = run_pipeline()
    if no_dashboard:
        raise typer.Exit(status)
    from pipelines.commands.screens import open_dashboard

    open_dashboard(port)


def _number_of(dossiers: int, scale: float | None, until: date) -> int:
    """The number asked for, or the one that a scale stands for."""
    if scale is None:
        return dossiers
    from pipelines.simulator.size import dossiers_at
    from pipelines.worktime.calendar import read_calendar

    return dossiers_at(scale, read_calendar(), until)


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


def _write(write: Callable[..., None], dossiers: int) -> None:
    """Run `write` (`write_province` with all but its progress), showing how far it is."""
    from pipelines import progress

    def report(_what: str, fraction: float) -> None:
        progress.advance("Simulating the province (dossiers)", fraction * dossiers, dossiers)

    with progress.progress_bars(console):
        try:
            write(progress=report)
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
