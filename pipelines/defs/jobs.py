"""The daily job, the weekly one that computes all anew, and their schedules."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.partitions import DAYS
from pipelines.settings import PROVINCE_ZONE

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

WEEKLY = dg.define_asset_job(  # pyright: ignore[reportUnknownMemberType]
    "whole",
    selection=dg.AssetSelection.groups("default", "analysis", "serving"),  # pyright: ignore[reportUnknownMemberType]
    config={"ops": {"models": {"config": {"is_whole": True}}}},
    description="Compute and test all of the log anew, and publish.",
)
WEEKLY_SCHEDULE = dg.ScheduleDefinition(
    name="whole_on_sunday",
    job=WEEKLY,
    cron_schedule="0 2 * * 0",
    execution_timezone=PROVINCE_ZONE.key,
)
