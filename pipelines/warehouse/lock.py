"""One writer at a time: an OS lock beside the warehouse, waiting, and saying who holds it.

The kernel lets the lock of a killed process go; what that process had started may live on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

_log = structlog.get_logger(__name__)

PATIENCE = 1.0
_ORPHAN_SECONDS = 0.2
_KERNEL_LOCKS = Path("/proc/locks")


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
        # it helps who waits; a full disk must not keep anybody from the warehouse
        with suppress(OSError):
            note.write_text(f"{purpose} (process {os.getpid()})", encoding="utf-8")
        _await_orphan(warehouse_file, timeout)
        yield
    finally:
        lock.release()


def _await_orphan(warehouse_file: Path, timeout: float) -> None:
    """Wait while another process has the file open for writing: the dbt of a run that was killed.

    A lock of ours ends with its process, dbt as a child of it goes on.
    """
    end = time.monotonic() + timeout
    told = False
    while (pid := _find_writer(warehouse_file)) is not None:
        if not told:
            _log.info("waiting for what a killed run left working", process=pid)
            told = True
        if time.monotonic() > end:
            raise WarehouseBusyError(f"the warehouse is held by process {pid} of a killed run")
        time.sleep(_ORPHAN_SECONDS)


def _find_writer(warehouse_file: Path) -> int | None:
    """The other process that holds DuckDB's lock on the file, as the kernel lists it."""
    if not warehouse_file.exists() or not _KERNEL_LOCKS.exists():
        return None
    stat = warehouse_file.stat()
    place = f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}:{stat.st_ino}"
    for line in _KERNEL_LOCKS.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[1] == "POSIX" and words[3] == "WRITE" and words[5] == place:
            pid = int(words[4])
            if pid != os.getpid():
                return pid
    return None
