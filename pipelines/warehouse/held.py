"""Who holds the warehouse at this moment, seen without taking part in the queue for it."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """The writer: what it does (with its process), and since when (seconds since the epoch)."""

    purpose: str
    since: float


def held_by(warehouse_file: Path) -> Holder | None:
    """The holder of `writer_lock`, or None where it is free."""
    lock = warehouse_file.with_name("warehouse.lock")
    note = warehouse_file.with_name("warehouse.lock.holder")
    try:
        with lock.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        try:
            return Holder(note.read_text(encoding="utf-8"), note.stat().st_mtime)
        except OSError:
            return Holder("someone", lock.stat().st_mtime)
    return None
