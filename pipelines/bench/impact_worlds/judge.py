"""One world judged: what the product says of its mergers beside what was planted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from pipelines.analysis.impact.comparisons import Network
from pipelines.analysis.impact.controlled import keep_enough, measure
from pipelines.analysis.impact.monthly import read_cells
from pipelines.analysis.impact.months import month_of
from pipelines.analysis.impact.outcomes import RATIOS
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.shop_mergers import compare_shop_mergers
from pipelines.analysis.impact.verdicts import judge
from pipelines.simulator.worlds import KINDS, Noise, draw_world

OUTCOMES = ("working_days_mean", "online_rate")
KIND_OF = ("planted", "none", "planted", "common_shock", "planted", "none", "common_trend",
           "treated_trend")  # fmt: skip
"""The kinds of worlds in turn; what a share is taken of most often comes most often."""
_AT_A_TIME = 4


@dataclass(frozen=True)
class Wish:
    """Which world to draw: its seed and kind, dossiers in all, ups and downs times `restless`."""

    seed: int
    kind: str
    dossiers: int
    restless: float


@dataclass(frozen=True)
class Judged:
    """One merger (or the group) and outcome of a world; bounds are None where nothing is said."""

    kind: str
    is_group: bool
    outcome: str
    truth: float
    estimate: float | None
    low: float | None
    high: float | None
    passes: bool | None
    verdict: str


def judge_world(wish: Wish) -> list[Judged]:
    """Draw a world and estimate each shop merger and the group, by the headline estimator."""
    parameters = ImpactParameters()
    noise = Noise().times(wish.restless)
    world = draw_world(wish.seed, KINDS[wish.kind], wish.dossiers, noise)
    months = world.panel["month_on"]
    span = (month_of(months.min()), month_of(months.max()))  # pyright: ignore[reportArgumentType]
    network = Network(world.units, world.changes)
    judged: list[Judged] = []
    for comparison in compare_shop_mergers(network, world.panel, span, parameters):
        cells = read_cells(world.panel, comparison)
        for outcome in (each for each in RATIOS if each.name in OUTCOMES):
            monthly = cells.monthly(outcome)
            kept = keep_enough(monthly, comparison.window.before, outcome, parameters)
            found = (
                None
                if isinstance(kept, str)
                else measure(kept, comparison.window.before, parameters)
            )
            head = (wish.kind, comparison.kind == "shop_merger_group", outcome.name,
                    world.truth[outcome.name])  # fmt: skip
            if found is None:
                judged.append(Judged(*head, None, None, None, None, "not_estimated"))
                continue
            said, passes = (
                found.inference,
                None if found.pretrend is None else found.pretrend.passes,
            )
            verdict, _ = judge(outcome, said.low, said.high, passes, parameters)
            judged.append(Judged(*head, said.estimate, said.low, said.high, passes, verdict))
    return judged


def judge_worlds(wishes: list[Wish], processes: int) -> Iterator[list[Judged]]:
    """Many worlds, so many at a time; the order is that of the wishes."""
    if processes == 1:
        yield from map(judge_world, wishes)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(judge_world, wishes, chunksize=_AT_A_TIME)
