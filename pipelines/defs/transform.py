"""The dbt models as assets, their tests as asset checks."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)

from pipelines import progress
from pipelines.defs.manifest import dbt_environment, ensure_manifest
from pipelines.disk import naming_full_disk
from pipelines.failpoints import reach
from pipelines.settings import settings
from pipelines.warehouse.lock import writer_lock

DBT_POOL = "warehouse"


def dbt_resource() -> DbtCliResource:
    """The dbt command line on our project, with the environment's own executable."""
    models = settings().models_dir
    return DbtCliResource(
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
    def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        """Seeds, models and tests in one `dbt build`, under the writer lock."""
        config = settings()
        os.environ.update(dbt_environment())
        with (
            writer_lock(config.warehouse_file, "dbt build"),
            naming_full_disk("computing the models", config.warehouse_file.parent),
        ):
            reach("models_begun")
            done = 0
            total = len(list(context.selected_asset_keys))
            build = dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context)
            events = cast("Iterator[object]", build.stream())  # pyright: ignore[reportUnknownMemberType]
            for event in events:
                if isinstance(event, (dg.Output, dg.AssetMaterialization)):
                    done += 1
                    progress.advance("Computing facts and figures (models)", done, total)
                yield event
            reach("models_done")

    return models
