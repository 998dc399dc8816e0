"""The landing zone: what came, after the allow-list and before the contract; never changed.

A batch is a folder `landing/<feed>/<source>/<pull id>/` with `part-*.parquet` and the outcome
of the pull beside them. It appears whole or not at all: it is written under a hidden name, made
durable and renamed at the end. While it is written its folder is locked: a hidden folder without
a lock is what a killed pull left, and is swept away.
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel

from pipelines.disk import make_folder, naming_full_disk, sync_file, sync_folder
from pipelines.failpoints import reach
from pipelines.intake.erasures import blank_erased, read_register

OUTCOME = "outcome.json"
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
    unseen_from: datetime | None = None
    unseen_to: datetime | None = None
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
    _handle: int | None = field(default=None, init=False, repr=False)

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
        """Write one part: the de-identified records of some pages or of one file.

        Raises `DiskFullError`, as `close` does.
        """
        if frame.is_empty():
            return
        frame = blank_erased(frame, self.outcome.identity, read_register(self.root))
        with naming_full_disk("landing", self.root):
            self._open()
            # by way of memory: writing to a file itself, polars does not say that a disk is full
            content = io.BytesIO()
            frame.write_parquet(content, compression="zstd")
            part = self.hidden / f"part-{self.outcome.parts + 1:05d}.parquet"
            part.write_bytes(content.getbuffer())
            sync_file(part)
        self.outcome.parts += 1
        self.outcome.records_in += frame.height
        reach("part_written")

    def close(self) -> Path:
        """Write the outcome and show the batch. Returns its folder."""
        self.outcome.dropped_fields = len(self.dropped)
        text = self.outcome.model_dump_json(indent=1)
        with naming_full_disk("landing", self.root):
            self._open()
            outcome = self.hidden / OUTCOME
            outcome.write_text(text, encoding="utf-8")
            sync_file(outcome)
            sync_folder(self.hidden)
            reach("outcome_written")
            self.hidden.rename(self.final)
            reach("batch_renamed")
            sync_folder(self.final.parent)
        self._release()
        reach("batch_landed")
        return self.final

    def abandon(self) -> None:
        """Leave no trace of a batch that was not closed."""
        shutil.rmtree(self.hidden, ignore_errors=True)
        self._release()

    def _open(self) -> None:
        """Make the hidden folder and lock it, once; again if it is swept before it is locked."""
        while self._handle is None:
            make_folder(self.hidden)
            try:
                handle = os.open(self.hidden, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                continue
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                self._handle = handle
            else:
                os.close(handle)

    def _release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def sweep(root: Path) -> None:
    """Remove what killed pulls left: hidden batches that nobody holds."""
    for hidden in root.glob("*/*/.*"):
        try:
            handle = os.open(hidden, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(hidden, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


def read_outcome(folder: Path) -> Outcome:
    """The outcome of a batch."""
    return Outcome.model_validate_json((folder / OUTCOME).read_text(encoding="utf-8"))


def batches(root: Path) -> Iterator[tuple[Path, Outcome]]:
    """All batches in the order in which they became known: (fetched_at, pull id, source)."""
    found = [(p.parent, read_outcome(p.parent)) for p in root.glob(f"*/*/[!.]*/{OUTCOME}")]
    yield from sorted(found, key=lambda i: (i[1].fetched_at, i[1].pull_id, i[1].source))
