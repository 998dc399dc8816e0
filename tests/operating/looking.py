"""What the doctor finds in a home, and files planted in it."""

from __future__ import annotations

from pathlib import Path

from pipelines.doctor import examine
from pipelines.doctor.finding import Finding
from pipelines.settings import settings


def found(config_home: Path) -> list[Finding]:
    """What the doctor finds beside the clock of the tests, which stands."""
    assert settings().root == config_home
    return [f for f in examine.examine() if "MOTCUA_NOW is set" not in f.what]


def write(file: Path, content: bytes = b"x") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
