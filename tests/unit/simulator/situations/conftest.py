"""A drawn plan of a small province, ready for situations: the one place that draws it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.arrivals import draw_arrivals
from pipelines.simulator.catalogue import read_catalogue
from pipelines.simulator.plan import Province, draw_plan
from pipelines.simulator.shops import Network
from pipelines.simulator.situations import Planted, apply_situations, parse_situation
from pipelines.worktime.calendar import read_calendar
from pipelines.worktime.vectorised import WorkClock

UNTIL = date(2026, 6, 30)


@dataclass(frozen=True)
class Drawn:
    """A province and its plan as `draw_plan` drew it."""

    province: Province
    plan: pl.DataFrame
    until: date = UNTIL

    def plant(
        self, *switches: str, seed: int = 5, part: pl.DataFrame | None = None
    ) -> tuple[pl.DataFrame, list[Planted]]:
        """The plan (or a part of it) with situations planted."""
        return apply_situations(
            np.random.default_rng(seed),
            self.plan if part is None else part,
            self.province,
            self.province.clock,
            [parse_situation(text) for text in switches],
            self.until,
        )


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    """12,000 dossiers of seed 7, the whole history."""
    calendar = read_calendar()
    network = Network()
    province = Province(network.units, network.origins, read_catalogue(), WorkClock(calendar))
    arrivals = draw_arrivals(
        np.random.default_rng([7, 0]), 12_000, 6_500, calendar, province.origins, UNTIL
    )
    plan = draw_plan(np.random.default_rng([7, 1]), province, arrivals, UNTIL)
    return Drawn(province, plan.sort("submitted", "unit", "procedure", maintain_order=True))
