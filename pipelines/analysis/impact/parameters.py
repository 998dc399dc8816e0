"""What the analyst may choose: windows, least numbers, the level of intervals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImpactParameters:
    """Defaults of an estimate. Months are whole calendar months, counted from the change.

    `before_months` and `after_months` are compared with each other; `history_months` is how far
    back trends before the change are looked at, and the series behind the interrupted series
    reaches. Fewer than `least_before` or `least_after` months: no number. `min_denominator`
    dossiers are asked for on either side of the change, `least_events` events (and as many
    non-events) for a share, `least_controls` units to compare with. An interval within
    ± `least_days` or `least_share` is told as "no effect": smaller ones would not matter.
    """

    before_months: int = 24
    after_months: int = 12
    history_months: int = 48
    least_before: int = 12
    least_after: int = 3
    min_denominator: int = 30
    least_events: int = 10
    least_controls: int = 3
    level: float = 0.95
    least_days: float = 0.5
    least_share: float = 0.02

    @property
    def alpha(self) -> float:
        """The share of intervals that may miss."""
        return 1 - self.level
