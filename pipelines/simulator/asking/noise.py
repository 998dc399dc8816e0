"""Noise by unit and week on top of a plan: weeks differ by more than chance, and hang together.

Each mark of a dossier is lost with a chance of its own. Its log-odds lie about a base: a part for
every unit and week, one for every field and week and a small one for the week, all first-order
autoregressive, and a drift of every unit over the years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit, logit

from pipelines.simulator.plan import DIGITS_NONE, IN_PERSON, ON_PAPER, Province
from pipelines.simulator.situations.draft import Draft
from pipelines.simulator.trends import Floats
from pipelines.simulator.waits import DAY, NEVER
from pipelines.worktime.vectorised import Integers

_WEEK = 7 * 86_400
_MEMORY = 0.5  # of a week for the week before
_BY_UNIT, _BY_FIELD, _BY_WEEK, _DRIFT = 0.5, 0.15, 0.1, 0.15


@dataclass(frozen=True)
class Chances:
    """How a chance of every dossier to lose a mark is made, from unit, field and week."""

    rng: np.random.Generator
    unit: Integers
    field: Integers
    week: Integers

    def draw(self, base: float, scale: float) -> Floats:
        """The chance of every dossier, about `base`; `scale` is the size of all that moves it."""
        weeks = int(self.week.max(initial=0)) + 1
        units, fields = int(self.unit.max(initial=0)) + 1, int(self.field.max(initial=0)) + 1
        drift = self.rng.normal(0.0, _DRIFT, units)[:, None] * np.arange(weeks) / 52
        by_unit = drift + _BY_UNIT * self._hanging(units, weeks)
        by_field = _BY_FIELD * self._hanging(fields, weeks)
        by_week = _BY_WEEK * self._hanging(1, weeks)[0]
        moved = by_unit[self.unit, self.week] + by_field[self.field, self.week]
        return expit(logit(base) + scale * (moved + by_week[self.week]))

    def lose(self, base: float, scale: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which dossiers lose the mark."""
        return self.rng.random(self.unit.size) < self.draw(base, scale)

    def _hanging(self, rows: int, weeks: int) -> Floats:
        shocks = self.rng.normal(0.0, 1.0, (rows, weeks)) * np.sqrt(1 - _MEMORY**2)
        series = np.zeros((rows, weeks))
        for week in range(weeks):
            before = series[:, week - 1] if week else self.rng.normal(0.0, 1.0, rows)
            series[:, week] = _MEMORY * before + shocks[:, week]
        return series


def chances_of(rng: np.random.Generator, plan: pl.DataFrame, province: Province) -> Chances:
    """The chances of the dossiers of a plan."""
    begun = plan["submitted"].dt.epoch("s").to_numpy()
    fields = province.catalogue["field_code"].cast(pl.Enum(_fields(province))).to_physical()
    return Chances(
        rng,
        plan["unit"].to_numpy().astype(np.int64),
        fields.to_numpy().astype(np.int64)[plan["procedure"].to_numpy()],
        (begun - begun.min()) // _WEEK,
    )


def stay_away(rng: np.random.Generator, plan: pl.DataFrame, province: Province) -> pl.DataFrame:
    """The plan without those who did not come in a weak week of their unit."""
    return plan.filter(pl.Series(~chances_of(rng, plan, province).lose(0.25, 0.6)))


def add_noise(rng: np.random.Generator, plan: pl.DataFrame, province: Province) -> pl.DataFrame:
    """The plan with marks lost by unit and week; `slow_answer` marks late acceptances added."""
    chances = chances_of(rng, plan, province)
    marked = plan.with_columns(
        digits=_where(chances.lose(0.03), DIGITS_NONE, "digits"),
        result=_where(
            chances.lose(0.03) & (plan["result"].to_numpy() > ON_PAPER), ON_PAPER, "result"
        ),
        channel=_where(chances.lose(0.08), IN_PERSON, "channel"),
        slow_answer=pl.Series(chances.lose(0.05)),
    )
    return marked.with_columns(
        submitted=pl.when(pl.col("channel") == IN_PERSON)
        .then(pl.coalesce("accepted", "submitted"))
        .otherwise("submitted")
    )


def make_late(draft: Draft, chosen: Integers, rng: np.random.Generator) -> None:
    """Finish the dossiers of these rows some days after their due day, where they have one."""
    rows = draft.rows(chosen)
    fit = rows.is_resolved & rows.has_due & ~rows.is_late & (rows.due_opens < NEVER)
    delay = 600 + rng.exponential(4 * DAY, rows.index.size).astype(np.int64)
    rows.move_closing(fit, rows.due_opens + DAY + delay)
    draft.put(rows)


def _where(lost: np.ndarray[tuple[int], np.dtype[np.bool_]], value: int, column: str) -> pl.Expr:
    return pl.when(pl.Series(lost)).then(pl.lit(value, dtype=pl.Int8)).otherwise(pl.col(column))


def _fields(province: Province) -> list[str]:
    return province.catalogue["field_code"].unique().sort().to_list()
