"""The dbt manifest: made when absent or older than what it is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from pipelines.dbt_project import dbt_environment
from pipelines.network.check import refuse_bad_network
from pipelines.settings import settings
from pipelines.worktime.hours import read_hours
from pipelines.worktime.rules import check_rules

_SUFFIXES = {".sql", ".yml", ".csv"}


def ensure_manifest() -> Path:
    """Return `models/target/manifest.json`, parsing the project if need be.

    Raises `RuntimeError` with dbt's last words if the project does not parse, and `ValueError`
    naming row, field and rule where rules, working hours or the lists of the network are none.
    """
    config = settings()
    check_rules()
    read_hours()
    refuse_bad_network(config)
    target = config.models_dir / "target"
    manifest = target / "manifest.json"
    target.mkdir(exist_ok=True)
    with FileLock(target / ".parse.lock"):
        if not manifest.exists() or manifest.stat().st_mtime < _newest(config.models_dir):
            command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse"]
            folders = ["--project-dir", ".", "--profiles-dir", "."]
            answer = subprocess.run(
                [*command, *folders],
                cwd=config.models_dir,
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | dbt_environment(),
            )
            if answer.returncode:
                raise RuntimeError(
                    f"dbt parse failed: {answer.stdout[-2000:]}{answer.stderr[-500:]}"
                )
    return manifest


def semantic_manifest() -> Path:
    """The semantic manifest that dbt writes beside the manifest."""
    return ensure_manifest().with_name("semantic_manifest.json")


def _newest(models: Path) -> float:
    own = (p for p in models.rglob("*") if "target" not in p.parts and p.suffix in _SUFFIXES)
    facts = settings().reference_dir.glob("*.csv")
    return max(path.stat().st_mtime for path in (*own, *facts))


if __name__ == "__main__":
    ensure_manifest()
