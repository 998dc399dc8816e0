"""Alerts as asset checks of the outcomes, and the sensor that notes a run which failed."""

from collections import defaultdict

import dagster as dg

from pipelines.doctor.alert_record import note_alerts
from pipelines.intake.sources import load_sources
from pipelines.settings import Settings, now, settings
from pipelines.warehouse.alerts import KINDS, Alert, Kind, find_alerts_in
from pipelines.warehouse.lock import writer_lock

CHECK_NAMES: dict[Kind, str] = {
    "silent": "no_source_is_silent",
    "corridor": "pulls_are_within_their_corridor",
    "quarantine": "quarantine_does_not_grow",
}


def alert_specs(outcome: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """One check for each kind of alert."""
    return [dg.AssetCheckSpec(name, asset=outcome) for name in CHECK_NAMES.values()]


def find_and_note(config: Settings, run_id: str) -> list[Alert]:
    """The alerts on what is in the log now; changes are added to `alerts.ndjson`."""
    sources = load_sources(config.sources_file).sources
    with writer_lock(config.warehouse_file, "looking at the outcomes"):
        alerts = find_alerts_in(config.warehouse_file, sources, now().date())
    note_alerts(config.root, KINDS, alerts, now(), run_id)
    return alerts


def alert_results(alerts: list[Alert]) -> list[dg.AssetCheckResult]:
    """What the checks say of the alerts found; a check warns, it stops nothing."""
    lines: dict[Kind, list[str]] = defaultdict(list)
    for alert in alerts:
        lines[alert.kind].append(alert.line)
    return [
        dg.AssetCheckResult(
            check_name=name,
            passed=not lines[kind],
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"lines": dg.MetadataValue.text("\n".join(lines[kind]))},
        )
        for kind, name in CHECK_NAMES.items()
    ]


def note_run_failed(config: Settings, run_id: str) -> None:
    """Add to `alerts.ndjson` that a run failed, unless one before it did."""
    line = f"daily: run {run_id[:8]} failed: nothing new was published"
    note_alerts(config.root, ("run",), [Alert("run", "daily", now(), line)], now(), run_id)


def note_run_over(config: Settings, run_id: str) -> None:
    """Add that a run published again, where one before it failed."""
    note_alerts(config.root, ("run",), [], now(), run_id)


@dg.run_failure_sensor(  # pyright: ignore[reportUnknownMemberType]
    name="alert_when_a_run_fails", default_status=dg.DefaultSensorStatus.RUNNING
)
def alert_when_a_run_fails(context: dg.RunFailureSensorContext) -> None:
    """A run of the daemon failed, in a step or by being killed: it is noted."""
    note_run_failed(settings(), context.dagster_run.run_id)
