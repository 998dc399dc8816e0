"""What a world has planted, and how restless it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """Shifts of the mean working days and of the share online.

    `effect` holds for dossiers received in merged units since the merger, `shock` everywhere
    since then, `trend` everywhere by year, `drift` in the merged units alone by year, before the
    merger and after: then the comparison's assumption does not hold.
    """

    name: str
    effect: tuple[float, float] = (0.0, 0.0)
    shock: tuple[float, float] = (0.0, 0.0)
    trend: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("planted", effect=(-0.8, 0.03)),
        Kind("none"),
        Kind("common_shock", shock=(-0.8, 0.03)),
        Kind("common_trend", trend=(-0.4, 0.015)),
        Kind("treated_trend", drift=(-0.5, 0.02)),
    )
}


@dataclass(frozen=True)
class Noise:
    """Standard deviations beyond the chance of single dossiers: (working days, share online).

    `month` is of a unit and month, correlated from month to month by `memory`; `year` is of a
    unit's own drift by year; `everywhere` is of a month for all units. `mix` is of the drift by
    year in the share of dossiers that a unit's changing demand brings, `volume` of the log of a
    unit's dossiers in a month.
    """

    month: tuple[float, float] = (0.3, 0.008)
    year: tuple[float, float] = (0.08, 0.003)
    everywhere: tuple[float, float] = (0.25, 0.015)
    memory: float = 0.5
    mix: float = 0.05
    volume: float = 0.12

    def times(self, factor: float) -> Noise:
        """The same with ups and downs of units so many times as large."""
        return Noise(
            (self.month[0] * factor, self.month[1] * factor),
            (self.year[0] * factor, self.year[1] * factor),
            self.everywhere,
            self.memory,
            self.mix,
            self.volume,
        )
