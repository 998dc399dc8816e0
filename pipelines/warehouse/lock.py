"""One writer at a time: an OS lock beside the warehouse, waiting, and saying who holds it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

_log = structlog.get_logger(__name__)

PATIENCE = 1.0


class WarehouseError(RuntimeError):
    """The warehouse cannot be used as asked; the message is one line that says why."""


class WarehouseBusyError(WarehouseError):
    """The lock was not free within the time allowed; the message names its holder."""


@contextmanager
def writer_lock(warehouse_file: Path, purpose: str, timeout: float = 3600.0) -> Generator[None]:
    """Hold `warehouse.lock` for the duration; re-entrant within a process and thread.

    Raises `WarehouseBusyError` after `timeout` seconds.
    """
    folder = warehouse_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "warehouse.lock.holder"
    lock = FileLock(folder / "warehouse.lock", is_singleton=True)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        holder = note.read_text(encoding="utf-8") if note.exists() else "someone"
        _log.info("waiting for the warehouse", holder=holder)
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise WarehouseBusyError(f"the warehouse is held by {holder}") from None
    try:
        note.write_text(f"{purpose} (process {os.getpid()})", encoding="utf-8")
        yield
    finally:
        lock.release()
