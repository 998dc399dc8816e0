"""Backups: when the last one was made, and whether its file is where it was put."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.doctor.finding import Finding, note, warning
from pipelines.serving.snapshot import NoSnapshotError, current_snapshot
from pipelines.settings import Settings, now

RECORD = "backups.ndjson"
OLDEST = timedelta(days=2)
_WHY = "if this disk is lost, everything published and signed since is lost with it"
_DO = "motcua backup --out FOLDER, on another disk; daily by deploy/systemd/motcua-backup.timer"


def check_backups(config: Settings) -> Iterator[Finding]:
    """A backup of these days exists; a home of simulated data needs none."""
    if not config.warehouse_file.exists():
        return
    record = config.root / RECORD
    if not record.is_file():
        say = note if _is_synthetic(config) else warning
        yield say("no backup was ever made of this home", _WHY, _DO)
        return
    line = record.read_text(encoding="utf-8").splitlines()[-1]
    last = json.loads(line)
    made_at, file = datetime.fromisoformat(last["made_at"]), Path(last["file"])
    if now() - made_at > OLDEST:
        yield warning(f"the last backup is of {made_at:%Y-%m-%d %H:%M}", _WHY, _DO)
    elif file.parent.is_dir() and not file.exists():
        yield warning(f"the last backup, {file.name}, is no longer where it was put", _WHY, _DO)


def _is_synthetic(config: Settings) -> bool:
    try:
        file = current_snapshot(config.serving_dir).file
        with duckdb.connect(str(file), read_only=True) as db:
            found = db.execute("select value from meta where key = 'is_synthetic'").fetchall()
    except (NoSnapshotError, duckdb.Error, ValueError, KeyError):
        return False
    return found == [("true",)]
