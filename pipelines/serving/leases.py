"""Leases: who reads a snapshot holds it, and nobody deletes what is held.

A lease is a shared `flock` on the snapshot file. The kernel ends it with its process, so a killed
reader holds nothing. It lies beside DuckDB's own locks, which are of another kind.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


class Lease:
    """A hold on a file for as long as it is read. `close` lets it go."""

    def __init__(self, file: Path) -> None:
        """Hold the file. Raises `FileNotFoundError` if it is gone, or goes in this moment."""
        self._handle: int | None = os.open(file, os.O_RDONLY)
        fcntl.flock(self._handle, fcntl.LOCK_SH)
        if os.fstat(self._handle).st_nlink == 0:
            self.close()
            raise FileNotFoundError(file)

    def close(self) -> None:
        """Let the file go; more than once is no fault."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def delete_unless_held(file: Path, may_go: Callable[[], bool]) -> bool:
    """Delete a file that nobody holds; `may_go` is asked once nobody can take it any more.

    Returns whether it is gone.
    """
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        if not may_go():
            return False
        file.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)


def is_held(file: Path) -> bool:
    """Whether a reader holds the file now."""
    handle = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)
