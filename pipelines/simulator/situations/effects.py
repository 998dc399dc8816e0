"""Effects on lateness, working time and channel: mergers, common shocks, trends, a collapse."""

from __future__ import annotations

import numpy as np

from pipelines.simulator.situations.channels import turn_online
from pipelines.simulator.situations.draft import CALENDAR_DAY, Draft, Rows
from pipelines.simulator.situations.ground import Ground
from pipelines.simulator.situations.model import Situation
from pipelines.simulator.trends import Floats
from pipelines.simulator.waits import DAY, HOUR
from pipelines.worktime.vectorised import Booleans, Integers

_DAYS_OF_YEAR = 365.25
_TINY = 1e-9
_MEAN_DELAY = 4 * DAY  # of a late finish beyond the due day, as in `course`


def plant_merger_effect(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """Later, slower or quicker, more online where others were taken in: size times dose, for
    dossiers received since.

    The dose of a district shop is the counters folded into it, that of a new commune the old
    communes beyond the first.
    """
    dose = ground.per_unit(ground.receivers(situation.text("change")), "dose")
    rows = draft.rows(draft.marked)
    size = dose[draft.unit[rows.index]].astype(np.float64)
    return _plant(rng, draft, rows, situation, size, ground)


def plant_common_shock(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """The same in every unit from a day on: no estimator may take it for a merger's effect."""
    rows = draft.rows(draft.marked)
    return _plant(rng, draft, rows, situation, np.ones(rows.index.size), ground)


def plant_trend(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """A drift by the year since `from`; of the treated alone it is a violated parallel trend."""
    rows = draft.rows(draft.marked)
    start = int(np.datetime64(situation.day("from"), "s").astype(np.int64))
    accepted = draft.moments["accepted"][rows.index]
    years = (accepted - start) / (CALENDAR_DAY * _DAYS_OF_YEAR)
    return _plant(rng, draft, rows, situation, years, ground)


def plant_unit_collapse(
    rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """A unit in which the share `late` of what is received in the stretch finishes late."""
    rows = draft.rows(draft.marked)
    n = rows.index.size
    _add_hours(rows, np.full(n, situation.number("hours")))
    counted = rows.is_resolved & rows.has_due
    _make_late(rng, rows, np.full(n, _missing(situation.number("late"), rows.is_late[counted])))
    return draft.put(rows)


def _plant(
    rng: np.random.Generator,
    draft: Draft,
    rows: Rows,
    situation: Situation,
    dose: Floats,
    ground: Ground,
) -> int:
    """Each size times the dose: hours to the finish, share of late, share received online.

    Hours that are fewer are taken from what lies between the finish and the last thing before
    it: where that is less, less is taken. What the hours alone make late counts towards the
    share asked for (at the same dose, whole doses together), so that the share of late dossiers
    changes by the size asked, and the hours by at least theirs.
    """
    step = np.ceil(dose).astype(np.int64)
    before = _late_shares(rows, step)
    _add_hours(rows, dose * situation.number("hours"))
    now = _late_shares(rows, step)
    wanted = situation.number("late") * dose
    lacking = wanted - (now - before)[step]
    if situation.number("late") >= 0:
        chance = np.where(wanted > 0, lacking, 0) / np.maximum(1 - now[step], _TINY)
        _make_late(rng, rows, chance)
    else:
        _make_early(rng, rows, -lacking / np.maximum(now[step], _TINY))
    if situation.number("online"):
        opened = ground.opens[draft.unit[rows.index]]
        turn_online(rng, draft, rows, situation.number("online") * dose, step, opened)
    return draft.put(rows)


def _late_shares(rows: Rows, group: Integers) -> Floats:
    """The share of late among the resolved with a due date, by group (0 where there are none)."""
    counted = rows.is_resolved & rows.has_due
    size = int(group.max(initial=0)) + 1
    n = np.bincount(group[counted], minlength=size)
    late = np.bincount(group[rows.is_late], minlength=size)
    return late / np.maximum(n, 1)


def _missing(wanted: float, late: Booleans) -> float:
    """The share of those not late to be made late for the share `wanted` of all."""
    now = float(late.mean()) if late.size else 0.0
    return max(wanted - now, 0.0) / max(1 - now, _TINY)


def _add_hours(rows: Rows, hours: Floats) -> None:
    drawn = rows.work["closed"]
    moved: Integers = drawn + (hours * HOUR).astype(np.int64)
    # what is finished within minutes has nothing that could be taken
    has_room = (hours > 0) | ((hours < 0) & (drawn > rows.low))
    rows.move_closing(rows.is_resolved & has_room, moved)


def _make_late(rng: np.random.Generator, rows: Rows, chance: Floats) -> None:
    """Finish some of those not late some days after the due day, each with its chance."""
    n = rows.index.size
    delay = 600 + rng.exponential(_MEAN_DELAY, n).astype(np.int64)
    fit = rows.is_resolved & rows.has_due & ~rows.is_late
    rows.move_closing(fit & (rng.random(n) < chance), rows.due_opens + DAY + delay)


def _make_early(rng: np.random.Generator, rows: Rows, chance: Floats) -> None:
    """Finish some of the late before the due day, where the waits leave room for it."""
    n = rows.index.size
    room = rows.due_opens - 1 - rows.low
    place = rng.random(n)
    closed = rows.low + (np.maximum(room, 0) * place).astype(np.int64)
    rows.move_closing(rows.is_late & (room > 0) & (rng.random(n) < chance), closed)
