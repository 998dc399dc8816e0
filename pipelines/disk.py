"""Files that stay: made durable, and one clear line where a disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# how engines and processes of others say the same in words
_WORDS: Final = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "max_temp_directory_size",
)


class DiskFullError(RuntimeError):
    """A disk is full; the message says under which folder, at which step, and what to do."""


@contextmanager
def naming_full_disk(step: str, folder: Path) -> Generator[None]:
    """Turn whatever a full disk raises within the block into a `DiskFullError`."""
    try:
        yield
    except DiskFullError:
        raise
    except Exception as error:
        if not is_full(error):
            raise
        raise DiskFullError(
            f"the disk under {folder} is full: {step} stopped, what was there before still"
            " stands; make space and run again"
        ) from None


def is_full(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that a disk is full."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if any(words in str(error) for words in _WORDS):
        return True
    before = error.__cause__ or error.__context__
    return before is not None and is_full(before)


def sync_file(file: Path) -> None:
    """Make the content of a file durable."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    sync_file(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that it is still there after a power cut."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)
