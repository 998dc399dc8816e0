"""`alerts.ndjson` in the home: every alert when it is raised and when it is over, appended.

Who wants mail of it reads the new lines; the file itself says what is open.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from pipelines.disk import is_full
from pipelines.logs import record
from pipelines.warehouse.alerts import Alert, Kind

FILE: Final = "alerts.ndjson"


class Noted(BaseModel):
    """A line of the record. `at` is the product's time of the change, `since` of its cause."""

    at: datetime
    state: str
    kind: Kind
    source: str
    since: datetime
    line: str
    run_id: str


def read_open(home: Path) -> list[Noted]:
    """The alerts that were raised and are not over."""
    file = home / FILE
    if not file.is_file():
        return []
    states: dict[tuple[str, str], Noted] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        noted = Noted.model_validate_json(line)
        states[noted.kind, noted.source] = noted
    return [noted for noted in states.values() if noted.state == "raised"]


def note_alerts(
    home: Path, kinds: Iterable[Kind], found: Iterable[Alert], at: datetime, run_id: str
) -> list[Noted]:
    """Append what changed among the alerts of `kinds`: newly found ones, and those that are over.

    Returns the lines that were added; an alert that goes on adds none. On a full disk none is:
    whatever failed there says so itself, and the next run finds the alert again.
    """
    found = list(found)
    known = {(noted.kind, noted.source): noted for noted in read_open(home)}
    now = {(alert.kind, alert.source) for alert in found}
    changed = [
        Noted(at=at, state="raised", run_id=run_id, **vars(alert))
        for alert in found
        if (alert.kind, alert.source) not in known
    ]
    changed += [
        noted.model_copy(update={"at": at, "state": "over", "run_id": run_id})
        for key, noted in known.items()
        if noted.kind in set(kinds) and key not in now
    ]
    lines = [json.dumps(noted.model_dump(mode="json"), ensure_ascii=False) for noted in changed]
    if changed and not _append(home / FILE, lines):
        return []
    for noted in changed:
        record("alert", run_id=run_id, kind=noted.kind, source=noted.source, status=noted.state)
    return changed


def _append(file: Path, lines: list[str]) -> bool:
    """Add whole lines, or nothing where the disk is full."""
    file.parent.mkdir(parents=True, exist_ok=True)
    size = file.stat().st_size if file.exists() else 0
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        if not is_full(error):
            raise
        if file.exists():
            os.truncate(file, size)
        return False
    return True
