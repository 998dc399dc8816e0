"""What a group of dossiers looks like, in counts that add up: before a situation and after."""

from __future__ import annotations

import numpy as np

from pipelines.simulator.course import ONLINE, WITHDRAWN
from pipelines.simulator.situations.draft import IN_WORK, Draft, Rows
from pipelines.simulator.situations.model import Counts
from pipelines.simulator.waits import DAY, HOUR, NEVER, SUPPLEMENT
from pipelines.worktime.vectorised import Integers

_LAST_HOURS, _LAST_MINUTES = 4, 5
_ANSWER_HOURS = 8  # Decision 766: an online submission is answered within 8 working hours
_LATE_IN_TERM = 0.9


def measure(draft: Draft, index: Integers) -> Counts:
    """Counts and sums of working seconds of some rows.

    `finished_in_last_hours`: within the 4 working hours up to the due moment;
    `finished_in_last_minutes`: within the last 5 minutes of a working day; `late` by date
    (`ii06a`); `late_supplements`: asked for when 90 % of the first term had passed.
    """
    rows = draft.rows(index)
    work = rows.work
    resolved = rows.is_resolved
    with_due = resolved & rows.has_due
    closed, due = work["closed"], rows.due_work
    answered = draft.answered[index]
    submitted = draft.moments["submitted"][index]
    online = (draft.codes["channel"][index] == ONLINE) & (answered < NEVER)
    delay = draft.clock.between(
        submitted[online].astype("datetime64[s]"), answered[online].astype("datetime64[s]")
    )
    near_due = with_due & (closed >= due - _LAST_HOURS * HOUR) & (closed <= due)
    # the day's end is a multiple of a full day
    to_day_end = (DAY - closed % DAY) % DAY
    asked = [rows.codes[f"wait{number}"] == SUPPLEMENT for number in (1, 2)]
    return {
        "dossiers": int(index.size),
        "accepted": int(rows.index.size),
        "received_online": int((rows.codes["channel"] == ONLINE).sum()),
        "resolved": int(resolved.sum()),
        "resolved_with_due": int(with_due.sum()),
        "late": int(rows.is_late.sum()),
        "withdrawn": int(((rows.codes["outcome"] == WITHDRAWN) & (closed < NEVER)).sum()),
        "finished_in_last_hours": int(near_due.sum()),
        "finished_in_last_minutes": int((resolved & (to_day_end <= _LAST_MINUTES * 60)).sum()),
        "dates_moved": int((rows.has_due & (rows.due_last != rows.dues["due"])).sum()),
        "supplements": int(asked[0].sum() + asked[1].sum()),
        "late_supplements": _late_supplements(rows),
        "answered_online": int(online.sum()),
        "answered_late": int((delay > _ANSWER_HOURS * HOUR).sum()),
        "finish_seconds": int((closed - work["accepted"])[resolved].sum()),
        "answer_seconds": int(delay.sum()),
    }


def count_active(draft: Draft, index: Integers, first: int, end: int) -> int:
    """How many of some dossiers have an event from `first` to before `end` (epoch seconds)."""
    happened = np.zeros(index.size, dtype=np.bool_)
    for name in ("submitted", "not_accepted", *IN_WORK):
        moment = draft.moments[name][index]
        happened |= (moment >= first) & (moment < end)
    return int(happened.sum())


def _late_supplements(rows: Rows) -> int:
    """First requests of a dossier with a term, when `_LATE_IN_TERM` of it had passed."""
    begun, accepted = rows.work["wait1_from"], rows.work["accepted"]
    due = np.where(rows.dues["due"] < NEVER, rows.dues["due"], 0)
    known = (rows.codes["wait1"] == SUPPLEMENT) & (begun < NEVER) & (due > 0)
    ends = rows.clock.elapsed(due[known].astype("datetime64[s]"))
    begun, accepted = begun[known], accepted[known]
    return int((begun - accepted >= _LATE_IN_TERM * (ends - accepted)).sum())
