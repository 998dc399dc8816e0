"""The lists of the network in a folder of their own, with a text of one of them replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.network.edits import COLUMNS
from pipelines.settings import Settings, settings

NAMES = ("units.csv", "unit_codes.csv", "unit_changes.csv")
EDITS = "unit_change_edits.csv"


def copy_lists(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """The delivered lists in a folder; `old` must stand once in `file`."""
    for name in NAMES:
        text = (settings().reference_dir / name).read_text(encoding="utf-8")
        if name == file:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_edits_text(home: Path, *rows: str) -> None:
    """Edits as a person writes them: `change_id,effective_date,date_is_assumed,share,…`."""
    home.mkdir(exist_ok=True)
    (home / EDITS).write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")


def home_with(
    monkeypatch: pytest.MonkeyPatch, home: Path, reference: Path | None = None
) -> Settings:
    """Settings of a home, with reference lists of its own where a folder is given."""
    monkeypatch.setenv("MOTCUA_HOME", str(home))
    if reference is not None:
        monkeypatch.setattr(Settings, "reference_dir", reference)
    return settings()
