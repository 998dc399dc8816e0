"""The plan of one system: everything true of its dossiers, before any record tells it.

Narrow on purpose (numbers and moments, about 250 bytes a dossier): records are rendered from
it in slices, so that ten million dossiers fit in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.simulator import trends
from pipelines.simulator.arrivals import FIRST_RECEPTION, Arrivals
from pipelines.simulator.catalogue import TERM_UNITS, demand_weights
from pipelines.simulator.course import (
    EVENTS,
    ONLINE,
    RESOLVED,
    Course,
    Demand,
    draw_course,
)
from pipelines.simulator.trends import Floats, share_at, shifted
from pipelines.simulator.waits import NEVER
from pipelines.worktime.vectorised import UNITS, Integers, Moments, WorkClock

IN_PERSON, POST = 1, 3
# which components are digitized: none, all, the first, none but a deleted one
DIGITS_NONE, DIGITS_ALL, DIGITS_FIRST, DIGITS_DELETED = range(4)
NO_PAYMENT, VIA_PORTAL, VIA_GATEWAY, NOT_PAID_ONLINE = range(4)
NO_RESULT, ON_PAPER, ELECTRONIC = range(3)
MOMENTS = (*EVENTS, "due", "due1", "due2", "due_last")
_POST_SHARE, _POST_RETURN_SHARE = 0.025, 0.12
_WHOLLY_DIGITIZED_SHARE, _DELETED_SHARE = 0.75, 0.02
_PORTAL_SHARE = 0.8
_APPLICANTS = (0.86, 0.11, 0.01, 0.02)  # citizens, businesses, state bodies, others
_UNIT_EFFECTS_SEED = 205


@dataclass(frozen=True)
class Province:
    """What all systems share: units and origins of `Network`, the catalogue, the clock."""

    units: pl.DataFrame
    origins: pl.DataFrame
    catalogue: pl.DataFrame
    clock: WorkClock


def draw_plan(
    rng: np.random.Generator, province: Province, arrivals: Arrivals, until: date
) -> pl.DataFrame:
    """One row a dossier; moments as Datetime, null = does not happen by `until`.

    unit, procedure (rows of units and catalogue), channel, the events of `course.EVENTS`,
    outcome, wait1, wait2, due, due1, due2, due_last, digits, reused, from_store, payment,
    result, vneid, by_post_return, applicant. Numbers and codes come last (`number_plan`).
    """
    unit: Integers = province.origins["unit"].to_numpy()[arrivals.origins]
    procedure = _draw_procedures(rng, province, arrivals)
    channel = _draw_channels(rng, arrivals.days, _effects(province, 0)[unit])
    demand = Demand(
        days=arrivals.days,
        opened=_opening_days(province.units)[unit],
        channel=channel,
        term_value=province.catalogue["term_value"].to_numpy()[procedure],
        term_unit=_term_units(province.catalogue)[procedure],
        lateness=np.exp(_effects(province, 1)[unit]),
        may_wait=province.units["shop"].is_null().to_numpy()[unit],
    )
    end = int(np.datetime64(until, "s").astype(np.int64)) + 86_399
    course = draw_course(rng, province.clock, demand, end)
    columns = _content(rng, province, unit, procedure, channel, course)
    frame = pl.DataFrame(
        {"unit": unit.astype(np.int32), "procedure": procedure.astype(np.int32)}
        | columns
        | {"outcome": course.outcome, "wait1": course.wait1, "wait2": course.wait2}
        | course.events
        | {"due": course.due, "due1": course.due1, "due2": course.due2}
        | {"due_last": course.due_last}
    )
    return frame.filter(pl.col("submitted") < NEVER).with_columns(
        pl.when(pl.col(name) < NEVER).then(pl.col(name) * 1000).cast(pl.Datetime("ms"))
        for name in MOMENTS
    )


def number_plan(plan: pl.DataFrame, units: pl.DataFrame, first_number: int) -> pl.DataFrame:
    """The plan in order of submission, with `number` and `dossier_code`."""
    return (
        plan.sort("submitted", "unit", "procedure", maintain_order=True)
        .with_row_index("number", offset=first_number)
        .with_columns(dossier_code=_dossier_code(units))
    )


def _dossier_code(units: pl.DataFrame) -> pl.Expr:
    """`{unit code}-{yyMMdd}-{5 digits}`, counted per shop and day of submission."""
    day = pl.col("submitted").dt.date()
    code = pl.col("unit").replace_strict(
        units["unit"].cast(pl.Int32), units["edoc_code"], return_dtype=pl.String
    )
    running = pl.int_range(1, pl.len() + 1).over("unit", day)
    return pl.concat_str(
        code,
        pl.lit("-"),
        day.dt.strftime("%y%m%d"),
        pl.lit("-"),
        running.cast(pl.String).str.zfill(5),
    )


def _draw_procedures(rng: np.random.Generator, province: Province, arrivals: Arrivals) -> Integers:
    chance = rng.random(arrivals.days.size)
    levels = province.origins["level"].to_numpy()[arrivals.origins]
    drawn = np.zeros(chance.size, dtype=np.int64)
    for level, weights in demand_weights(province.catalogue).items():
        cumulated = np.cumsum(weights)
        inside = levels == level
        drawn[inside] = np.searchsorted(cumulated / cumulated[-1], chance[inside], side="right")
    return drawn


def _draw_channels(rng: np.random.Generator, days: Moments, effect: Floats) -> npt.NDArray[np.int8]:
    chance = rng.random(days.size)
    online = shifted(share_at(trends.ONLINE, days), effect)
    post = chance > 1 - _POST_SHARE * (1 - online)
    return np.where(chance < online, ONLINE, np.where(post, POST, IN_PERSON)).astype(np.int8)


def _effects(province: Province, topic: int) -> Floats:
    """A lasting difference of each unit in one topic, around 0."""
    rng = np.random.default_rng([_UNIT_EFFECTS_SEED, topic])
    return rng.normal(0.0, 0.3, province.units.height)


def _opening_days(units: pl.DataFrame) -> Moments:
    first = units["valid_from"].str.to_date().fill_null(FIRST_RECEPTION)
    return first.to_numpy().astype("datetime64[s]")


def _term_units(catalogue: pl.DataFrame) -> Integers:
    position = {name: UNITS.index(name) for name in TERM_UNITS}
    return catalogue["term_unit"].replace_strict(position, return_dtype=pl.Int64).to_numpy()


def _content(
    rng: np.random.Generator,
    province: Province,
    unit: Integers,
    procedure: Integers,
    channel: npt.NDArray[np.int8],
    course: Course,
) -> dict[str, npt.NDArray[np.int8]]:
    """What the dossiers contain; shares follow the day of submission or of closing."""
    n = unit.size
    begun = np.minimum(course.events["submitted"], NEVER // 2).astype("datetime64[s]")
    closing = course.events["closed"]
    finished = np.where(closing < NEVER, closing, 0).astype("datetime64[s]")
    digitized = rng.random(n) < shifted(
        share_at(trends.DIGITIZED, begun), _effects(province, 2)[unit]
    )
    digits = np.where(
        digitized,
        np.where(rng.random(n) < _WHOLLY_DIGITIZED_SHARE, DIGITS_ALL, DIGITS_FIRST),
        np.where(rng.random(n) < _DELETED_SHARE, DIGITS_DELETED, DIGITS_NONE),
    )
    reused = np.where(rng.random(n) < share_at(trends.REUSED, begun), rng.integers(1, 3, n), 0)
    store = rng.random(n) < share_at(trends.FROM_STORE, begun)
    fee_due = province.catalogue["fee_due"].to_numpy()[procedure] == 1
    online_pay = rng.random(n) < share_at(trends.PAID_ONLINE, begun)
    paid = np.where(online_pay, np.where(rng.random(n) < _PORTAL_SHARE, VIA_PORTAL, VIA_GATEWAY),
                    NOT_PAID_ONLINE)  # fmt: skip
    bears = province.catalogue["yields_result"].to_numpy()[procedure] == 1
    electronic = rng.random(n) < shifted(
        share_at(trends.E_RESULT, finished), _effects(province, 3)[unit]
    )
    result = np.where(electronic, ELECTRONIC, ON_PAPER)
    is_resolved = (closing < NEVER) & (course.outcome == RESOLVED)
    columns: dict[str, npt.NDArray[np.integer | np.bool_]] = {
        "channel": channel,
        "digits": digits,
        "reused": reused,
        "from_store": store,
        "payment": np.where(fee_due, paid, NO_PAYMENT),
        "result": np.where(is_resolved & bears, result, NO_RESULT),
        "vneid": rng.random(n) < share_at(trends.VNEID, begun),
        "by_post_return": rng.random(n) < _POST_RETURN_SHARE,
        "applicant": rng.choice([1, 2, 3, 4], n, p=_APPLICANTS),
    }
    return {name: values.astype(np.int8) for name, values in columns.items()}
