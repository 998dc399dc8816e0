"""How much disk the product takes: a small record at every publish, and the forecast from it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter

from pipelines.logs import append_line
from pipelines.settings import Settings

FILE: Final = "sizes.ndjson"
FOLDERS: Final = ("landing", "warehouse", "serving", "reports", "dagster", "logs")
FORECAST_FROM: Final = timedelta(days=3)
FORECAST_OVER: Final = timedelta(days=30)


class Sizes(BaseModel):
    """Bytes by folder of the home at a moment of the machine's clock, and what was free then."""

    at: datetime
    bytes: dict[str, int]
    free: int


@dataclass(frozen=True)
class Forecast:
    """Growth in bytes a day over the last weeks; None where too little is known yet."""

    free: int
    used: int
    per_day: float | None

    @property
    def days_left(self) -> float | None:
        """Days until the disk is full at that growth; None where it does not grow."""
        if self.per_day is None or self.per_day <= 0:
            return None
        return self.free / self.per_day


def measure(config: Settings) -> Sizes:
    """The home's sizes now."""
    root = config.root
    sizes = {name: _bytes_under(root / name) for name in FOLDERS}
    free = os.statvfs(_existing(root))
    return Sizes(at=datetime.now(UTC), bytes=sizes, free=free.f_bavail * free.f_frsize)


def record_sizes(config: Settings) -> None:
    """Add today's sizes to the record; a full disk keeps nobody from publishing."""
    with suppress(OSError):
        append_line(
            config.root / "logs" / FILE, json.dumps(measure(config).model_dump(mode="json"))
        )


def forecast(config: Settings) -> Forecast:
    """How much grows how fast: from the oldest record of the last 30 days to this moment."""
    present = measure(config)
    used = sum(present.bytes.values())
    earlier = [s for s in _read(config.root / "logs") if s.at >= present.at - FORECAST_OVER]
    oldest = min(earlier, key=lambda sizes: sizes.at, default=None)
    if oldest is None or present.at - oldest.at < FORECAST_FROM:
        return Forecast(present.free, used, None)
    days = (present.at - oldest.at) / timedelta(days=1)
    return Forecast(present.free, used, (used - sum(oldest.bytes.values())) / days)


def _read(folder: Path) -> Iterator[Sizes]:
    adapter = TypeAdapter(Sizes)
    for file in sorted(folder.glob("sizes*.ndjson")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield adapter.validate_json(line)


def _bytes_under(folder: Path) -> int:
    """What the files of a folder take; links to the same content count once."""
    seen: dict[int, int] = {}
    for path, _, files in os.walk(folder):
        for name in files:
            with suppress(FileNotFoundError):
                found = os.lstat(os.path.join(path, name))  # noqa: PTH118
                seen[found.st_ino] = found.st_blocks * 512
    return sum(seen.values())


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
