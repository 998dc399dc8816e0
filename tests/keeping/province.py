"""A small province whose systems have a present, and homes that were really run up to a day."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import httpx
import polars as pl

from pipelines.intake.pull import Pull, Window, pull_all
from pipelines.intake.sources import load_sources
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.settings import settings
from pipelines.warehouse.load import load_landing
from tests.conftest import SIMULATOR_TOKEN, RunMotcua

Serving = Callable[[list[str], int], AbstractContextManager[None]]
EARLY, LAST = date(2025, 6, 30), date(2026, 6, 30)


def midnight_after(day: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(day + timedelta(days=1), time.min)


@dataclass(frozen=True)
class Province:
    """A simulated province that is served; its clock tells what was told by then."""

    out: Path
    port: int

    def list_up_to(self, day: date, folder: Path) -> Path:
        """The list of sources as it was on a day: no file delivered later is in the inbox."""
        response = httpx.post(
            f"http://127.0.0.1:{self.port}/_clock",
            json={"now": midnight_after(day).isoformat()},
            headers={"authorization": f"Bearer {SIMULATOR_TOKEN}"},
        )
        assert response.status_code == 204
        folder.mkdir()
        shutil.copy(self.out / "sources.yml", folder)
        for path in (self.out / "inbox").rglob("*-????-??.*"):
            if path.stem[-7:] <= f"{day:%Y-%m}":
                target = folder / path.relative_to(self.out)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
        return folder / "sources.yml"


@contextmanager
def served(
    out: Path, dossiers: int, seed: int, serving: Serving, find_port: Callable[[], int]
) -> Iterator[Province]:
    """A province of so many dossiers, served while the block runs."""
    port = find_port()
    command = [
        sys.executable, "-m", "pipelines.cli", "simulate", "--out", str(out), "--seed", str(seed),
        "--dossiers", str(dossiers), "--serve", str(port), "--now", "2030-01-01",
    ]  # fmt: skip
    with serving(command, port):
        yield Province(out, port)


def pull_and_load(home: Path, listed: Path, day: date) -> None:
    """Pull everything new as on the night after a day, and load it; no models, no snapshot."""
    at = midnight_after(day)
    pull = Pull(
        landing=home / "landing", reference=settings().reference_dir, folder=listed.parent,
        window=Window(None, at), fetched_at=at, run_id="loaded",
        report=lambda _source, _records: None,
    )  # fmt: skip
    outcomes = pull_all(load_sources(listed), pull, ("dossiers", "progress"))
    assert {o.status for o in outcomes} == {"ok"}
    load_landing(
        home / "warehouse" / "motcua.duckdb", home / "landing", settings().reference_dir,
        listed.parent, lambda *_: None,
    )  # fmt: skip


def run_up_to(day: date, province: Province, home: Path, run_motcua: RunMotcua) -> None:
    """Run a home on the night after a day; it must not have a list of sources yet."""
    listed = province.list_up_to(day, home / f"list-{day}")
    done = run_motcua(
        home, "run", "--sources", str(listed),
        env={"MOTCUA_NOW": midnight_after(day).isoformat()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def read_figures(
    snapshot: Path, definitions: tuple[str, ...] = ("ii06a",), first: date | None = None
) -> pl.DataFrame:
    """Every metric by unit and month, from a day on, in an order of its own."""
    layer = MetricLayer.open(snapshot)
    try:
        public = tuple(name for name, spec in layer.registry().items() if not spec.groups)
        asked = [
            layer.query(
                MetricQuery(public, by=("unit", "month"), definition=definition, date_from=first)
            )
            for definition in definitions
        ]
    finally:
        layer.close()
    keys = ["metric", "definition", "unit_code", "unit_valid_from", "month"]
    return pl.concat(asked).unique().sort(keys)
