"""What the tests of the models share: dbt as a process on a warehouse and a target of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from pipelines.dbt_project import dbt_environment, lend_parse
from pipelines.warehouse.tables import connect_writer
from tests.models.compiled import Models

MODELS = Path(__file__).resolve().parents[2] / "models"


class RunDbt(Protocol):
    """dbt on a warehouse file; what it writes stands in the folder of that file."""

    def __call__(
        self, warehouse_file: Path, *args: str, project: Path = MODELS
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session")
def run_dbt() -> RunDbt:
    """Run `dbt …` and wait for its end."""

    def run(
        warehouse_file: Path, *args: str, project: Path = MODELS
    ) -> subprocess.CompletedProcess[str]:
        folder = warehouse_file.parent
        folders = {
            "--project-dir": project,
            "--profiles-dir": project,
            "--target-path": lend_parse(folder / "target"),
            "--log-path": folder / "logs",
        }
        return subprocess.run(
            [
                str(Path(sys.executable).with_name("dbt")),
                *args,
                *(str(word) for pair in folders.items() for word in pair),
            ],
            cwd=project,
            env=os.environ | dbt_environment(warehouse_file),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, run_dbt: RunDbt) -> Models:
    """The delivered models, compiled on a warehouse without a row."""
    warehouse_file = tmp_path_factory.mktemp("compiled") / "motcua.duckdb"
    connect_writer(warehouse_file).close()
    done = run_dbt(warehouse_file, "compile", "--select", "resource_type:model")
    assert done.returncode == 0, done.stdout[-3000:]
    return Models.read(warehouse_file.parent / "target")
