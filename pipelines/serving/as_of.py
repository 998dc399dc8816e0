"""Figures as of a day: a snapshot computed from what was known by then, under today's rules.

Such snapshots stand apart in `serving/as-of/`, the pointer never names one. They are kept while
log and rules are the same, the last used ones.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
from filelock import FileLock

from pipelines.dbt_project import dbt_environment, lend_parse
from pipelines.serving.publish import network_hash, publish, rules_hash
from pipelines.serving.snapshot import Snapshot
from pipelines.settings import Settings, now
from pipelines.warehouse.as_of import Moment, copy_log, read_state
from pipelines.warehouse.lock import WarehouseError

FOLDER = "as-of"
_NODE_DONE = re.compile(r"\b(\d+) of (\d+) (?:OK|INSERT)")

Reporter = Callable[[int, int], None]
"""Called with the number of models computed and the number in all."""


class AsOfError(WarehouseError):
    """Figures as of a moment that cannot be computed; one line that says why."""


def open_as_of(config: Settings, day: date, report: Reporter) -> Snapshot:
    """A snapshot of what was known by the end of a day, under today's rules and units.

    Raises `AsOfError`, `NothingKnownError` and `VerificationError`.
    """
    return _open(config, Moment.end_of(day), day.isoformat(), report)


def open_as_published(config: Settings, moment: Moment, report: Reporter) -> Snapshot:
    """A snapshot of what the log held when something was published, under today's rules."""
    return _open(config, moment, f"held-{moment.before:%Y%m%dT%H%M%S}", report)


def _open(config: Settings, moment: Moment, name: str, report: Reporter) -> Snapshot:
    warehouse = config.warehouse_file
    if not warehouse.exists():
        raise AsOfError("there is no warehouse yet: run `motcua demo` or `motcua run`")
    folder = config.serving_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        rules = f"{rules_hash()[:6]}{network_hash()[:6]}"
        version = f"{name}-{read_state(warehouse, moment)[:8]}-{rules}"
        file = folder / f"{version}.duckdb"
        if not file.exists():
            _build(config, moment, version, file, report)
        file.touch()
        _retire(folder, config.keep_as_of)
    return Snapshot(version, file)


def _build(config: Settings, moment: Moment, version: str, file: Path, report: Reporter) -> None:
    # one place for all, so that dbt finds its last parse as it was left
    building, parsed = file.parent / ".building", file.parent / ".dbt"
    shutil.rmtree(building, ignore_errors=True)
    scratch = building / config.warehouse_file.name
    try:
        copy_log(config.warehouse_file, scratch, moment)
        _compute(config, scratch, parsed, report)
        published = publish(
            scratch,
            building,
            manifest=parsed / "semantic_manifest.json",
            run_id=FOLDER,
            published_at=now(),
            keep=1,
        )
        with duckdb.connect(str(published.snapshot.file)) as snapshot:
            snapshot.execute("update meta set value = ? where key = 'version'", [version])
        published.snapshot.file.rename(file)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _compute(config: Settings, scratch: Path, parsed: Path, report: Reporter) -> None:
    command = [
        sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test",
        "test", "--project-dir", ".", "--profiles-dir", ".",
        "--target-path", str(lend_parse(parsed)), "--log-path", str(parsed),
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        cwd=config.models_dir,
        env=os.environ | dbt_environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as build:
        assert build.stdout is not None
        lines: list[str] = []
        for line in build.stdout:
            lines.append(line.strip())
            done = _NODE_DONE.search(line)
            if done:
                report(int(done[1]), int(done[2]))
    if build.returncode:
        failed = next((line for line in lines if "Error" in line), lines[-1] if lines else "")
        raise AsOfError(f"the models could not be computed: {failed}")
    report(1, 1)


def _retire(folder: Path, keep: int) -> None:
    files = sorted(folder.glob("*.duckdb"), key=lambda path: path.stat().st_mtime)
    for old in files[:-keep]:
        old.unlink()
