"""Ways to manage reception and acceptance: what each leaves in the records."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulator.course import ONLINE, WITHDRAWN
from pipelines.simulator.plan import IN_PERSON
from pipelines.simulator.situations.draft import Codes, Draft, Rows
from pipelines.simulator.situations.ground import Ground
from pipelines.simulator.situations.model import Situation
from pipelines.simulator.waits import DAY, HOUR, NEVER, NO_WAIT, seconds_of
from pipelines.worktime.vectorised import UNITS, Integers

TOLD_FROM, REENTERED = "told_from", "reentered"
_BEFORE_OPENING = 60


def plant_slow_acceptance(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """Online submissions answered `hours` to twice as many working hours after they came.

    The submission lies earlier, the answer and all after it where they were: deadlines, which
    run from acceptance, see nothing of it. Only where the unit was open by then.
    """
    index = draft.marked
    index = index[(draft.codes["channel"][index] == ONLINE) & (draft.answered[index] < NEVER)]
    submitted = draft.moments["submitted"][index]
    answered = draft.clock.elapsed(draft.answered[index].astype("datetime64[s]"))
    delay = situation.number("hours") * HOUR * (1 + rng.random(index.size))
    sent = answered - delay.astype(np.int64)
    opens = ground.opens[draft.unit[index]].astype("datetime64[s]")
    fit = sent > draft.clock.elapsed(opens) + _BEFORE_OPENING
    earlier = np.minimum(draft.seconds(np.maximum(sent, 1)), submitted)
    chosen = fit & (rng.random(index.size) < situation.number("share"))
    draft.moments["submitted"][index] = np.where(chosen, earlier, submitted)
    return int((chosen & (earlier < submitted)).sum())


def plant_backdated_reception(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """Online submissions really accepted `days` working days later than their NgayTiepNhan.

    The recorded reception keeps the 8 hours; what cannot be back-dated is when the system told
    of it (`told_from`, for `tell_situations`) and the next step, which follows the real one.
    Dossiers without waits whose finish leaves room: no deadline class changes.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    real = rows.work["accepted"] + int(situation.number("days")) * DAY
    moment = draft.seconds(real)
    until = np.minimum(ground.receives_until[draft.unit[rows.index]], draft.end)
    fit = (draft.codes["channel"][rows.index] == ONLINE) & (moment <= until)
    fit &= (rows.codes["wait1"] == NO_WAIT) & (rows.work["closed"] > real + HOUR)
    chosen = fit & (rng.random(n) < situation.number("share"))
    transferred = real + rng.integers(120, HOUR // 2, n)
    rows.work["transferred"] = np.where(chosen, transferred, rows.work["transferred"])
    rows.redo_steps(rng, chosen)
    told = np.full(draft.height, NEVER)
    if TOLD_FROM in draft.frame.columns:
        told = draft.frame[TOLD_FROM].dt.epoch("s").fill_null(NEVER).to_numpy().copy()
    told[rows.index] = np.where(chosen, moment, told[rows.index])
    seconds = pl.Series(TOLD_FROM, told)
    draft.frame = draft.frame.with_columns(
        pl.when(seconds < NEVER).then(seconds * 1000).cast(pl.Datetime("ms")).alias(TOLD_FROM)
    )
    return draft.put(rows)


def plant_withdraw_and_reenter(
    rng: np.random.Generator, draft: Draft, situation: Situation, ground: Ground
) -> int:
    """Dossiers that would be late are withdrawn before the due moment and handed in anew.

    The old one ends as withdrawn by the applicant (7) in the last working hours before its date;
    minutes later the same procedure is received at the same counter, with a term of its own and
    the finish that the old one would have had. `reentered` marks the new ones.
    """
    rows = draft.rows(draft.marked)
    n = rows.index.size
    withdrawn = rows.due_work - rng.integers(HOUR // 2, DAY, n)
    again = withdrawn + rng.integers(300, HOUR // 2, n)
    open_then = draft.seconds(again) <= ground.receives_until[draft.unit[rows.index]]
    chosen = rows.is_late & (withdrawn > rows.low) & open_then
    chosen &= rng.random(n) < situation.number("share")
    here = draft.rows(rows.index[chosen])
    copies = draft.append(here.index)
    anew = _handed_in_anew(rng, draft, ground, copies, again[chosen])
    _withdraw(here, withdrawn[chosen])
    marks = np.zeros(draft.height, dtype=np.bool_)
    if REENTERED in draft.frame.columns:
        marks = draft.frame[REENTERED].to_numpy().copy()
    marks[copies] = True
    draft.frame = draft.frame.with_columns(pl.Series(REENTERED, marks))
    draft.put(anew)
    return draft.put(here)


def _withdraw(rows: Rows, at: Integers) -> None:
    """End dossiers as withdrawn; steps that would have come later do not."""
    for name in ("appraised", "approved"):
        when = rows.work[name]
        rows.work[name] = np.where(when < at, when, NEVER)
    rows.work["closed"] = at
    rows.work["returned"] = np.full(at.size, NEVER)
    rows.codes["outcome"] = _codes(at.size, WITHDRAWN)


def _handed_in_anew(
    rng: np.random.Generator, draft: Draft, ground: Ground, copies: Integers, again: Integers
) -> Rows:
    """The copies as dossiers of their own: in person, no waits, due by their own term."""
    moment = draft.seconds(again)
    draft.codes["channel"][copies] = IN_PERSON
    for name in ("submitted", "accepted"):
        draft.moments[name][copies] = moment
    rows = draft.rows(copies)
    catalogue = ground.province.catalogue
    procedure = draft.procedure[copies]
    term = catalogue["term_value"].to_numpy()[procedure]
    positions = {name: position for position, name in enumerate(UNITS)}
    unit = catalogue["term_unit"].replace_strict(positions, return_dtype=pl.Int64).to_numpy()
    unit = unit[procedure]
    due = draft.clock.due_dates(moment.astype("datetime64[s]"), term, unit)
    rows.dues["due"] = seconds_of(np.where(unit == 0, due.astype("datetime64[m]"), due))
    n = copies.size
    for number in (1, 2):
        rows.codes[f"wait{number}"] = _codes(n, NO_WAIT)
        rows.dues[f"due{number}"] = np.full(n, NEVER)
        for edge in ("from", "to"):
            rows.work[f"wait{number}_{edge}"] = np.full(n, NEVER)
    rows.work["transferred"] = again + rng.integers(120, HOUR // 2, n)
    rows.move_closing(np.ones(n, dtype=np.bool_), rows.work["closed"])
    rows.redo_steps(rng, np.ones(n, dtype=np.bool_))
    return rows


def _codes(n: int, value: int) -> Codes:
    return np.full(n, value, dtype=np.int8)
