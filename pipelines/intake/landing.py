"""The landing zone: what came, after the allow-list and before the contract; never changed.

A batch is a folder `landing/<feed>/<source>/<pull id>/` with `part-*.parquet` and the outcome
of the pull beside them. It appears whole or not at all: it is written under a hidden name and
renamed at the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel

from pipelines.intake.erasures import blank_erased, read_register

Status = Literal["ok", "partial", "failed"]


CUT_MARK = "cut.json"
"""Beside the outcome of a batch whose parts were deleted after their time (`retention`)."""


class LandingError(RuntimeError):
    """What landed is not there any more; one line names source and pull."""


class Outcome(BaseModel):
    """What a pull brought: the record beside every batch, loaded as `log.outcome`."""

    pull_id: str
    run_id: str
    source: str
    identity: str
    feed: str
    kind: str
    units: tuple[str, ...] = ()
    status: Status = "ok"
    error_class: str | None = None
    error: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    fetched_at: datetime
    known_at_rule: Literal["fetched", "source"] = "fetched"
    dialect: str = ""
    dialect_version: str = ""
    allow_list_version: str = ""
    records_in: int = 0
    dropped_fields: int = 0
    bytes: int = 0
    sha256: str = ""
    parts: int = 0
    is_synthetic: bool = False


@dataclass
class LandingBatch:
    """A batch being written. `add` appends a part; `close` makes it visible."""

    root: Path
    outcome: Outcome
    dropped: set[str] = field(default_factory=set[str])

    @property
    def final(self) -> Path:
        """Where the batch will stand."""
        o = self.outcome
        return self.root / o.feed / o.source / o.pull_id

    @property
    def hidden(self) -> Path:
        """Where it is written before."""
        return self.final.with_name(f".{self.outcome.pull_id}")

    def add(self, frame: pl.DataFrame) -> None:
        """Write one part: the de-identified records of some pages or of one file."""
        if frame.is_empty():
            return
        frame = blank_erased(frame, self.outcome.identity, read_register(self.root))
        self.hidden.mkdir(parents=True, exist_ok=True)
        self.outcome.parts += 1
        self.outcome.records_in += frame.height
        frame.write_parquet(
            self.hidden / f"part-{self.outcome.parts:05d}.parquet", compression="zstd"
        )

    def close(self) -> Path:
        """Write the outcome and show the batch. Returns its folder."""
        self.hidden.mkdir(parents=True, exist_ok=True)
        self.outcome.dropped_fields = len(self.dropped)
        text = self.outcome.model_dump_json(indent=1)
        (self.hidden / "outcome.json").write_text(text, encoding="utf-8")
        self.hidden.rename(self.final)
        return self.final

    def abandon(self) -> None:
        """Leave no trace of a batch that was not closed."""
        shutil.rmtree(self.hidden, ignore_errors=True)


def read_outcome(folder: Path) -> Outcome:
    """The outcome of a batch."""
    return Outcome.model_validate_json((folder / "outcome.json").read_text(encoding="utf-8"))


def batches(root: Path) -> Iterator[tuple[Path, Outcome]]:
    """All batches in the order in which they became known: (fetched_at, pull id)."""
    found = [(p.parent, read_outcome(p.parent)) for p in root.glob("*/*/[!.]*/outcome.json")]
    yield from sorted(found, key=lambda item: (item[1].fetched_at, item[1].pull_id))
