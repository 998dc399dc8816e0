"""Plants situations in a plan, one after the other, and says what was planted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from pipelines.simulator.plan import Province
from pipelines.simulator.situations.deadlines import (
    plant_batch_closing,
    plant_bunching,
    plant_late_supplements,
    plant_moved_due_dates,
)
from pipelines.simulator.situations.draft import CALENDAR_DAY, Draft
from pipelines.simulator.situations.effects import (
    plant_common_shock,
    plant_merger_effect,
    plant_trend,
    plant_unit_collapse,
)
from pipelines.simulator.situations.flow import (
    around_tet,
    plant_noise,
    plant_slow_step,
    plant_tet_dip,
)
from pipelines.simulator.situations.ground import Ground, planted_units
from pipelines.simulator.situations.measure import count_active, measure
from pipelines.simulator.situations.model import Planted, Situation
from pipelines.simulator.situations.reception import (
    plant_backdated_reception,
    plant_slow_acceptance,
    plant_withdraw_and_reenter,
)
from pipelines.simulator.situations.telling import silent_from
from pipelines.simulator.waits import NEVER
from pipelines.worktime.vectorised import Booleans, WorkClock

Plant = Callable[[np.random.Generator, Draft, Situation, Ground], int]


def _tell_nothing(
    _rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """A silent shop does its work, only the telling changes: how many dossiers that concerns."""
    first = _seconds(silent_from(situation))
    end = _seconds(datetime.combine(situation.day("to") + timedelta(days=1), time()))
    return count_active(draft, draft.marked, first, min(end, draft.end + 1))


PLANTS: dict[str, Plant] = {
    "merger_effect": plant_merger_effect,
    "common_shock": plant_common_shock,
    "trend": plant_trend,
    "unit_collapse": plant_unit_collapse,
    "slow_step": plant_slow_step,
    "silent_shop": _tell_nothing,
    "tet_dip": plant_tet_dip,
    "noise": plant_noise,
    "bunching": plant_bunching,
    "moved_due_dates": plant_moved_due_dates,
    "late_supplements": plant_late_supplements,
    "batch_closing": plant_batch_closing,
    "backdated_reception": plant_backdated_reception,
    "withdraw_and_reenter": plant_withdraw_and_reenter,
    "slow_acceptance": plant_slow_acceptance,
}


def apply_situations(
    rng: np.random.Generator,
    plan: pl.DataFrame,
    province: Province,
    clock: WorkClock,
    situations: Sequence[Situation],
    until: date,
) -> tuple[pl.DataFrame, list[Planted]]:
    """The plan with the situations planted in their order, and what each planted in it.

    `plan`: columns of `draw_plan` without number and dossier_code, any part of the province;
    the same columns come back in order of submission, with `told_from` (the real time of a
    back-dated reception) and `reentered` added by the situations that need them. Without
    situations the plan itself comes back. What is random comes from `rng` alone, sizes are
    those of the whole province whatever the part (`merge_planted` adds the parts up).
    `ValueError` where a unit or a field is not there.
    """
    if not situations:
        return plan, []
    ground = Ground(province)
    draft = Draft(plan, clock, until)
    planted: list[Planted] = []
    for asked in situations:
        units, situation = _units(asked, ground)
        first, last = _stretch(situation, units, clock, until)
        draft.mark(_in_scope(draft, situation, units, ground, first, last))
        before, doses = measure(draft, draft.marked), _doses(draft, units, ground)
        touched = 0 if situation.is_none else PLANTS[situation.name](rng, draft, situation, ground)
        after = measure(draft, draft.marked)
        planted.append(
            Planted(situation, planted_units(units), first, last, touched, doses, before, after)
        )
    return draft.plan(), planted


def _units(asked: Situation, ground: Ground) -> tuple[pl.DataFrame, Situation]:
    """The units concerned (none: all), and the situation with the unit chosen written in."""
    if asked.name == "merger_effect":
        return ground.receivers(asked.text("change")), asked
    if asked.name == "trend" and asked.text("of") == "treated":
        return ground.treated(), asked
    if not asked.has("unit"):
        return ground.no_units, asked
    units = ground.units_of(asked)
    if units.is_empty():
        return units, asked
    code: str = units["unit_code"][0]
    chosen = tuple((key, code if key == "unit" else value) for key, value in asked.parameters)
    return units, replace(asked, parameters=chosen)


def _stretch(
    situation: Situation, units: pl.DataFrame, clock: WorkClock, until: date
) -> tuple[date, date]:
    """The first and the last day of the dossiers concerned."""
    if situation.name == "tet_dip":
        year, days = int(situation.number("year")), int(situation.number("days"))
        return around_tet(clock, year, days)
    if situation.name == "merger_effect":
        return min(units["first_day"].to_list()), until
    return situation.day("from"), situation.day("to")


def _in_scope(
    draft: Draft,
    situation: Situation,
    units: pl.DataFrame,
    ground: Ground,
    first: date,
    last: date,
) -> Booleans:
    """The dossiers concerned: of these units (or all), received or refused in the stretch."""
    received = draft.answered
    received = np.where(received < NEVER, received, draft.moments["submitted"])
    inside = (received >= _midnight(first)) & (received < _midnight(last) + CALENDAR_DAY)
    if not units.is_empty():
        known = ground.per_unit(units.with_columns(here=pl.lit(1)), "here") == 1
        inside &= known[draft.unit]
    if situation.name == "merger_effect":
        days = ground.per_unit(units.with_columns(pl.col("first_day").cast(pl.Int32)), "first_day")
        inside &= received >= days[draft.unit] * CALENDAR_DAY
    if situation.name == "slow_step":
        inside &= ground.has_field(situation.text("field"))[draft.procedure]
    return inside


def _doses(draft: Draft, units: pl.DataFrame, ground: Ground) -> int:
    """The sum of the doses of the dossiers in scope, 1 each where there are none."""
    index = draft.marked
    if "dose" not in units.columns:
        return int(index.size)
    return int(ground.per_unit(units, "dose")[draft.unit[index]].sum())


def _midnight(day: date) -> int:
    return _seconds(datetime.combine(day, time()))


def _seconds(moment: datetime) -> int:
    """Epoch seconds of a moment (local time)."""
    return int(np.datetime64(moment, "s").astype(np.int64))
