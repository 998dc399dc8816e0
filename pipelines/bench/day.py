"""The day's load on a long history: load, log, marts, and the snapshot, by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.bench.a_day import land_a_day
from pipelines.bench.history import make_history
from pipelines.dbt_project import dbt_environment
from pipelines.defs.manifest import semantic_manifest
from pipelines.serving.publish import build_hash, publish
from pipelines.settings import settings
from pipelines.warehouse.builds import WORDS, Kind, finish_build, plan_build
from pipelines.warehouse.load import load_landing
from pipelines.warehouse.lock import writer_lock

CHANGED = 5_000


@dataclass(frozen=True)
class DayTimes:
    """Seconds of a day's parts; `whole_seconds` is a build of everything, for comparison."""

    dossiers: int
    changed: int
    load_seconds: float
    marts_seconds: float
    publish_seconds: float
    whole_seconds: float
    whole_publish_seconds: float

    @property
    def seconds(self) -> float:
        """Load, log and marts."""
        return self.load_seconds + self.marts_seconds


def measure_day(dossiers: int, seed: int, folder: Path, tell: Callable[[str], None]) -> DayTimes:
    """Put a day of `CHANGED` dossiers on a history of `dossiers` in a home in `folder`.

    Everything runs as `motcua run` runs it, without Dagster's own start. Raises `RuntimeError`
    where the models do not build or the day did not become an increment.
    """
    with _home(folder):
        config = settings()
        until = make_history(folder, dossiers, seed, tell)
        tell("computing all of it")
        whole = _build("whole")
        whole_publish = _publish(until)
        land_a_day(config.landing_dir, until + timedelta(days=1), CHANGED)
        tell("the day")
        begun = time.perf_counter()
        merged = load_landing(
            config.warehouse_file,
            config.landing_dir,
            config.reference_dir,
            None,
            lambda _source, _done, _all: None,
        )
        load = time.perf_counter() - begun
        marts = _build("increment")
        return DayTimes(
            dossiers,
            sum(batch.accepted for batch in merged if batch.outcome.feed == "dossiers"),
            load,
            marts,
            _publish(until + timedelta(days=1)),
            whole,
            whole_publish,
        )


@contextmanager
def _home(folder: Path) -> Generator[None]:
    before = os.environ.get("MOTCUA_HOME")
    os.environ["MOTCUA_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MOTCUA_HOME"]
        else:
            os.environ["MOTCUA_HOME"] = before


def _build(expected: Kind) -> float:
    """Build the marts, tests left to the whole build of a province; its seconds."""
    config = settings()
    begun = time.perf_counter()
    with writer_lock(config.warehouse_file, "bench"):
        kind = plan_build(config.warehouse_file, build_hash()).kind
        if kind != expected:
            raise RuntimeError(f"the build was {kind}, not {expected}")
        words = [*WORDS[kind], *(("--exclude-resource-type", "test") if kind == "whole" else ())]
        folders = ("--project-dir", ".", "--profiles-dir", ".")
        answer = subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", "--quiet", *words, *folders],
            cwd=config.models_dir,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | dbt_environment(),
        )
        if answer.returncode:
            raise RuntimeError(f"the models do not build: {answer.stdout[-1000:]}")
        finish_build(config.warehouse_file)
    return time.perf_counter() - begun


def _publish(at: datetime) -> float:
    config = settings()
    manifest = semantic_manifest()
    begun = time.perf_counter()
    publish(
        config.warehouse_file,
        config.serving_dir,
        manifest=manifest,
        run_id="bench",
        published_at=at,
        keep=config.keep_snapshots,
    )
    return time.perf_counter() - begun
