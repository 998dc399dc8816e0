"""The clock's own SQL, apart from the warehouse: dbt compiles the models, a connection runs them.

For the bench and for the comparison with the reference. The connection's catalog is `motcua`,
as the warehouse's is: the compiled SQL names its tables by it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb

from pipelines.dbt_project import dbt_environment, lend_parse
from pipelines.settings import settings

CATALOG = "motcua"


@dataclass(frozen=True)
class CompiledModel:
    """A model as the engine runs it: its query, and the models and seeds that it reads."""

    name: str
    sql: str
    inputs: tuple[str, ...]

    def build(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table of the model, or make it anew."""
        connection.execute(f"create or replace table {CATALOG}.main.{self.name} as {self.sql}")


def compile_models(
    targets: Sequence[str], given: Collection[str], folder: Path, project: Path | None = None
) -> list[CompiledModel]:
    """The models behind `targets` (models or analyses), in an order in which they can be built.

    `given`: tables that the caller makes; nothing behind them is needed. dbt writes into
    `folder` only. Raises `RuntimeError` with dbt's last words where the project does not
    compile, `KeyError` for a target that there is not.
    """
    nodes = _compile(targets, folder, project or settings().models_dir)
    names = {str(node["name"]): key for key, node in nodes.items()}
    found: dict[str, CompiledModel] = {}

    def visit(name: str) -> None:
        node = nodes[names[name]]
        if name in given or name in found or node["resource_type"] in ("seed", "source"):
            return
        inputs = tuple(str(nodes[key]["name"]) for key in node["depends_on"]["nodes"])
        for one in inputs:
            visit(one)
        found[name] = CompiledModel(name, str(node["compiled_code"]), inputs)

    for target in targets:
        visit(target)
    return list(found.values())


def seeds_of(models: Sequence[CompiledModel], given: Collection[str]) -> set[str]:
    """The seeds that the models read: what is neither given nor one of them."""
    return {one for model in models for one in model.inputs} - {
        *given,
        *(model.name for model in models),
    }


def load_seed(connection: duckdb.DuckDBPyConnection, name: str, file: Path | None = None) -> None:
    """Make the table of a seed from its CSV: every column text, an empty cell no value."""
    path = file or settings().reference_dir / f"{name}.csv"
    connection.execute(
        f"create or replace table {CATALOG}.main.{name} as "
        "select * from read_csv(?, all_varchar = true, header = true)",
        [str(path)],
    )


def _compile(targets: Sequence[str], folder: Path, project: Path) -> dict[str, dict[str, Any]]:
    """The nodes of the manifest that dbt writes when it compiles the targets."""
    words = ["--quiet", "compile", "--select", *(f"+{target}" for target in targets)]
    folders = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": lend_parse(folder / "target"),
        "--log-path": folder / "logs",
    }
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main"),
            *words,
            *(str(word) for pair in folders.items() for word in pair),
        ],
        cwd=project,
        # a warehouse of its own, empty: a file's name is its catalog's
        env=os.environ | dbt_environment(folder / f"{CATALOG}.duckdb"),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise RuntimeError(f"dbt compile failed: {answer.stdout[-2000:]}{answer.stderr[-500:]}")
    text = (folder / "target" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    return cast("dict[str, dict[str, Any]]", manifest["nodes"] | manifest["sources"])
