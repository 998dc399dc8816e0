"""Ways to manage the deadline: what each leaves in the records."""

from __future__ import annotations

import numpy as np

from pipelines.simulator.course import RESOLVED
from pipelines.simulator.situations.draft import CALENDAR_DAY, Draft, Rows
from pipelines.simulator.situations.ground import Ground
from pipelines.simulator.situations.model import Situation
from pipelines.simulator.waits import DAY, HOUR, NEVER, NO_WAIT, SUPPLEMENT, seconds_of
from pipelines.worktime.vectorised import Booleans, Integers

# working seconds left before a due moment: of a finish, of a late request
_LEAST_BEFORE_DUE, _LEAST_LEFT = 60, 600
_MEAN_ANSWER = 2 * DAY


def plant_bunching(
    rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """Finishes heap in the last `hours` working hours before the due moment.

    A share of the resolved dossiers whose waits leave room: early ones are held back, late
    ones pushed through, so that late falls and on time (by date) rises.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    hours = int(situation.number("hours") * HOUR)
    due = rows.due_work
    fit = rows.is_resolved & rows.has_due & (due - hours > rows.low)
    before_due = _LEAST_BEFORE_DUE + ((hours - _LEAST_BEFORE_DUE) * rng.beta(1, 2, n)).astype(
        np.int64
    )
    chosen = fit & (rng.random(n) < situation.number("share"))
    rows.move_closing(chosen, due - before_due)
    return draft.put(rows)


def plant_moved_due_dates(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """A later NgayHenTraMoi, though nothing was waited for.

    The records can carry a new date only in an entry of DanhSachHoSoBoSung: one asked for and
    answered within 2 to 15 minutes, in the last working hours before the due moment, of
    dossiers that would be late (or are open past their date), with a new date up to `days`
    working days after the real finish. NgayHenTra itself keeps the first date.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    work, due = rows.work, rows.due_last
    overdue = (rows.codes["outcome"] == RESOLVED) & (work["closed"] == NEVER) & (due < draft.end)
    begun = rows.due_work - rng.integers(HOUR // 2, DAY, n)
    fit = (rows.is_late | overdue) & _has_slot(rows) & (begun > rows.low)
    chosen = fit & ground.tells_supplements[draft.unit[rows.index]]
    chosen &= rng.random(n) < situation.number("share")
    end = int(draft.clock.elapsed(np.array([draft.end], dtype="datetime64[s]"))[0])
    finish = np.where(work["closed"] < NEVER, work["closed"], end)
    later = finish + rng.integers(0, int(situation.number("days")) + 1, n) * DAY
    _supplement(rows, chosen, begun, begun + rng.integers(120, 900, n), later)
    rows.redo_steps(rng, chosen)
    return draft.put(rows)


def plant_late_supplements(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """A supplement asked for when `after` of the term has passed, up to the due moment.

    Real waits with a lawfully moved date (the pause rule): the clock stops just before it runs
    out, and the finish comes within the time won.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    accepted, due = rows.work["accepted"], rows.due_work
    room = due - accepted
    fit = rows.is_resolved & rows.has_due & (rows.codes["wait1"] == NO_WAIT) & (room > DAY)
    chosen = fit & ground.tells_supplements[draft.unit[rows.index]]
    chosen &= rng.random(n) < situation.number("share")
    place = rng.uniform(situation.number("after"), 1.0, n)
    begun = accepted + np.ceil(np.where(chosen, room, 0) * place).astype(np.int64)
    begun = np.maximum(np.minimum(begun, due - _LEAST_LEFT), rows.base + 60)
    wait = HOUR + rng.exponential(_MEAN_ANSWER, n).astype(np.int64)
    ended = begun + wait
    _supplement(rows, chosen, begun, ended, due + wait)
    left = np.maximum(rows.due_work - ended, _LEAST_LEFT)
    rows.move_closing(chosen, ended + (left * rng.uniform(0.3, 0.95, n)).astype(np.int64))
    rows.redo_steps(rng, chosen)
    return draft.put(rows)


def plant_batch_closing(
    rng: np.random.Generator, draft: Draft, situation: Situation, _ground: Ground
) -> int:
    """Many finishes within the last `minutes` of the working day, or of the month's last one.

    Work is done, the clerk records it in one go: by the day no class changes (by date), by the
    month some finishes are recorded after their date.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    resolved = rows.is_resolved
    closed = np.where(resolved, draft.seconds(rows.work["closed"]), draft.end)
    ends = _end_of(closed, situation.text("at"))
    before = rng.integers(1, int(situation.number("minutes")) * 60 + 1, n)
    batch = draft.clock.elapsed(ends.astype("datetime64[s]")) - before
    fit = resolved & (batch >= rows.low)
    rows.move_closing(fit & (rng.random(n) < situation.number("share")), batch)
    return draft.put(rows)


def _end_of(closed: Integers, period: str) -> Integers:
    """The midnight that ends the day or the month of each finish."""
    if period == "day":
        return closed - closed % CALENDAR_DAY + CALENDAR_DAY
    month = closed.astype("datetime64[s]").astype("datetime64[M]")
    return seconds_of((month + 1).astype("datetime64[D]"))


def _has_slot(rows: Rows) -> Booleans:
    """Whether a further supplement can be told of: at most two, the last one answered."""
    first = rows.codes["wait1"] == NO_WAIT
    again = (rows.work["wait1_to"] < NEVER) & (rows.codes["wait2"] == NO_WAIT)
    return first | again


def _supplement(
    rows: Rows, chosen: Booleans, begun: Integers, ended: Integers, due: Integers
) -> None:
    """Enter a supplement in the first free place; the new date is the close of the day `due`."""
    known = np.minimum(np.where(chosen, due, 1), rows.clock.last)
    moved = seconds_of(rows.clock.closing(rows.clock.moment_at(known)))
    is_first = rows.codes["wait1"] == NO_WAIT
    for number, here in ((1, chosen & is_first), (2, chosen & ~is_first)):
        wait = f"wait{number}"
        rows.work[f"{wait}_from"] = np.where(here, begun, rows.work[f"{wait}_from"])
        rows.work[f"{wait}_to"] = np.where(here, ended, rows.work[f"{wait}_to"])
        rows.dues[f"due{number}"] = np.where(here, moved, rows.dues[f"due{number}"])
        rows.codes[wait] = np.where(here, SUPPLEMENT, rows.codes[wait]).astype(np.int8)
