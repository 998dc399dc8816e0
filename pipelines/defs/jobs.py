"""The daily job and its schedule."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.partitions import DAYS

DAILY = dg.define_asset_job(  # pyright: ignore[reportUnknownMemberType]
    "daily",
    selection=dg.AssetSelection.all(),
    partitions_def=DAYS,
    description="Pull, load, compute, publish.",
)
# six in the morning: the shops' own nightly jobs are through, nobody has opened the dashboard yet
DAILY_SCHEDULE = dg.build_schedule_from_partitioned_job(  # pyright: ignore[reportUnknownMemberType]
    DAILY, name="daily_at_six", hour_of_day=6, minute_of_hour=0
)
