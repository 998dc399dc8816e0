"""Did the treated run beside the others before the change? If not, nothing is claimed after it.

Two looks at all the months known before: the leads of the event study jointly, and a placebo
date half-way on which nothing happened. Looking further back than the months compared makes a
drift visible that a short stretch would hide (the low power of such tests: Roth 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.analysis.impact.arrays import Floats, solve, tail_of_f
from pipelines.analysis.impact.contrasts import Contrasts, contrast
from pipelines.analysis.impact.monthly import Monthly
from pipelines.analysis.impact.placebo import Inference, estimate, infer

BLOCKS = 4
LEAST_MONTHS = 8
_LEAST_EACH_SIDE = 6


@dataclass(frozen=True)
class PreTrend:
    """`p_value_leads` tests the leads jointly; `placebo` is the effect of the date `placebo_k`.

    `passes` holds where neither is surprising; each is asked at half the level, for there are
    two (Bonferroni).
    """

    p_value_leads: float | None
    placebo_k: int
    placebo: Inference
    passes: bool


def check_pretrend(monthly: Monthly, level: float) -> PreTrend | None:
    """The months before the change alone; None where there are too few of months or unions."""
    before = monthly.between(int(monthly.ks[0]), -1)
    if before.ks.size < LEAST_MONTHS:
        return None
    placebo_k = int(before.ks[before.ks.size // 2])
    placebo = infer(contrast(before, before.ks >= placebo_k), level)
    if placebo is None:
        return None
    leads = _leads(before)
    half = (1 - level) / 2
    suspicious = placebo.p_value < half or (leads is not None and leads < half)
    return PreTrend(leads, placebo_k, placebo, not suspicious)


def placebo_dates(monthly: Monthly) -> list[tuple[int, float]]:
    """What would have been found on every earlier date, from the months before the change."""
    before = monthly.between(int(monthly.ks[0]), -1)
    dates = before.ks[_LEAST_EACH_SIDE : before.ks.size - _LEAST_EACH_SIDE + 1]
    found = [(int(k), estimate(contrast(before, before.ks >= k))) for k in dates]
    return [(k, effect) for k, effect in found if effect is not None]


def _leads(before: Monthly) -> float | None:
    """Hotelling's test that the leads are zero: four blocks of months against the last one.

    The leads of single months are too many for a few units; their means by block keep any
    shape, and the covariance between blocks is taken from the units themselves, so that serial
    correlation is in it. On doses the slopes are tested. None where the units do not suffice.
    """
    last = before.ks >= before.ks[-(before.ks.size // BLOCKS)]
    size = before.ks.size // BLOCKS
    blocks: list[Contrasts] = []
    for block in range(1, BLOCKS):
        end = before.ks.size - block * size
        start = 0 if block == BLOCKS - 1 else end - size
        inside = np.zeros(before.ks.size, dtype=np.bool_)
        inside[start:end] = True
        chosen = inside | last
        part = Monthly(before.rows, before.ks[chosen], before.numerator[:, chosen],
                       before.denominator[:, chosen], before.value[:, chosen])  # fmt: skip
        blocks.append(contrast(part, last[chosen]))
    shared = set[int].intersection(*(set(block.union.tolist()) for block in blocks))
    chosen_of = [np.isin(block.union, list(shared)) for block in blocks]
    leads = np.column_stack([b.change[c] for b, c in zip(blocks, chosen_of, strict=True)])
    return hotelling(leads, blocks[0].dose[chosen_of[0]], blocks[0].chance[chosen_of[0]])


def hotelling(leads: Floats, dose: Floats, chance: Floats) -> float | None:
    """The p-value of all slopes on the dose being zero, by F with n - 2 degrees of freedom."""
    n, p = leads.shape
    freedom = n - 2
    if freedom - p + 1 < 1 or np.ptp(dose) == 0:
        return None
    weight = 1 / chance if chance.min() > 0 else np.ones(n)
    weight = np.sqrt(weight / weight.mean())  # half-way between equal and by size
    centred = dose - dose @ weight / weight.sum()
    spread = float(centred**2 @ weight)
    slopes = (centred * weight) @ leads / spread
    left = leads - leads.T @ weight / weight.sum() - np.outer(centred, slopes)
    covariance = (left * weight[:, None]).T @ left / freedom
    if np.linalg.matrix_rank(covariance) < p:
        return None
    statistic = float(slopes @ solve(covariance, slopes)) * spread
    scaled = statistic * (freedom - p + 1) / (freedom * p)
    return tail_of_f(scaled, p, freedom - p + 1)
