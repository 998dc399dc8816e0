"""The disk: what is free, and how long it lasts at the growth of the last weeks."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.doctor.sizes import forecast
from pipelines.settings import Settings

LEAST_FREE = 512 * 2**20
# a publish writes a copy of the marts, a replay a second warehouse
COPIES = 2
WARN_DAYS = 30
BROKEN_DAYS = 5
_DO = "docs/runbooks/the-disk-fills-up.md"


def check_disk(config: Settings) -> Iterator[Finding]:
    """Free space against what the next run writes, and the days that are left."""
    disk = forecast(config)
    file = config.warehouse_file
    needed = max(LEAST_FREE, COPIES * file.stat().st_size if file.exists() else 0)
    if disk.free < needed:
        yield broken(
            f"{_mib(disk.free)} MiB are free under {config.root}, {_mib(needed)} are needed",
            "a run may end on a full disk; what is published stays as it is",
            _DO,
        )
    left = disk.days_left
    if disk.per_day is not None and left is not None and left < WARN_DAYS:
        say = broken if left < BROKEN_DAYS else warning
        yield say(
            f"the disk under {config.root} is full in {left:.0f} days:"
            f" {_mib(disk.free)} MiB free, {_mib(disk.per_day)} MiB more every day",
            "a run that finds it full publishes nothing",
            _DO,
        )


def _mib(size: float) -> str:
    return f"{size / 2**20:,.0f}"
