"""The centre's published partition of resolved dossiers: early, on time, late, to the dossier.

A few finishes are moved within the published period, in working time and between the events
around them, until the three classes by date (form II.06a) have their published shares.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulator.course import RESOLVED, WITHDRAWN
from pipelines.simulator.published import CentrePartition, centre_partition
from pipelines.simulator.waits import DAY, seconds_of
from pipelines.worktime.vectorised import Integers, Moments, WorkClock

EARLY, ON_TIME, LATE = "early", "on_time", "late"
_RETURN_AFTER = 900
_FEWEST = 3_600
_ROUNDS = 5


def settle_centre(
    rng: np.random.Generator, plan: pl.DataFrame, clock: WorkClock, centre_units: list[int]
) -> pl.DataFrame:
    """The plan with the published partition at the province's centre.

    Where a class cannot be filled (some hundred dossiers in all), it stays as near as it gets.
    """
    wanted = centre_partition()
    inside = _inside(wanted, centre_units)
    plan = _give_due_dates(plan, clock, inside)
    for _ in range(_ROUNDS):
        plan, targets = _fit_targets(rng, plan, inside, wanted)
        plan = _move_all(rng, plan, clock, inside, wanted, targets)
        stuck = _surplus(plan, inside, targets)
        if not stuck:
            break
        # what can be of no other class (due the same day, say) is withdrawn instead
        for kind, count in stuck.items():
            plan = _withdraw(rng, plan, _class(inside) == kind, count)
    return plan


def _surplus(plan: pl.DataFrame, inside: pl.Expr, targets: dict[str, int]) -> dict[str, int]:
    counts = plan.select((_class(inside) == kind).sum().alias(kind) for kind in targets).row(0)
    surplus = {kind: n - targets[kind] for kind, n in zip(targets, counts, strict=True)}
    return {kind: n for kind, n in surplus.items() if n > 0}


def _move_all(
    rng: np.random.Generator,
    plan: pl.DataFrame,
    clock: WorkClock,
    inside: pl.Expr,
    wanted: CentrePartition,
    targets: dict[str, int],
) -> pl.DataFrame:
    for kind in (LATE, ON_TIME, EARLY):
        for other in (EARLY, ON_TIME, LATE):
            classes = plan.select(_class(inside)).to_series()
            missing = targets[kind] - int((classes == kind).sum())
            count = min(missing, int((classes == other).sum()) - targets[other])
            if other != kind and count > 0:
                plan = _move(rng, plan, clock, inside, wanted, other, kind, count)
    return plan


def fitting_targets(total: int, wanted: CentrePartition) -> dict[str, int] | None:
    """Whole numbers that sum to `total`, each within a half of its share; None if there are none.

    Three shares that sum to 1 cannot be rounded for every total.
    """
    shares = {EARLY: wanted.early, ON_TIME: wanted.on_time, LATE: wanted.late}
    rounded = {kind: round(share * total) for kind, share in shares.items()}
    return rounded if sum(rounded.values()) == total else None


def _inside(wanted: CentrePartition, centre_units: list[int]) -> pl.Expr:
    closed = pl.col("closed").dt.date().is_between(wanted.first, wanted.last)
    at_centre = pl.col("unit").is_in(centre_units) & (pl.col("outcome") == RESOLVED)
    return at_centre & closed.fill_null(value=False)


def _class(inside: pl.Expr) -> pl.Expr:
    finish, due = pl.col("closed").dt.date(), pl.col("due_last").dt.date()
    kind = pl.when(finish < due).then(pl.lit(EARLY)).when(finish == due).then(pl.lit(ON_TIME))
    return pl.when(inside & due.is_not_null()).then(kind.otherwise(pl.lit(LATE)))


def _give_due_dates(plan: pl.DataFrame, clock: WorkClock, inside: pl.Expr) -> pl.DataFrame:
    """The three published shares sum to 100 %: no dossier is without a due date."""
    without = plan.select(inside & pl.col("due_last").is_null()).to_series()
    if not without.any():
        return plan
    closed = _moments(plan.filter(without)["closed"])
    due = clock.closing(clock.next_working_day(clock.next_working_day(closed)))
    return _put(plan, without, {"due": due, "due_last": due})


def _fit_targets(
    rng: np.random.Generator, plan: pl.DataFrame, inside: pl.Expr, wanted: CentrePartition
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Withdraw a dossier or two until the total can be divided by the published shares."""
    total = int(plan.select(inside.sum()).item())
    early = _class(inside) == EARLY
    for fewer in range(int(plan.select(early.sum()).item()) + 1):
        targets = fitting_targets(total - fewer, wanted)
        if targets is not None:
            return _withdraw(rng, plan, early, fewer), targets
    return plan, {EARLY: total, ON_TIME: 0, LATE: 0}


