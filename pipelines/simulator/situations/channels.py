"""Dossiers that come over another channel than they would have."""

from __future__ import annotations

import numpy as np

from pipelines.simulator.course import ONLINE, draw_submissions
from pipelines.simulator.plan import IN_PERSON
from pipelines.simulator.situations.draft import Draft, Rows
from pipelines.simulator.trends import Floats
from pipelines.worktime.vectorised import Booleans, Integers

_TINY = 1e-9


def turn_online(
    rng: np.random.Generator,
    draft: Draft,
    rows: Rows,
    points: Floats,
    group: Integers,
    opened: Integers,
) -> None:
    """Turn so many that the share received online rises by `points` (of each row, -1 to 1).

    The share there is counts by `group`; `opened` is when a row's unit takes its first
    submission, in epoch seconds. Receptions stay where they are: what is now online was
    submitted before, what is not is submitted as it is received.
    """
    channel = rows.codes["channel"]
    is_online = channel == ONLINE
    size = int(group.max(initial=0)) + 1
    n = np.bincount(group, minlength=size)
    share = (np.bincount(group[is_online], minlength=size) / np.maximum(n, 1))[group]
    room = np.where(points > 0, 1 - share, share)
    fit: Booleans = is_online != (points > 0)
    turned = fit & (rng.random(group.size) < np.abs(points) / np.maximum(room, _TINY))
    accepted = rows.work["accepted"]
    submitted = draw_submissions(
        rng, rows.clock, accepted, turned & ~is_online, opened.astype("datetime64[s]")
    )
    other = np.where(is_online, IN_PERSON, ONLINE).astype(np.int8)
    rows.codes["channel"] = np.where(turned, other, channel)
    told = draft.moments["submitted"]
    told[rows.index] = np.where(turned, submitted, told[rows.index])
