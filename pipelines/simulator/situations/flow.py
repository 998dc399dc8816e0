"""The flow of work: a step that slows, people who stay away at Tết, plain noise."""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.simulator.situations.draft import IN_WORK, Draft
from pipelines.simulator.situations.ground import Ground
from pipelines.simulator.situations.model import Situation
from pipelines.simulator.waits import DAY, HOUR, NEVER
from pipelines.worktime.vectorised import WorkClock


def plant_slow_step(
    _rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """The working time from the thing before to the step, times `factor`; all after it moves.

    Dossiers in which the step is not told of are not slower: the cause is found in the step.
    """
    rows = draft.rows(draft.marked)
    step = situation.text("step")
    before = rows.work["accepted"]
    for name in IN_WORK[1 : IN_WORK.index(step)]:
        before = np.where(rows.work[name] < NEVER, rows.work[name], before)
    slow = rows.work[step] < NEVER
    longer = (rows.work[step] - before) * (situation.number("factor") - 1)
    moved = np.where(slow, longer, 0).astype(np.int64)
    for name in IN_WORK[IN_WORK.index(step) :]:
        when = rows.work[name]
        rows.work[name] = np.where(when < NEVER, when + moved, NEVER)
    return draft.put(rows)


def plant_tet_dip(
    rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """A share of those who would come around Tết do not: a dip of every year, no alarm."""
    gone = np.zeros(draft.height, dtype=np.bool_)
    index = draft.marked
    gone[index] = rng.random(index.size) < situation.number("share")
    draft.keep(~gone)
    return int(gone.sum())


def around_tet(clock: WorkClock, year: int, days: int) -> tuple[date, date]:
    """The first and last day of the stretch of `days` working days before and after Tết.

    Tết is the longest run of days off from January to March of the year (the calendar decides).
    """
    season = np.arange(np.datetime64(f"{year}-01-05"), np.datetime64(f"{year}-03-31"))
    opens = clock.elapsed(season.astype("datetime64[s]"))
    worked = season[clock.is_working_day(season.astype("datetime64[s]"))]
    longest = int(np.argmax(np.diff(worked)))
    last_before = opens[np.searchsorted(season, worked[longest])]
    first: date = (
        clock.moment_at(last_before - (days - 1) * DAY + 1)[()].astype("datetime64[D]").item()
    )
    last: date = clock.moment_at(last_before + days * DAY + DAY)[()].astype("datetime64[D]").item()
    return first, last


def plant_noise(
    rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """Finishes moved by a normal number of working hours around 0, no class changed.

    Early stays before the due day, on time on it and before the due moment, late after it (a
    move that would cross is not made): whoever finds an effect here has found noise.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    closed, opens, due = rows.work["closed"], rows.due_opens, rows.due_work
    end = int(draft.clock.elapsed(np.array([draft.end], dtype="datetime64[s]"))[0])
    late, dated = rows.is_late, rows.has_due
    early = dated & (closed < opens)
    movable = ~dated | early | late | (closed < due)
    lowest = np.where(late, opens + DAY + 1, np.where(dated & ~early, opens + 1, rows.low))
    highest = np.where(early, opens - 1, np.where(dated & ~late, due - 1, end))
    moved = closed + (rng.normal(0.0, situation.number("hours"), n) * HOUR).astype(np.int64)
    fits = (moved >= np.maximum(lowest, rows.low)) & (moved <= np.minimum(highest, end))
    rows.move_closing(rows.is_resolved & movable & fits, moved)
    return draft.put(rows)
