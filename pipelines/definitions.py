"""The code location: one function puts the assets together; importing wires nothing else."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.alerts import alert_when_a_run_fails
from pipelines.defs.impact import IMPACT_KEYS, impact
from pipelines.defs.intake import landing, log
from pipelines.defs.jobs import DAILY, DAILY_SCHEDULE, WEEKLY, WEEKLY_SCHEDULE
from pipelines.defs.publish import snapshot_asset
from pipelines.defs.transform import dbt_models, dbt_resource


def build_definitions() -> dg.Definitions:
    """All assets, checks, jobs, schedules and resources."""
    models = dbt_models()
    return dg.Definitions(
        assets=[landing, log, models, impact, snapshot_asset(sorted([*models.keys, *IMPACT_KEYS]))],
        jobs=[DAILY, WEEKLY],
        schedules=[DAILY_SCHEDULE, WEEKLY_SCHEDULE],
        sensors=[alert_when_a_run_fails],
        resources={"dbt": dbt_resource()},
    )


defs = build_definitions()
