"""Where to look: Dagster's storage as its own settings say, and what in a home is not ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import yaml


class PlaceError(ValueError):
    """Settings of Dagster that cannot be followed; one line."""


@dataclass(frozen=True)
class DagsterStorage:
    """A folder, a PostgreSQL, both or neither."""

    folder: Path | None = None
    url: str | None = None


def dagster_storage() -> DagsterStorage:
    """The storage that `DAGSTER_HOME` names; none where it is not set.

    Raises `PlaceError` where its `dagster.yaml` names a variable that is not set, or is no YAML.
    """
    named = os.environ.get("DAGSTER_HOME")
    if not named:
        return DagsterStorage()
    folder = Path(named).expanduser().resolve()
    file = folder / "dagster.yaml"
    try:
        settings = cast(object, yaml.safe_load(file.read_text())) if file.is_file() else None
    except yaml.YAMLError:
        raise PlaceError("dagster.yaml: not readable as YAML") from None
    return DagsterStorage(folder if folder.is_dir() else None, _postgres(settings))


def own_files(home: Path, sources_file: Path) -> list[Path]:
    """What lies in a home and was not written by the product from the sources: the inboxes, the
    lists of sources, costs and people with access, and the simulator's province (synthetic people,
    made to be kept out)."""
    names = ("inbox", "simulated", "access.yml", "sources.yml", "unit_costs.csv")
    leave = [*(home / name for name in names), sources_file]
    try:
        document = cast(object, yaml.safe_load(sources_file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError):
        return leave
    entries = document.get("sources") if isinstance(document, dict) else None  # pyright: ignore
    for entry in cast("list[Any]", entries) if isinstance(entries, list) else []:
        files = cast("dict[str, Any]", entry).get("files") if isinstance(entry, dict) else None
        path = cast("dict[str, Any]", files).get("path") if isinstance(files, dict) else None
        if isinstance(path, str):
            inbox = (sources_file.resolve().parent / Path(path).expanduser()).parent
            # never so much that the product's own rooms were left out with it
            if "*" not in str(inbox) and not home.resolve().is_relative_to(inbox.resolve()):
                leave.append(inbox)
    return leave


def _postgres(settings: object) -> str | None:
    """The first PostgreSQL that a `dagster.yaml` names, by URL or by its parts."""
    if not isinstance(settings, dict):
        return None
    found = cast("dict[str, Any]", settings)
    if "postgres_url" in found:
        return str(_value(found["postgres_url"]))
    if "postgres_db" in found:
        parts = {k: _value(v) for k, v in cast("dict[str, Any]", found["postgres_db"]).items()}
        user, password = (
            quote(str(parts.get(name, "")), safe="") for name in ("username", "password")
        )
        port = parts.get("port", 5432)
        return f"postgresql://{user}:{password}@{parts.get('hostname')}:{port}/{parts['db_name']}"
    return next((url for inner in found.values() if (url := _postgres(inner))), None)


def _value(value: object) -> object:
    named = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if "env" in named:
        name = str(named["env"])
        if name not in os.environ:
            raise PlaceError(f"dagster.yaml: {name} is not set")
        return os.environ[name]
    return cast(object, value)
