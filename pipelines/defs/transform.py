"""The dbt models as assets, their tests as asset checks."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)
from packaging.version import Version

from pipelines import progress
from pipelines.dbt_project import dbt_environment
from pipelines.defs.manifest import ensure_manifest
from pipelines.disk import naming_full_disk
from pipelines.failpoints import reach
from pipelines.logs import recorded
from pipelines.network.check import refuse_bad_network
from pipelines.serving.publish import build_hash
from pipelines.settings import settings
from pipelines.warehouse.builds import RUN, WORDS, finish_build, plan_build
from pipelines.warehouse.lock import writer_lock

DBT_POOL = "warehouse"


class BuildConfig(dg.Config):
    """Whether all is computed anew and tested, instead of what came since the build before."""

    is_whole: bool = False


class OwnDbt(DbtCliResource):
    """The dbt of this environment: its version is known without asking it, and nobody asks its
    adapter for metadata. Both took five seconds of every run."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Sequence[str]
    ) -> None:
        return None


def dbt_resource() -> DbtCliResource:
    """The dbt command line on our project, with the environment's own executable."""
    models = settings().models_dir
    return OwnDbt(
        project_dir=str(models),
        profiles_dir=str(models),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )


def dbt_models() -> dg.AssetsDefinition:
    """All seeds and models of the project as one multi-asset."""
    translator = DagsterDbtTranslator(
        settings=DagsterDbtTranslatorSettings(enable_asset_checks=True)
    )

    @dbt_assets(
        manifest=ensure_manifest(), dagster_dbt_translator=translator, name="models", pool=DBT_POOL
    )
    def models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, config: BuildConfig
    ) -> Iterator[Any]:
        """The models under the writer lock: seeds, models and tests of a whole build, or what
        came since the build before and the models that hang on the log."""
        refuse_bad_network(settings())
        warehouse_file = settings().warehouse_file
        os.environ.update(dbt_environment())
        with (
            writer_lock(warehouse_file, "dbt build"),
            naming_full_disk("computing the models", warehouse_file.parent),
            recorded("dbt_build", run_id=context.run_id) as event_of_build,
        ):
            build = plan_build(warehouse_file, build_hash(), is_whole=config.is_whole)
            event_of_build["kind"] = build.kind
            reach("models_begun")
            selected = context.selected_asset_keys
            unchanged = _leave_out(context.assets_def) if build.kind == "increment" else []
            for key in unchanged:
                if key in selected:
                    yield dg.MaterializeResult(asset_key=key, metadata={"is_unchanged": True})
            done, total = 0, len(selected - set(unchanged))
            words = WORDS["whole"] if build.kind == "whole" else _words_without(unchanged)
            run = dbt.cli([*words], context=context)
            events = cast("Iterator[object]", run.stream())  # pyright: ignore[reportUnknownMemberType]
            for event in events:
                if isinstance(event, (dg.Output, dg.AssetMaterialization)):
                    done += 1
                    progress.advance("Computing facts and figures (models)", done, total)
                yield event
            shutil.rmtree(run.target_path, ignore_errors=True)
            reach("models_done")
            finish_build(warehouse_file)
            event_of_build["models"] = done

    return models


def _words_without(unchanged: list[dg.AssetKey]) -> tuple[str, ...]:
    """What dbt is told for an increment: Dagster selects all, so the others are named."""
    return (*RUN, "--exclude", " ".join(key.path[-1] for key in unchanged))


def _leave_out(models: dg.AssetsDefinition) -> list[dg.AssetKey]:
    """Seeds and models that do not hang on the log, in the order of their dependencies: an
    increment leaves them as they are."""
    needs = models.asset_deps
    hanging: set[dg.AssetKey] = set()
    left: list[dg.AssetKey] = []
    for key in TopologicalSorter(needs).static_order():
        if key.path[0] == "log" or needs.get(key, frozenset[dg.AssetKey]()) & hanging:
            hanging.add(key)
        elif key in models.keys:
            left.append(key)
    return left
