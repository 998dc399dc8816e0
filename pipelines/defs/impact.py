"""What mergers did, as assets: estimated after the models where that is due."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.effects.kept import IMPACT_TABLES
from pipelines.effects.step import estimate_if_due
from pipelines.logs import recorded
from pipelines.settings import now, settings

READS = ("imp_panel", "fct_dossier", "dim_unit", "dim_unit_change", "dim_calendar", "int_as_of")
IMPACT_KEYS = [dg.AssetKey(name) for name in IMPACT_TABLES]


@dg.multi_asset(
    name="impact",
    specs=[
        dg.AssetSpec(
            key,
            deps=[dg.AssetKey(name) for name in READS],
            group_name="analysis",
            kinds={"duckdb"},
        )
        for key in IMPACT_KEYS
    ],
    pool="warehouse",
)
def impact(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """The effects of every merger; those kept stand while they are not due."""
    step = "Estimating what mergers did"
    progress.advance(step, 0, 1)
    with recorded("impact", run_id=context.run_id) as event:
        done = estimate_if_due(settings(), context.run_id, now())
        event["kind"] = "estimated" if done.why else "unchanged"
    progress.advance(step, 1, 1)
    metadata = (
        {"why": done.why, "changes": done.changes, "effects": done.effects}
        if done.why
        else {"is_unchanged": True}
    )
    for key in IMPACT_KEYS:
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
