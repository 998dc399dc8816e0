"""A home on paper: batches landed and loaded without a server, a model or a snapshot."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.intake.canonical import ALLOW_LIST_VERSION, RECORDS, Feed
from pipelines.intake.dialects import load_dialect
from pipelines.intake.landing import LandingBatch, Outcome
from pipelines.intake.readers import Envelope, read_json
from pipelines.settings import settings
from pipelines.warehouse.load import load_landing
from pipelines.warehouse.merge import Merged
from pipelines.warehouse.replay import Replayed, replay
from pipelines.warehouse.tables import LOG_TABLES, connect_reader, content_hash
from tests.faults.shops import page

FETCHED = datetime(2025, 3, 20, 6)
REFERENCE = settings().reference_dir


def step(code: str, at: str = "20250304090000", status: str = "4") -> dict[str, str]:
    """A progress record."""
    return {"MaHoSo": code, "ThoiDiemXuLy": at, "TrangThai": status, "updated_at": at}


@dataclass
class PaperHome:
    """A home whose pulls are an hour apart, of the shop `shop` with a source for each feed."""

    root: Path
    dialect: str = "national"
    pulls: int = field(default=0)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse" / "motcua.duckdb"

    @property
    def now(self) -> datetime:
        """When the last pull was."""
        return FETCHED + timedelta(hours=self.pulls)

    def land(self, *records: Any, feed: Feed = "dossiers") -> Path:
        """Land one pull; returns its folder."""
        self.pulls += 1
        outcome = Outcome(
            pull_id=f"p{self.pulls:04d}", run_id="r", source=f"shop-{feed}", identity="shop",
            feed=feed, kind="rest", fetched_at=self.now, window_to=self.now,
            dialect=self.dialect, allow_list_version=ALLOW_LIST_VERSION,
        )  # fmt: skip
        read = read_json(
            [page(list(records)).encode()], record=RECORDS[feed],
            dialect=load_dialect(self.dialect, self.root), envelope=Envelope("data", "updated_at"),
            file="answer", reference=REFERENCE, first_position=1,
        )  # fmt: skip
        batch = LandingBatch(self.landing, outcome)
        batch.add(read.frame)
        return batch.close()

    def load(self) -> list[Merged]:
        """Load what has landed."""
        return load_landing(self.warehouse, self.landing, REFERENCE, self.root, lambda *_: None)

    def take(self, *records: Any, feed: Feed = "dossiers") -> list[Merged]:
        """Land one pull and load it."""
        self.land(*records, feed=feed)
        return self.load()

    def replay(self) -> Replayed:
        """Build the log anew."""
        return replay(self.warehouse, self.landing, REFERENCE, self.root, lambda *_: None)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query on the log."""
        connection = connect_reader(self.warehouse)
        try:
            return connection.execute(sql, list(values)).fetchall()
        finally:
            connection.close()

    def hashes(self) -> dict[str, str]:
        """The content hash of every table of the log."""
        connection = connect_reader(self.warehouse)
        try:
            return {name: content_hash(connection, f"log.{name}") for name in LOG_TABLES}
        finally:
            connection.close()

    def copy_to(self, root: Path) -> PaperHome:
        """The same home in another place, to be changed."""
        shutil.copytree(self.root, root)
        return replace(self, root=root)

    def check_conserved(self) -> None:
        """Every batch accounts for each of its records."""
        wrong = "select * from log.outcome where records_in <> accepted + unchanged + quarantined"
        assert self.rows(wrong) == []


def files_with(home: Path, text: str) -> list[str]:
    """The files of a home whose raw bytes hold a text."""
    wanted = text.encode()
    return sorted(
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and wanted in path.read_bytes()
    )
