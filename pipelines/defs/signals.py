"""Signals and questions of the week, as assets: judged after the models, with every build."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.logs import recorded
from pipelines.serving.signals.keep import SIGNAL_TABLES, keep_signals
from pipelines.settings import settings

READS = (
    "met_deadline", "met_received", "met_resolved", "met_stock", "met_submitted", "fct_dossier",
    "fct_step", "dim_calendar", "dim_field", "dim_procedure", "dim_rule", "dim_target", "dim_unit",
    "dq_shop", "int_as_of", "int_worktime_day", "stg_reference__unit_changes",
)  # fmt: skip
SIGNAL_KEYS = [dg.AssetKey(name) for name in SIGNAL_TABLES]


@dg.multi_asset(
    name="signals",
    specs=[
        dg.AssetSpec(
            key,
            deps=[dg.AssetKey(name) for name in READS],
            group_name="analysis",
            kinds={"duckdb"},
        )
        for key in SIGNAL_KEYS
    ],
    pool="warehouse",
)
def signals(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """The tests of the week, the questions that come of them, monthly charts and funnels."""
    step = "Judging the week"
    progress.advance(step, 0, 1)
    with recorded("signals", run_id=context.run_id) as event:
        kept = keep_signals(settings().warehouse_file)
        event["kind"] = "judged"
    progress.advance(step, 1, 1)
    metadata = {"tests": kept.tests, "signals": kept.signals, "questions": kept.questions}
    for key in SIGNAL_KEYS:
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
