"""Why a figure that was published is another today, data that came late left aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["rule", "unit_change", "rule_and_unit", "log_mended"]
CAUSES: tuple[Cause, ...] = ("rule", "unit_change", "rule_and_unit", "log_mended")


@dataclass(frozen=True)
class Rules:
    """The rules a figure was computed under; `network` is None where it was not kept apart."""

    rules: str
    network: str | None

    def changed_to(self, today: Rules) -> Cause:
        """What changed from these rules to today's.

        Under the same rules the same data can differ only where the log itself was mended since:
        a quarantine replayed, a dossier erased.
        """
        if self.network is None:
            return "rule_and_unit"
        rule, network = self.rules != today.rules, self.network != today.network
        if rule and network:
            return "rule_and_unit"
        if rule:
            return "rule"
        return "unit_change" if network else "log_mended"
