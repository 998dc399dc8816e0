"""What a process of dbt on our models is given: the warehouse it works on, and its last parse."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.settings import settings

_PARSE = "partial_parse.msgpack"


def dbt_environment(warehouse_file: Path | None = None) -> dict[str, str]:
    """What the profile and its plugin read, for the home's warehouse or another one.

    The memory is a setting of the profile: told another one, dbt parses the project anew.
    """
    config = settings()
    return {
        "MOTCUA_WAREHOUSE_FILE": str(warehouse_file or config.warehouse_file),
        "MOTCUA_DUCKDB_MEMORY": config.duckdb_memory,
    }


def lend_parse(target: Path) -> Path:
    """Put the parse that the project keeps into a target folder that has none; gives the folder.

    dbt compares the content of every file, so the parse serves a copy of the project as well.
    """
    kept = settings().models_dir / "target" / _PARSE
    target.mkdir(parents=True, exist_ok=True)
    if kept.exists() and not (target / _PARSE).exists():
        shutil.copyfile(kept, target / _PARSE)
    return target
