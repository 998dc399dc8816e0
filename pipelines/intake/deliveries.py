"""Deliveries: which waiting files are whole, and which are still being copied."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FRESH_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.4
# forms that prove by their own end that nothing is missing
_SELF_PROVING: Final = (".gz", ".zip", ".json", ".parquet", ".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class Mark:
    """Size (bytes) and time of change (ns) of a file at a moment."""

    size: int
    changed: int


@dataclass(frozen=True)
class Look:
    """What one look at the waiting files showed."""

    marks: dict[Path, Mark]
    fresh: frozenset[Path]
    growing: frozenset[Path]

    def has_changed(self, path: Path) -> bool:
        """Whether a file is another one than at the look."""
        return mark(path) != self.marks[path]


def mark(path: Path) -> Mark | None:
    """The mark of a file; None where it is gone."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return Mark(stat.st_size, stat.st_mtime_ns)


def look(paths: Iterable[Path]) -> Look:
    """Look at all files once; at the fresh ones that cannot prove to be whole, once more.

    Fresh is what changed within the last minute by the wall clock (the machine's own: the
    product's clock knows nothing of files). Such a table or file of lines is growing if its
    size or time moves during one short look, which all share, or if its last line has no end.
    """
    marks = {path: found for path in paths if (found := mark(path)) is not None}
    now = time.time_ns()
    fresh = [p for p, found in marks.items() if now - found.changed < FRESH_SECONDS * 1e9]
    unproven = [path for path in fresh if not path.name.lower().endswith(_SELF_PROVING)]
    if unproven:
        time.sleep(LOOK_SECONDS)
    growing = [path for path in unproven if mark(path) != marks[path] or not _is_ended(path)]
    return Look(marks, frozenset(fresh), frozenset(growing))


def _is_ended(path: Path) -> bool:
    """Whether the last line has its end, in an encoding of one byte a sign or of two."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - 2))
            end = stream.read()
    except OSError:
        return False
    return end.endswith((b"\n", b"\r")) or end in (b"\n\x00", b"\x00\n")
