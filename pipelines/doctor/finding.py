"""A finding: what is wrong, why it matters, what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: `broken` stops figures from being right or new, `note` needs no action."""

    broken = "broken"
    warning = "warning"
    note = "note"


@dataclass(frozen=True)
class Finding:
    """One thing; `do` is a command or the runbook that has it."""

    severity: Severity
    what: str
    why: str
    do: str

    def row(self) -> dict[str, object]:
        """As a row of an answer."""
        return {**asdict(self), "severity": self.severity.value}


def broken(what: str, why: str, do: str) -> Finding:
    """Something that has to be mended before figures are right or new again."""
    return Finding(Severity.broken, what, why, do)


def warning(what: str, why: str, do: str) -> Finding:
    """Something that a person should look at."""
    return Finding(Severity.warning, what, why, do)


def note(what: str, why: str, do: str) -> Finding:
    """Something worth knowing."""
    return Finding(Severity.note, what, why, do)
