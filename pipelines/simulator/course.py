"""The course of a dossier: what happens when. One row a dossier, every moment a column.

The generator knows here what really happened; records and truth are two ways of telling it.
Moments are whole seconds of local time since 1970 (`int64`), `NEVER` where a thing does not
happen by the end of the simulated time. Everything but submissions falls into working time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipelines.simulator.trends import LATE, ON_THE_DAY, Floats, share_at
from pipelines.simulator.waits import DAY, HOUR, NEVER, Waits, draw_waits, seconds_of
from pipelines.worktime.vectorised import Booleans, Integers, Moments, WorkClock

RESOLVED, WITHDRAWN, REFUSED, STOPPED, NOT_ACCEPTED, STUCK = range(6)
ONLINE = 2

_OUTCOME_SHARES = {WITHDRAWN: 0.005, REFUSED: 0.006, STOPPED: 0.002, STUCK: 0.0006}
NOT_ACCEPTED_SHARE = 0.012
_NO_DUE_SHARE = 0.005
_NEVER_RETURNED_SHARE = 0.003
_GIVEN_UP_SHARE, _WITHDRAWN_SHARE = 0.7, 0.6  # of unanswered supplements; of those given up
_AT_NIGHT_SHARE = 0.33
_RETURNED_AT_ONCE_SHARE = 0.62
_TO_THE_SECOND_SHARE = 0.0008
_APPRAISED_SHARE, _APPROVED_SHARE = 0.72, 0.42

# in the order in which they happen
EVENTS = (
    "submitted", "not_accepted", "accepted", "transferred", "wait1_from", "wait1_to",
    "wait2_from", "wait2_to", "appraised", "approved", "closed", "returned",
)  # fmt: skip


@dataclass
class Course:
    """Columns of equal length. `due` was sent at acceptance, `due1`, `due2` after the waits."""

    outcome: npt.NDArray[np.int8]
    events: dict[str, Integers]
    wait1: npt.NDArray[np.int8]
    wait2: npt.NDArray[np.int8]
    due: Integers
    due1: Integers
    due2: Integers
    due_last: Integers = field(init=False)

    def __post_init__(self) -> None:
        """The last due date sent: NgayHenTraMoi where there is one, else NgayHenTra."""
        self.due_last = np.where(
            self.due2 < NEVER, self.due2, np.where(self.due1 < NEVER, self.due1, self.due)
        )


@dataclass(frozen=True)
class Demand:
    """What is known of the dossiers before they begin; `may_wait` is off for plain shops."""

    days: Moments
    opened: Moments  # first moment at which the shop takes submissions
    channel: npt.NDArray[np.int8]
    term_value: Integers
    term_unit: Integers
    lateness: Floats  # factor of the shop
    may_wait: Booleans


def draw_course(rng: np.random.Generator, clock: WorkClock, demand: Demand, end: int) -> Course:
    """Draw what happens to each dossier up to `end` (epoch seconds, inclusive)."""
    n = demand.days.size
    online = demand.channel == ONLINE
    accepted = clock.elapsed(demand.days) + rng.integers(60, DAY - 600, n)
    submitted = draw_submissions(rng, clock, accepted, online, demand.opened)
    outcome = _outcomes(rng, online)
    short = (demand.term_unit == 0) | (demand.term_value == 0)
    moment = clock.moment_at(accepted)
    due = clock.due_dates(moment, demand.term_value, demand.term_unit)
    # a term in hours is sent as an exact minute
    due = np.where(short & (demand.term_unit == 0), due.astype("datetime64[m]"), due)
    due = due.astype("datetime64[s]")
    without_due = rng.random(n) < _NO_DUE_SHARE
    able = demand.may_wait & ~short & ~without_due & (outcome == RESOLVED)
    waits = draw_waits(rng, clock, accepted, due, able)
    closed = _closings(rng, clock, demand, accepted, due, waits, outcome)
    closed = np.where(outcome == STUCK, NEVER, closed)
    stops = waits.unanswered & (rng.random(n) < _GIVEN_UP_SHARE)
    outcome = np.where(
        stops, np.where(rng.random(n) < _WITHDRAWN_SHARE, WITHDRAWN, STOPPED), outcome
    )
    begun = np.where(waits.kind2 > 0, waits.from2, waits.from1)
    closed = np.where(stops, begun + rng.integers(5 * DAY, 40 * DAY, n), closed)
    closed = np.where(waits.unanswered & ~stops, NEVER, closed)
    inside = _inside_steps(rng, accepted, closed, waits)
    quick = rng.random(n) < _RETURNED_AT_ONCE_SHARE
    gap = np.where(quick, rng.integers(120, 1500, n), rng.exponential(8 * HOUR, n) + 1800)
    returned = np.where(
        (closed < NEVER) & (outcome == RESOLVED) & (rng.random(n) >= _NEVER_RETURNED_SHARE),
        closed + gap.astype(np.int64), NEVER,
    )  # fmt: skip
    refused_at_once = outcome == NOT_ACCEPTED
    in_work: dict[str, Integers] = {
        "not_accepted": np.where(refused_at_once, accepted, NEVER),
        "accepted": np.where(refused_at_once, NEVER, accepted),
        "transferred": inside[0],
        "wait1_from": waits.from1, "wait1_to": waits.to1,
        "wait2_from": waits.from2, "wait2_to": waits.to2,
        "appraised": inside[1], "approved": inside[2], "closed": closed, "returned": returned,
    }  # fmt: skip
    for name in tuple(in_work)[2:]:
        in_work[name] = np.where(refused_at_once, NEVER, in_work[name])
    times = {"submitted": submitted}
    times |= {name: _to_seconds(clock, when) for name, when in in_work.items()}
    exact = (outcome == RESOLVED) & (rng.random(n) < _TO_THE_SECOND_SHARE) & (waits.kind1 == 0)
    due_seconds = seconds_of(due)
    possible = exact & (due_seconds > times["accepted"] + 60) & (times["closed"] <= due_seconds)
    times["closed"] = np.where(possible, due_seconds, times["closed"])
    too_soon = possible & (times["returned"] <= due_seconds)
    times["returned"] = np.where(too_soon, NEVER, times["returned"])
    _order(times, end)
    wanted = ~without_due & (times["accepted"] < NEVER)
    return Course(
        outcome=outcome.astype(np.int8),
        events=times,
        wait1=np.where(times["wait1_from"] < NEVER, waits.kind1, 0).astype(np.int8),
        wait2=np.where(times["wait2_from"] < NEVER, waits.kind2, 0).astype(np.int8),
        due=np.where(wanted, due_seconds, NEVER),
        due1=np.where(times["wait1_to"] < NEVER, waits.due1, NEVER),
        due2=np.where(times["wait2_to"] < NEVER, waits.due2, NEVER),
    )


def draw_submissions(
    rng: np.random.Generator,
    clock: WorkClock,
    accepted: Integers,
    online: Booleans,
    opened: Moments,
) -> Integers:
    """Online: some working hours before acceptance, a third at night or on days off."""
    n = accepted.size
    delay = np.minimum(rng.exponential(2.5 * HOUR, n) + 120, 3 * DAY).astype(np.int64)
    worked = clock.moment_at(np.maximum(accepted - delay, 1))
    opens = clock.opening(worked)
    closed_before = clock.moment_at(clock.elapsed(opens))
    gap = seconds_of(opens) - seconds_of(closed_before)
    at_night = seconds_of(closed_before) + (rng.random(n) * (gap - 60)).astype(np.int64) + 30
    when = np.where(rng.random(n) < _AT_NIGHT_SHARE, at_night, seconds_of(worked))
    first = seconds_of(opened) + rng.integers(30, 6 * HOUR, n)
    when = np.maximum(when, np.minimum(first, seconds_of(clock.moment_at(accepted)) - 60))
    return np.where(online, when, seconds_of(clock.moment_at(accepted)))


def _outcomes(rng: np.random.Generator, online: Booleans) -> npt.NDArray[np.int8]:
    chance = rng.random(online.size)
    edges = np.cumsum(list(_OUTCOME_SHARES.values()))
    kinds = np.array([*_OUTCOME_SHARES, RESOLVED], dtype=np.int8)
    drawn = kinds[np.searchsorted(edges, chance, side="right")]
    unfit = online & (rng.random(online.size) < NOT_ACCEPTED_SHARE)
    return np.where(unfit, NOT_ACCEPTED, drawn).astype(np.int8)


def _closings(
    rng: np.random.Generator,
    clock: WorkClock,
    demand: Demand,
    accepted: Integers,
    due: Moments,
    waits: Waits,
    outcome: npt.NDArray[np.int8],
) -> Integers:
    """The moment of closing in working seconds: early, on the day or late as drawn."""
    n = accepted.size
    due_day = waits.due.astype("datetime64[D]")
    day_opens = clock.elapsed(due_day)
    low = np.maximum(accepted, waits.last_end) + 300
    is_hours = demand.term_unit == 0
    day_ends = np.where(is_hours, day_opens + DAY - 60, clock.elapsed(waits.due))
    chance, place = rng.random(n), rng.beta(1.7, 1.5, n)
    late = share_at(LATE, demand.days) * demand.lateness
    on_day = share_at(ON_THE_DAY, demand.days)
    early_at = low + ((day_opens - 1 - low) * place).astype(np.int64)
    first = np.maximum(low, day_opens + 1)
    on_day_at = first + ((day_ends - first) * place).astype(np.int64)
    late_at = day_opens + DAY + 600 + rng.exponential(4 * DAY, n).astype(np.int64)
    late_at = np.maximum(late_at, low)
    is_early = (chance >= late + on_day) & (day_opens - 1 > low)
    is_on_day = ~is_early & (chance >= late) & (day_ends > first)
    resolved = np.where(is_early, early_at, np.where(is_on_day, on_day_at, late_at))
    span = np.maximum(clock.elapsed(due) - low, HOUR)
    ended = low + (span * rng.uniform(0.1, 0.8, n)).astype(np.int64)
    return np.where(outcome == RESOLVED, resolved, ended)


def _inside_steps(
    rng: np.random.Generator, accepted: Integers, closed: Integers, waits: Waits
) -> tuple[Integers, Integers, Integers]:
    """Transfer, appraisal and approval between acceptance and closing (or in an open case)."""
    n = accepted.size
    horizon = np.where(closed < NEVER, closed, accepted + 10 * DAY)
    first_stop = np.minimum(horizon, waits.from1)
    transferred = accepted + np.minimum(rng.integers(120, 5400, n), (first_stop - accepted) // 3)
    base = np.where(waits.last_end > 0, waits.last_end, transferred)
    room = np.maximum(horizon - base, 3)
    appraised = base + (room * rng.uniform(0.25, 0.6, n)).astype(np.int64)
    approved = base + (room * rng.uniform(0.7, 0.97, n)).astype(np.int64)
    happens = ~waits.unanswered & (rng.random(n) < _APPRAISED_SHARE)
    approves = ~waits.unanswered & (rng.random(n) < _APPROVED_SHARE) & (closed < NEVER)
    return transferred, np.where(happens, appraised, NEVER), np.where(approves, approved, NEVER)


def _to_seconds(clock: WorkClock, worked: Integers) -> Integers:
    """Working seconds as epoch seconds; what lies past the calendar never happens."""
    last = clock.last
    known = worked < last
    return np.where(known, seconds_of(clock.moment_at(np.where(known, worked, 1))), NEVER)


def _order(times: dict[str, Integers], end: int) -> None:
    """Events follow each other by at least a second; what lies past `end` never happens.

    Handed in at the counter, a dossier is submitted and accepted at the same second.
    """
    last = np.where(times["submitted"] == times["accepted"], 0, times["submitted"])
    for name in EVENTS[1:]:
        pushed = np.maximum(times[name], last + 1)
        times[name] = np.where((times[name] < NEVER) & (pushed <= end), pushed, NEVER)
        last = np.where(times[name] < NEVER, times[name], last)
    times["submitted"] = np.where(times["submitted"] <= end, times["submitted"], NEVER)
