"""The documentation says of every trap what the catalogue says."""

from __future__ import annotations

from pipelines.settings import PROJECT_ROOT
from pipelines.simulator.traps.catalogue import TRAPS
from pipelines.simulator.traps.patterns import PATTERNS

TEXT = (PROJECT_ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_every_trap_stands_in_the_documentation_with_its_outcome_and_rate() -> None:
    missing = [
        trap.name
        for trap in TRAPS
        if f"| `{trap.name}` | {trap.outcome} | {100 * trap.rate:g} % |" not in TEXT
    ]
    assert missing == []
    assert [name for name in PATTERNS if f"`{name}`" not in TEXT] == []
