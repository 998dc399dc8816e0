"""Assets of the intake: landing (by day) and the log."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.defs.alerts import alert_results, alert_specs, find_and_note
from pipelines.defs.partitions import DAYS, PullConfig, window_of
from pipelines.intake.canonical import Feed
from pipelines.intake.pull import Pull, pull_all
from pipelines.intake.sources import load_sources
from pipelines.logs import recorded
from pipelines.network.check import refuse_bad_network
from pipelines.settings import now, settings
from pipelines.warehouse.load import load_landing

LOG_KEYS = {
    name: dg.AssetKey(["log", name])
    for name in ("dossier_version", "progress", "quarantine", "outcome")
}
_FEEDS: tuple[Feed, ...] = ("dossiers", "progress")
LANDING_KEYS = {feed: dg.AssetKey(["landing", feed]) for feed in _FEEDS}


@dg.multi_asset(
    name="landing",
    specs=[
        dg.AssetSpec(key, group_name="landing", kinds={"parquet"}, partitions_def=DAYS)
        for key in LANDING_KEYS.values()
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),
    partitions_def=DAYS,
)
def landing(
    context: dg.AssetExecutionContext, config: PullConfig
) -> Iterator[dg.MaterializeResult[Any]]:
    """What the shops' systems told about the run's days, de-identified, with outcomes."""
    home = settings()
    refuse_bad_network(home)
    listed = load_sources(home.sources_file)
    arrived = 0

    def report(_source: str, records: int) -> None:
        nonlocal arrived
        arrived += records
        progress.advance("Pulling from the shops' systems (records)", arrived)

    pull = Pull(
        landing=home.landing_dir,
        reference=home.reference_dir,
        folder=listed.folder,
        window=window_of(context, config),
        fetched_at=now(),
        run_id=context.run_id,
        report=report,
    )
    outcomes = pull_all(listed, pull, _FEEDS)
    for feed, key in LANDING_KEYS.items():
        mine = [o for o in outcomes if o.feed == feed]
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "sources": len(mine),
                "failed": sum(o.status != "ok" for o in mine),
                "records_in": sum(o.records_in for o in mine),
                "dropped_fields": sum(o.dropped_fields for o in mine),
            },
        )


@dg.multi_asset(
    name="log",
    specs=[
        dg.AssetSpec(key, deps=list(LANDING_KEYS.values()), group_name="log", kinds={"duckdb"})
        for key in LOG_KEYS.values()
    ],
    check_specs=[
        dg.AssetCheckSpec("every_source_answered", asset=LOG_KEYS["outcome"]),
        dg.AssetCheckSpec("records_are_conserved", asset=LOG_KEYS["outcome"]),
        *alert_specs(LOG_KEYS["outcome"]),
    ],
    pool="warehouse",
)
def log(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Every batch that landed and is not in the log yet, through the contract."""
    config = settings()

    def report(_source: str, done: int, total: int) -> None:
        progress.advance("Loading into the log (batches)", done, total)

    with recorded("load", run_id=context.run_id) as event:
        merged = load_landing(
            config.warehouse_file,
            config.landing_dir,
            config.reference_dir,
            config.sources_file.resolve().parent,
            report,
        )
        event["batches"] = len(merged)
    alerts = find_and_note(config, context.run_id)
    lines = [line for batch in merged for line in batch.lines()] + [a.line for a in alerts]
    for line in lines:
        context.log.warning(line)
    failed = [batch.outcome.source for batch in merged if batch.outcome.status != "ok"]
    lost = [b for b in merged if b.outcome.records_in != b.accepted + b.unchanged + b.quarantined]
    for name, key in LOG_KEYS.items():
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"findings": dg.MetadataValue.text("\n".join(lines))},
            check_results=[*_checks(failed, lost=len(lost)), *alert_results(alerts)]
            if name == "outcome"
            else [],
        )


def _checks(failed: list[str], lost: int) -> list[dg.AssetCheckResult]:
    return [
        dg.AssetCheckResult(
            check_name="every_source_answered",
            passed=not failed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"failed": ", ".join(failed)},
        ),
        dg.AssetCheckResult(
            check_name="records_are_conserved", passed=lost == 0, metadata={"batches": lost}
        ),
    ]
