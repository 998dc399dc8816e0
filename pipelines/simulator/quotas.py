"""Quotas: published shares met to the last dossier, whatever the seed and the size.

A plan is drawn by trends that come near the published shares; here the last few dossiers are
turned so that the counts agree. Three steps, since the parts of a province are drawn apart:
`tally` counts a part, `allocate` divides what is missing among the parts, `turn` changes that
many dossiers, chosen by chance. The cells of all quotas are disjoint and no change touches the
count of another, so that the order does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.simulator.course import EVENTS, NOT_ACCEPTED, ONLINE, RESOLVED
from pipelines.simulator.plan import (
    DIGITS_ALL,
    DIGITS_FIRST,
    DIGITS_NONE,
    ELECTRONIC,
    IN_PERSON,
    NO_PAYMENT,
    NOT_PAID_ONLINE,
    ON_PAPER,
    VIA_GATEWAY,
    VIA_PORTAL,
)
from pipelines.simulator.published import COUNTED_UNTIL, FIRST_DAY, Quota, quotas

# dossiers may be turned away after all only in years that no share was published for
_TURNED_AWAY_UNTIL = date(2023, 12, 31)
_HANDED_IN_BEFORE = timedelta(minutes=20)

_ANCHOR = {
    "digitized": "accepted",
    "electronic": "closed",
    "online": "accepted",
    "paid_online": "accepted",
}


@dataclass(frozen=True)
class Tally:
    """Counts of one part: per quota those that count, that bear the mark, and in the cell those
    with and without it; dossiers received in the published years and those that may be turned
    away."""

    counted: tuple[int, ...]
    marked: tuple[int, ...]
    with_mark: tuple[int, ...]
    without_mark: tuple[int, ...]
    received: int
    refusable: int


@dataclass(frozen=True)
class Turns:
    """How many dossiers of a part to turn: per quota to the mark (> 0) or from it (< 0)."""

    marks: tuple[int, ...]
    away: int


def tally(plan: pl.DataFrame) -> Tally:
    """Count a part of the plan (see `draw_plan`)."""
    counts: list[pl.Expr] = []
    for number, quota in enumerate(quotas()):
        base, marked = _counts_for(quota.mark), _bears(quota.mark)
        inside = base & _between(_ANCHOR[quota.mark], quota.first, quota.last)
        cell = base & _between(_ANCHOR[quota.mark], quota.adjusted_from, quota.last)
        counts += [
            inside.sum().alias(f"counted{number}"),
            (inside & marked).sum().alias(f"marked{number}"),
            (cell & marked).sum().alias(f"with{number}"),
            (cell & ~marked).sum().alias(f"without{number}"),
        ]
    counts += [
        _between("accepted", FIRST_DAY, COUNTED_UNTIL).sum().alias("received"),
        _refusable().sum().alias("refusable"),
    ]
    row = plan.select(counts).row(0, named=True)

    def each(name: str) -> tuple[int, ...]:
        return tuple(int(row[f"{name}{number}"]) for number in range(len(quotas())))

    return Tally(
        counted=each("counted"),
        marked=each("marked"),
        with_mark=each("with"),
        without_mark=each("without"),
        received=int(row["received"]),
        refusable=int(row["refusable"]),
    )


def allocate(tallies: list[Tally], received: int) -> list[Turns]:
    """What each part has to turn so that the whole meets its quotas and receives `received`.

    Turns are spread by what a part has to offer, in whole dossiers (largest remainder).
    """
    marks: list[list[int]] = [[] for _ in tallies]
    turned: dict[tuple[str, date], int] = {}
    for number, quota in enumerate(quotas()):
        wanted = round(quota.share * sum(t.counted[number] for t in tallies))
        missing = wanted - sum(t.marked[number] for t in tallies)
        # an earlier quota of the same mark has turned dossiers of this one's period
        missing -= sum(
            n
            for (mark, last), n in turned.items()
            if mark == quota.mark and quota.first <= last < quota.adjusted_from
        )
        on_offer = [t.without_mark[number] if missing > 0 else t.with_mark[number] for t in tallies]
        parts = spread(abs(missing), on_offer)
        turned[quota.mark, quota.last] = sum(parts) if missing > 0 else -sum(parts)
        for mine, part in zip(marks, parts, strict=True):
            mine.append(part if missing > 0 else -part)
    surplus = max(0, sum(t.received for t in tallies) - received)
    away = spread(surplus, [t.refusable for t in tallies])
    return [Turns(tuple(m), a) for m, a in zip(marks, away, strict=True)]


def spread(total: int, room: list[int]) -> list[int]:
    """`total` divided in proportion to `room`, never more than it, in whole numbers."""
    size = sum(room)
    total = min(total, size)
    if not total:
        return [0] * len(room)
    exact = np.array(room, dtype=np.float64) * (total / size)
    parts = np.floor(exact).astype(np.int64)
    rest = total - int(parts.sum())
    order = np.lexsort((np.arange(len(room)), -(exact - parts)))
    parts[order[:rest]] += 1
    return [int(part) for part in parts]


def turn(rng: np.random.Generator, plan: pl.DataFrame, turns: Turns) -> pl.DataFrame:
    """The plan with as many dossiers turned as `turns` says, chosen by chance."""
    for quota, count in zip(quotas(), turns.marks, strict=True):
        if not count:
            continue
        inside = _counts_for(quota.mark) & _between(
            _ANCHOR[quota.mark], quota.adjusted_from, quota.last
        )
        marked = _bears(quota.mark)
        chosen = _choose(rng, plan, inside & (~marked if count > 0 else marked), abs(count))
        plan = plan.with_columns(_turned(rng, plan.height, quota, chosen, to_mark=count > 0))
    if turns.away:
        chosen = _choose(rng, plan, _refusable(), turns.away)
        plan = plan.with_columns(_turned_away(chosen))
    return plan


def _choose(rng: np.random.Generator, plan: pl.DataFrame, able: pl.Expr, count: int) -> pl.Series:
    rows = plan.select(able.arg_true()).to_series().to_numpy()
    mask = np.zeros(plan.height, dtype=np.bool_)
    mask[rng.permutation(rows)[:count]] = True
    return pl.Series("chosen", mask)


def _between(anchor: str, first: date, last: date) -> pl.Expr:
    return pl.col(anchor).dt.date().is_between(first, last).fill_null(value=False)


def _is_resolved() -> pl.Expr:
    return (pl.col("outcome") == RESOLVED) & pl.col("closed").is_not_null()


def _counts_for(mark: str) -> pl.Expr:
    if mark == "electronic":
        return _is_resolved() & (pl.col("result") > 0)
    accepted = pl.col("accepted").is_not_null()
    return accepted & (pl.col("payment") != NO_PAYMENT) if mark == "paid_online" else accepted


def _bears(mark: str) -> pl.Expr:
    if mark == "digitized":
        return pl.col("digits").is_in([DIGITS_ALL, DIGITS_FIRST])
    if mark == "electronic":
        return pl.col("result") == ELECTRONIC
    if mark == "online":
        return pl.col("channel") == ONLINE
    return pl.col("payment").is_in([VIA_PORTAL, VIA_GATEWAY])


def _turned(
    rng: np.random.Generator, height: int, quota: Quota, chosen: pl.Series, *, to_mark: bool
) -> list[pl.Expr]:
    def put(name: str, value: int) -> pl.Expr:
        return pl.when(chosen).then(pl.lit(value, dtype=pl.Int8)).otherwise(name).alias(name)

    if quota.mark == "digitized":
        return [put("digits", DIGITS_ALL if to_mark else DIGITS_NONE)]
    if quota.mark == "electronic":
        return [put("result", ELECTRONIC if to_mark else ON_PAPER)]
    if quota.mark == "paid_online":
        return [put("payment", VIA_PORTAL if to_mark else NOT_PAID_ONLINE)]
    # handed in at the counter a dossier is accepted at once; online a little before
    before = pl.Series(rng.integers(120, int(_HANDED_IN_BEFORE.total_seconds()), height))
    earlier = pl.col("accepted") - pl.duration(seconds=pl.lit(before))
    submitted = earlier.dt.cast_time_unit("ms") if to_mark else pl.col("accepted")
    return [
        put("channel", ONLINE if to_mark else IN_PERSON),
        pl.when(chosen).then(submitted).otherwise("submitted").alias("submitted"),
    ]


def _refusable() -> pl.Expr:
    early_enough = _between("accepted", FIRST_DAY, _TURNED_AWAY_UNTIL)
    over = pl.col("closed").dt.date() <= _TURNED_AWAY_UNTIL
    return (pl.col("channel") == ONLINE) & early_enough & over.fill_null(value=False)


def _turned_away(chosen: pl.Series) -> list[pl.Expr]:
    """Not accepted at the moment at which they would have been: nothing follows."""
    never = pl.lit(None, dtype=pl.Datetime("ms"))
    after = [*(name for name in EVENTS if name not in ("submitted", "not_accepted"))]
    after += ["due", "due1", "due2", "due_last"]
    kinds = {"outcome": NOT_ACCEPTED, "wait1": 0, "wait2": 0, "result": 0}
    return [
        pl.when(chosen).then("accepted").otherwise("not_accepted").alias("not_accepted"),
        *(pl.when(chosen).then(never).otherwise(name).alias(name) for name in after),
        *(
            pl.when(chosen).then(pl.lit(value, dtype=pl.Int8)).otherwise(name).alias(name)
            for name, value in kinds.items()
        ),
    ]