def _withdraw(
    rng: np.random.Generator, plan: pl.DataFrame, able: pl.Expr, count: int
) -> pl.DataFrame:
    if not count:
        return plan
    rows = rng.permutation(plan.select(able.arg_true()).to_series().to_numpy())
    mask = np.zeros(plan.height, dtype=np.bool_)
    mask[rows[:count]] = True
    chosen = pl.Series("chosen", mask)
    values = {"outcome": WITHDRAWN, "result": 0}
    return plan.with_columns(
        *(
            pl.when(chosen).then(pl.lit(value, dtype=pl.Int8)).otherwise(name).alias(name)
            for name, value in values.items()
        ),
        pl.when(~chosen).then("returned").alias("returned"),
    )


def _move(
    rng: np.random.Generator,
    plan: pl.DataFrame,
    clock: WorkClock,
    inside: pl.Expr,
    wanted: CentrePartition,
    source: str,
    target: str,
    count: int,
) -> pl.DataFrame:
    """Move the finish of up to `count` dossiers of one class so that they are of another."""
    rows = plan.select((_class(inside) == source).arg_true()).to_series()
    part = plan[rows]
    opens = clock.elapsed(_moments(part["due_last"]).astype("datetime64[D]"))
    before = pl.max_horizontal("accepted", "transferred", "wait1_to", "wait2_to")
    low = clock.elapsed(_moments(part.select(before).to_series())) + 120
    place = rng.uniform(0.3, 0.95, rows.len())
    closed: Integers
    if target == EARLY:
        closed = low + ((opens - 60 - low) * place).astype(np.int64)
        able = opens - low > _FEWEST
    elif target == ON_TIME:
        first = np.maximum(low, opens + 60)
        last = clock.elapsed(_moments(part["due_last"])) - 60
        closed = first + ((last - first) * place).astype(np.int64)
        able = last - first > _FEWEST
    else:
        closed = opens + DAY + 600 + (rng.exponential(2 * DAY, rows.len())).astype(np.int64)
        closed = np.minimum(closed, opens + 6 * DAY)
        able = closed > low
    moment = clock.moment_at(np.maximum(closed, 1))
    able &= moment.astype("datetime64[D]") >= np.datetime64(wanted.first)
    able &= moment.astype("datetime64[D]") <= np.datetime64(wanted.last)
    picked = rng.permutation(np.flatnonzero(able))[:count]
    chosen = np.zeros(plan.height, dtype=np.bool_)
    chosen[rows.to_numpy()[np.sort(picked)]] = True
    mask = pl.Series("chosen", chosen)
    finish = moment[np.sort(picked)]
    later = clock.moment_at(clock.elapsed(finish) + _RETURN_AFTER)
    moved = _put(plan, mask, {"closed": finish})
    has_return = mask & plan["returned"].is_not_null()
    kept = plan.filter(mask)["returned"].is_not_null().to_numpy()
    moved = _put(moved, has_return, {"returned": later[kept]})
    # what lies inside the office comes before the finish, or was not told
    return moved.with_columns(
        pl.when(~mask | (pl.col(name) < pl.col("closed"))).then(name).alias(name)
        for name in ("appraised", "approved")
    )


def _moments(column: pl.Series) -> Moments:
    return column.to_numpy().astype("datetime64[s]")


def _put(plan: pl.DataFrame, chosen: pl.Series, values: dict[str, Moments]) -> pl.DataFrame:
    """Set moments in the chosen rows, given in the order of the rows."""
    rows = chosen.arg_true()
    columns: list[pl.Series] = []
    for name, moments in values.items():
        new = pl.Series(seconds_of(moments) * 1000).cast(pl.Datetime("ms"))
        columns.append(plan[name].scatter(rows, new).alias(name))
    return plan.with_columns(columns)
