"""The list of sources: its entries, their dialects, and the secrets that they name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.intake.dialects import DialectError, load_dialect
from pipelines.intake.sources import Source, SourceListError, load_sources
from pipelines.settings import Settings

_ONBOARD = "docs/source-contract.md, then `motcua sources check`"


def check_sources(config: Settings) -> Iterator[Finding]:
    """Every entry can be used: fields, dialect, and the secret in its place."""
    try:
        listed = load_sources(config.sources_file)
    except SourceListError as error:
        yield broken(str(error), "nothing can be pulled", _ONBOARD)
        return
    for bad in listed.bad:
        yield warning(bad.message, "this source is not pulled; the others are", _ONBOARD)
    for source in listed.sources:
        try:
            load_dialect(source.dialect, listed.folder)
        except DialectError as error:
            yield warning(
                f"{source.id}: {error}", "this source is not pulled; the others are", _ONBOARD
            )
        yield from _check_secrets(source, listed.folder)


def _check_secrets(source: Source, folder: Path) -> Iterator[Finding]:
    for field, value in named_secrets(source.model_dump()):
        if field.rpartition(".")[2].endswith("file"):
            path = (folder / value).expanduser()
            if os.access(path, os.R_OK) and path.read_bytes().strip():
                continue
            wrong = f"{value} is not there, not readable or empty"
        else:
            if os.environ.get(value, "").strip():
                continue
            wrong = f"{value} is not set"
        yield warning(
            f"{source.id}: {field}: {wrong}",
            "its system refuses every pull",
            "docs/runbooks/rotate-a-token.md",
        )


def named_secrets(section: dict[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    """Every field that names a secret's place, by the convention of the list: `env`, `…_env` for
    a variable, `file`, `…_file` under `auth` for a file. Yields the field's path and the name."""
    for name, value in section.items():
        field = f"{path}{name}"
        if isinstance(value, dict):
            yield from named_secrets(cast("dict[str, object]", value), f"{field}.")
        elif isinstance(value, str) and (
            name == "env"
            or name.endswith("_env")
            or ("auth." in path and (name == "file" or name.endswith("_file")))
        ):
            yield field, value
