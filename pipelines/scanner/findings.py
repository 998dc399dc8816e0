"""What the readers report, and how a place is named without showing what stands there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Patterns = Mapping[str, str]
"""Kind of personal value -> a regular expression that RE2, Rust, PostgreSQL and Python share."""


@dataclass(frozen=True, order=True)
class Finding:
    """Where personal values stand and in how many cells (or lines); never the value."""

    file: str
    table: str
    column: str
    kind: str
    count: int


Hit = tuple[str, str, str, int]
"""Table, column, kind, count of one file."""

Reader = Callable[[Path, Patterns], Iterator[Hit]]


def name_place(name: str, patterns: Patterns) -> str:
    """The name of a file, table or column; a fingerprint where the name itself is personal."""
    if any(re.search(pattern, name) for pattern in patterns.values()):
        return f"name:{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name


def hits_in_name(name: str, patterns: Patterns) -> list[str]:
    """The kinds of personal value that a name holds."""
    return [kind for kind, pattern in patterns.items() if re.search(pattern, name)]


def count_texts(texts: list[str], patterns: Patterns) -> dict[str, int]:
    """How many of the texts match, by kind; kinds without a match are left out."""
    import polars as pl

    series = pl.Series(texts, dtype=pl.String)
    counts = {kind: int(series.str.contains(p).sum() or 0) for kind, p in patterns.items()}
    return {kind: count for kind, count in counts.items() if count}
