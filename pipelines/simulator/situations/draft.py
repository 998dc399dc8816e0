"""A plan being changed: moments as whole seconds, and the rules that every change must keep.

Changes are made in working seconds on the rows concerned (`Rows`), so that whatever is moved
stays in working time; `Draft.put` then restores the order of events (at least a second
apart), cuts what lies past the end and clears what hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.simulator.course import EVENTS, RESOLVED
from pipelines.simulator.plan import NO_RESULT
from pipelines.simulator.waits import DAY, NEVER, seconds_of
from pipelines.worktime.vectorised import Booleans, Integers, Moments, WorkClock

Codes = npt.NDArray[np.int8]
CALENDAR_DAY = 86_400
IN_WORK = EVENTS[EVENTS.index("accepted") :]
DUES = ("due", "due1", "due2")
_CODES = ("channel", "outcome", "wait1", "wait2", "result")
_LEAST_WORK = 300  # working seconds between the last thing before and the finish


@dataclass
class Rows:
    """Some rows of a draft: events in working seconds (`NEVER` if absent), due dates in epoch.

    Columns are replaced, never written into: `drawn` still holds what the rows were.
    """

    clock: WorkClock
    index: Integers
    work: dict[str, Integers]
    dues: dict[str, Integers]
    codes: dict[str, Codes]
    drawn: dict[str, Integers] = field(init=False)

    def __post_init__(self) -> None:
        """Remember the events as they were."""
        self.drawn = dict(self.work)

    @property
    def is_resolved(self) -> Booleans:
        """Finished with a result to give, by the end of the simulated time."""
        return (self.codes["outcome"] == RESOLVED) & (self.work["closed"] < NEVER)

    @property
    def due_last(self) -> Integers:
        """The due date of record in epoch seconds."""
        return _last_due(self.dues)

    @property
    def has_due(self) -> Booleans:
        """Whether a due date was sent."""
        return self.due_last < NEVER

    @property
    def due_work(self) -> Integers:
        """The due moment in working seconds, `NEVER` without one."""
        return self._of_due(self.due_last)

    @property
    def due_opens(self) -> Integers:
        """The opening of the due day in working seconds, `NEVER` without one."""
        due = self.due_last
        return self._of_due(np.where(due < NEVER, due - due % CALENDAR_DAY, due))

    @property
    def base(self) -> Integers:
        """The last thing before the final work: transfer, or the end of the last wait."""
        last = _present(self.work["transferred"], self.work["accepted"])
        for name in ("wait1_to", "wait2_to"):
            last = _present(self.work[name], last)
        return last

    @property
    def low(self) -> Integers:
        """The earliest finish that the things before allow."""
        return self.base + _LEAST_WORK

    @property
    def is_late(self) -> Booleans:
        """Resolved on a day after the due day (`ii06a`)."""
        return self.is_resolved & self.has_due & (self.work["closed"] > self.due_opens + DAY)

    def move_closing(self, chosen: Booleans, closed: Integers) -> None:
        """Finish the chosen at `closed`; steps before keep their place, the return its gap."""
        work, base = self.work, self.base
        old = work["closed"]
        new = np.where(chosen, np.maximum(closed, self.low), old)
        stretch = np.where(chosen, new - base, 0) / np.maximum(np.where(chosen, old - base, 1), 1)
        for name in ("appraised", "approved"):
            here = chosen & (work[name] < NEVER)
            moved = base + (np.where(here, work[name] - base, 0) * stretch).astype(np.int64)
            work[name] = np.where(here, moved, work[name])
        work["returned"] = np.where(
            chosen & (work["returned"] < NEVER), new + work["returned"] - old, work["returned"]
        )
        work["closed"] = new

    def redo_steps(self, rng: np.random.Generator, chosen: Booleans) -> None:
        """Appraisal and approval of the chosen, where there are any, anew after `base`."""
        work, base, n = self.work, self.base, self.index.size
        horizon = np.where(work["closed"] < NEVER, work["closed"], base + 10 * DAY)
        room = np.maximum(horizon - base, 3)
        for name, low, high in (("appraised", 0.25, 0.6), ("approved", 0.7, 0.97)):
            placed = base + (room * rng.uniform(low, high, n)).astype(np.int64)
            work[name] = np.where(chosen & (work[name] < NEVER), placed, work[name])

    def _of_due(self, due: Integers) -> Integers:
        known = due < NEVER
        return np.where(known, self.clock.elapsed(_moments(np.where(known, due, _ANY))), NEVER)


# a moment inside every calendar, for look-ups whose answer is not used
_ANY = int(np.datetime64("2024-01-01", "s").astype(np.int64))


class Draft:
    """The columns of `draw_plan` without number and dossier_code, open to change."""

    def __init__(self, plan: pl.DataFrame, clock: WorkClock, until: date) -> None:
        """Take the plan apart; events after `until` 23:59:59 do not happen."""
        self.clock = clock
        self.end = int(np.datetime64(until, "s").astype(np.int64)) + CALENDAR_DAY - 1
        self._columns = plan.columns
        taken = (*EVENTS, *DUES, "due_last", *_CODES)
        self.frame = plan.drop(taken)
        self.moments: dict[str, Integers] = {
            name: plan[name].dt.epoch("s").fill_null(NEVER).to_numpy().copy()
            for name in (*EVENTS, *DUES)
        }
        self.codes: dict[str, Codes] = {name: plan[name].to_numpy().copy() for name in _CODES}
        self._marked: Booleans = np.zeros(plan.height, dtype=np.bool_)

    @property
    def height(self) -> int:
        """The number of dossiers."""
        return self.frame.height

    @property
    def unit(self) -> Integers:
        """The row of `province.units` of each dossier."""
        return self.frame["unit"].to_numpy().astype(np.int64)

    @property
    def procedure(self) -> Integers:
        """The row of the catalogue of each dossier."""
        return self.frame["procedure"].to_numpy().astype(np.int64)

    @property
    def answered(self) -> Integers:
        """Epoch seconds of acceptance or refusal, `NEVER` where there is none yet."""
        return np.minimum(self.moments["accepted"], self.moments["not_accepted"])

    def mark(self, chosen: Booleans) -> None:
        """Mark the dossiers in scope; the mark stays with a row and goes on to its copy."""
        self._marked = chosen

    @property
    def marked(self) -> Integers:
        """The rows in scope."""
        return np.flatnonzero(self._marked)

    def rows(self, index: Integers) -> Rows:
        """The accepted dossiers among some rows, in working seconds."""
        index = index[self.moments["accepted"][index] < NEVER]
        return Rows(
            clock=self.clock,
            index=index,
            work={name: self._worked(self.moments[name][index]) for name in IN_WORK},
            dues={name: self.moments[name][index] for name in DUES},
            codes={
                name: self.codes[name][index] for name in ("channel", "outcome", "wait1", "wait2")
            },
        )

    def put(self, rows: Rows) -> int:
        """Take changed rows over; returns how many dossiers are no longer what they were."""
        index = rows.index
        changed: Booleans = np.zeros(index.size, dtype=np.bool_)
        last = np.zeros(index.size, dtype=np.int64)
        for name in IN_WORK:
            told = self.moments[name][index]
            when = rows.work[name]
            present = when < NEVER
            when = np.where(present, np.maximum(when, last + 1), NEVER)
            last = np.where(present, when, last)
            moved = when != rows.drawn[name]
            moment = told.copy()
            moment[moved] = self.seconds(when[moved])
            moment = np.where(moment <= self.end, moment, NEVER)
            changed |= moment != told
            self.moments[name][index] = moment
        for name in DUES:
            changed |= self.moments[name][index] != rows.dues[name]
            self.moments[name][index] = rows.dues[name]
        for name, values in rows.codes.items():
            changed |= self.codes[name][index] != values
            self.codes[name][index] = values
        self._clear(index)
        return int(changed.sum())

    def append(self, index: Integers) -> Integers:
        """Copy rows to the end; returns the positions of the copies."""
        first = self.height
        self.frame = pl.concat([self.frame, self.frame[index]])
        for name, values in self.moments.items():
            self.moments[name] = np.concatenate((values, values[index]))
        for name, codes in self.codes.items():
            self.codes[name] = np.concatenate((codes, codes[index]))
        self._marked = np.concatenate((self._marked, self._marked[index]))
        return np.arange(first, self.height)

    def keep(self, kept: Booleans) -> None:
        """Drop the dossiers that are not kept."""
        self.frame = self.frame.filter(pl.Series(kept))
        self.moments = {name: values[kept] for name, values in self.moments.items()}
        self.codes = {name: codes[kept] for name, codes in self.codes.items()}
        self._marked = self._marked[kept]

    def seconds(self, worked: Integers) -> Integers:
        """Working seconds as epoch seconds; what lies past the calendar never happens."""
        known = worked < self.clock.last
        return np.where(known, seconds_of(self.clock.moment_at(np.where(known, worked, 1))), NEVER)

    def plan(self) -> pl.DataFrame:
        """The plan again, in order of submission; columns that were added come last."""
        moments = self.moments | {"due_last": _last_due(self.moments)}
        frame = self.frame.with_columns(
            *(pl.Series(name, values) for name, values in moments.items()),
            *(pl.Series(name, values) for name, values in self.codes.items()),
        ).with_columns(moment_of(name) for name in moments)
        added = [name for name in self.frame.columns if name not in self._columns]
        return frame.select(*self._columns, *added).sort(
            "submitted", "unit", "procedure", maintain_order=True
        )

    def _worked(self, seconds: Integers) -> Integers:
        known = seconds < NEVER
        return np.where(known, self.clock.elapsed(_moments(np.where(known, seconds, _ANY))), NEVER)

    def _clear(self, index: Integers) -> None:
        """What hangs on an event that does not happen does not happen either."""
        for number in (1, 2):
            wait, ended = f"wait{number}", self.moments[f"wait{number}_to"][index] < NEVER
            begun = self.moments[f"{wait}_from"][index] < NEVER
            self.codes[wait][index] = np.where(begun, self.codes[wait][index], 0)
            due = self.moments[f"due{number}"]
            due[index] = np.where(ended, due[index], NEVER)
        closed = self.moments["closed"][index] < NEVER
        resolved = closed & (self.codes["outcome"][index] == RESOLVED)
        self.codes["result"][index] = np.where(resolved, self.codes["result"][index], NO_RESULT)


def moment_of(name: str) -> pl.Expr:
    """Epoch seconds as a moment of the plan, null for `NEVER`."""
    return pl.when(pl.col(name) < NEVER).then(pl.col(name) * 1000).cast(pl.Datetime("ms"))


def _moments(seconds: Integers) -> Moments:
    return seconds.astype("datetime64[s]")


def _present(later: Integers, earlier: Integers) -> Integers:
    return np.where(later < NEVER, later, earlier)


def _last_due(dues: dict[str, Integers]) -> Integers:
    return _present(dues["due2"], _present(dues["due1"], dues["due"]))
