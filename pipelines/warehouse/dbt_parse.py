"""Where dbt finds its last parse: it takes from it what has not changed since."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.settings import settings

_PARSE = "partial_parse.msgpack"


def lend_parse(target: Path) -> Path:
    """Put the parse that the project keeps into a target folder that has none; gives the folder.

    dbt compares the content of every file, so the parse serves a copy of the project as well.
    """
    kept = settings().models_dir / "target" / _PARSE
    target.mkdir(parents=True, exist_ok=True)
    if kept.exists() and not (target / _PARSE).exists():
        shutil.copyfile(kept, target / _PARSE)
    return target
