"""The last asset: the published snapshot."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.defs.alerts import note_run_over
from pipelines.defs.manifest import semantic_manifest
from pipelines.doctor.sizes import record_sizes
from pipelines.logs import recorded
from pipelines.serving.publish import publish
from pipelines.settings import now, settings

SNAPSHOT_KEY = dg.AssetKey(["serving", "snapshot"])
CHECKS = ("totals_equal_the_warehouse", "shares_within_bounds")


def snapshot_asset(upstream: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The snapshot, after every model that is served."""

    @dg.asset(
        key=SNAPSHOT_KEY,
        deps=upstream,
        group_name="serving",
        kinds={"duckdb"},
        pool="warehouse",
        check_specs=[dg.AssetCheckSpec(name, asset=SNAPSHOT_KEY) for name in CHECKS],
    )
    def snapshot(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        """Build, verify and publish a snapshot; the pointer moves only if all is right."""
        config = settings()
        step = "Publishing the snapshot"
        progress.advance(step, 0, 1)
        with recorded("publish", run_id=context.run_id) as event:
            published = publish(
                config.warehouse_file,
                config.serving_dir,
                manifest=semantic_manifest(),
                run_id=context.run_id,
                published_at=now(),
                keep=config.keep_snapshots,
            )
            event["version"] = published.snapshot.version
        record_sizes(config)
        note_run_over(config, context.run_id)
        progress.advance(step, 1, 1)
        yield dg.MaterializeResult(
            metadata={"version": published.snapshot.version, **published.checks},
            check_results=[dg.AssetCheckResult(check_name=name, passed=True) for name in CHECKS],
        )

    return snapshot
