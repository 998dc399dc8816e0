"""The days of the pull, and which update times a run asks for."""

from __future__ import annotations

from datetime import datetime, timedelta

import dagster as dg

from pipelines.intake.pull import Window
from pipelines.settings import PROVINCE_ZONE, now, settings

DAYS = dg.DailyPartitionsDefinition(
    start_date=settings().first_day.isoformat(), timezone=PROVINCE_ZONE.key, end_offset=1
)


class PullConfig(dg.Config):
    """Days to pull where a run has no partitions: both included, either may be missing."""

    first: str | None = None
    last: str | None = None


def window_of(context: dg.AssetExecutionContext, config: PullConfig) -> Window:
    """The update times of the run's days, never beyond the clock; without days, what is new."""
    if context.has_partition_key or context.has_partition_key_range:
        span = context.partition_time_window
        return Window(_local(span.start), min(_local(span.end), now()))
    end = now()
    if config.last is not None:
        end = min(end, datetime.fromisoformat(config.last) + timedelta(days=1))
    return Window(datetime.fromisoformat(config.first) if config.first else None, end)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(PROVINCE_ZONE).replace(tzinfo=None)
