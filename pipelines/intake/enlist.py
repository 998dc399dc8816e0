"""A new entry at the end of the list of sources, whatever else stands in it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml
from pydantic import ValidationError

from pipelines.intake.sources import Source, SourceListError, first_error, load_sources


def validate_entry(path: Path, entry: Mapping[str, object]) -> Source:
    """The entry as a source of the list at `path`, which need not exist.

    Raises `SourceListError` with one line that names the entry and the field: it is not valid, its
    id is taken, or the list cannot be read.
    """
    name = entry.get("id") or "the entry"
    try:
        source = Source.model_validate(entry)
    except ValidationError as error:
        raise SourceListError(f"{name}: {first_error(error)}") from None
    if path.exists():
        listed = load_sources(path)
        if source.id in {known.id for known in (*listed.sources, *listed.bad)}:
            raise SourceListError(f"{source.id}: id: is in {path.name} already")
    return source


def append_entry(path: Path, entry: Mapping[str, object]) -> None:
    """Write the entry behind the others; all that stands in the file stays as it is.

    The file is replaced in one step. Raises `SourceListError` where the list does not end the
    file, so that nothing can be appended to it.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else "sources:\n"
    text = before if before.endswith("\n") else f"{before}\n"
    if re.search(r"^sources:\s*\[\s*\]\s*$", text, re.MULTILINE):
        text = re.sub(r"^sources:\s*\[\s*\]\s*$", "sources:", text, flags=re.MULTILINE)
    items = re.findall(r"^( *)- ", text, re.MULTILINE)
    indent = min(items, key=len, default="  ")
    block = yaml.safe_dump([dict(entry)], allow_unicode=True, sort_keys=False, width=100)
    text += "".join(f"{indent}{line}\n" for line in block.splitlines())
    known = _entries(before)
    if known is None or _entries(text) != [*known, dict(entry)]:
        raise SourceListError(f"{path.name}: the list `sources` does not end the file")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _entries(text: str) -> list[object] | None:
    try:
        document = cast("dict[str, list[object] | None]", yaml.safe_load(text))
        return list(document["sources"] or [])
    except (yaml.YAMLError, TypeError, KeyError):
        return None
