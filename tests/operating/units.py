"""systemd's units of deploy/, read as text: sections, keys, values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
INSTALLED = "/opt/motcua"


@dataclass(frozen=True)
class Unit:
    """A unit file."""

    file: Path
    lines: tuple[tuple[str, str, str], ...]

    def all(self, key: str) -> list[str]:
        """Every value of a key."""
        return [value for _, name, value in self.lines if name == key]

    def one(self, key: str) -> str:
        """The only value of a key."""
        [value] = self.all(key)
        return value


def read_unit(file: Path) -> Unit:
    """Read a unit file; raises `AssertionError` for a line that is none."""
    lines: list[tuple[str, str, str]] = []
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, equals, value = line.partition("=")
        assert equals, f"{file.name}: {line}"
        lines.append((section, key, value))
    return Unit(file, tuple(lines))


def units(kind: str) -> list[Unit]:
    """The units of a kind, `service` or `timer`."""
    return [read_unit(file) for file in sorted((DEPLOY / "systemd").glob(f"*.{kind}"))]
