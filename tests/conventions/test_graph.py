"""The graph of assets, checks, jobs, schedules and pools: a change of it is a reviewed diff."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest
from syrupy.assertion import SnapshotAssertion

from pipelines.defs.run import build_definitions
from pipelines.effects.kept import IMPACT_TABLES
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.tables import LOG_TABLES, SAID_TABLES


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions()


def name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def describe_assets(definitions: dg.Definitions) -> dict[str, dict[str, Any]]:
    """Every asset with what it depends on and how it runs."""
    assets = {}
    for definition in (definitions.resolve_all_asset_keys() and definitions.assets) or ():
        assert isinstance(definition, dg.AssetsDefinition)
        for spec in definition.specs:
            partitions = spec.partitions_def or definition.partitions_def
            assets[name(spec.key)] = {
                "deps": sorted(name(dep.asset_key) for dep in spec.deps),
                "group": spec.group_name,
                "partitions": partitions_of(partitions),
                "pool": definition.op.pool,
                "op": definition.op.name,
                "single_run": definition.backfill_policy is not None
                and definition.backfill_policy.max_partitions_per_run is None,
            }
    return dict(sorted(assets.items()))


def partitions_of(definition: dg.PartitionsDefinition[Any] | None) -> str | None:
    if definition is None:
        return None
    assert isinstance(definition, dg.TimeWindowPartitionsDefinition)
    return (
        f"{definition.cron_schedule} {definition.timezone} from {definition.start:%Y-%m-%d}"
        f" to today + {definition.end_offset}"
    )


def test_the_assets_are_those_reviewed(
    definitions: dg.Definitions, snapshot: SnapshotAssertion
) -> None:
    assert describe_assets(definitions) == snapshot


def test_the_checks_are_those_reviewed(
    definitions: dg.Definitions, snapshot: SnapshotAssertion
) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    assert sorted(f"{name(key.asset_key)}: {key.name}" for key in keys) == snapshot


def test_jobs_schedules_and_pools_are_those_reviewed(
    definitions: dg.Definitions, snapshot: SnapshotAssertion
) -> None:
    repository = definitions.get_repository_def()
    assets = describe_assets(definitions)
    jobs = {
        job.name: {"assets": len(job.asset_layer.executable_asset_keys)}
        for job in repository.get_all_jobs()
        if not job.name.startswith("__")
    }
    schedules = {
        s.name: {"cron": s.cron_schedule, "timezone": s.execution_timezone, "job": s.job_name}
        for s in repository.schedule_defs
    }
    pools: dict[str, list[str]] = {}
    for facts in assets.values():
        pools.setdefault(str(facts["pool"]), []).append(facts["op"])
    assert {
        "jobs": jobs,
        "schedules": schedules,
        "sensors": [sensor.name for sensor in repository.sensor_defs],
        "pools": {pool: sorted(set(ops)) for pool, ops in sorted(pools.items())},
    } == snapshot


def test_the_daily_job_runs_every_asset(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("daily")
    ran = {name(key) for key in job.asset_layer.executable_asset_keys}
    assert ran == set(describe_assets(definitions))


def test_the_schedules_speak_the_time_of_the_province(definitions: dg.Definitions) -> None:
    schedules = definitions.get_repository_def().schedule_defs
    assert {s.name: (s.cron_schedule, s.execution_timezone) for s in schedules} == {
        "daily_at_six": ("0 6 * * *", "Asia/Ho_Chi_Minh"),
        "whole_on_sunday": ("0 2 * * 0", "Asia/Ho_Chi_Minh"),
    }


def test_what_writes_the_warehouse_is_in_its_pool(definitions: dg.Definitions) -> None:
    for key, facts in describe_assets(definitions).items():
        assert facts["pool"] == (None if key.startswith("landing/") else "warehouse"), key


def test_asset_keys_equal_table_names(definitions: dg.Definitions) -> None:
    keys = set(describe_assets(definitions))
    models = {path.stem for path in (settings().models_dir / "sql").rglob("*.sql")}
    seeds = {path.stem for path in settings().reference_dir.glob("*.csv")}
    assert {key for key in keys if "/" not in key} == models | seeds | set(IMPACT_TABLES)
    assert {key for key in keys if key.startswith("log/")} == {
        f"log/{table}" for table in LOG_TABLES if table not in SAID_TABLES
    }
    assert {key for key in keys if "/" in key and not key.startswith("log/")} == {
        "landing/dossiers",
        "landing/progress",
        "serving/snapshot",
    }


def test_the_instance_limits_pools_and_frees_slots_of_cancelled_runs() -> None:
    import yaml

    instance = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    assert instance["concurrency"]["pools"]["default_limit"] == 1
    assert instance["run_monitoring"]["enabled"] is True
    assert instance["run_monitoring"]["free_slots_after_run_end_seconds"] > 0
    assert instance["telemetry"] == {"enabled": False}
