"""Drawing one world: dossiers with their course, counted by month, unit and procedure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.simulator.trends import Floats
from pipelines.simulator.worlds.ground import MIXES, ONLINE_SPREAD, Ground, read_ground
from pipelines.simulator.worlds.kinds import Kind, Noise
from pipelines.worktime.vectorised import Booleans, Integers

DAYS, ONLINE = 0, 1
_MONTHS_OF_YEAR = 12
_DAYS_OF_MONTH = 30.4
_CALENDAR_PER_WORKING_DAY = 1.45
_SHAPE = 2.5
_QUICKEST = 0.25
_POSSIBLE = (0.002, 0.998)
_LATE, _ON_THE_DAY, _UNRESOLVED = 0.008, 0.006, 0.014
_FULL_DAY = 480
_LOGIT_OF_PROBIT = (16 * 3**0.5 / (15 * np.pi)) ** 2
_COUNTS = ("received_n", "online_n", "digitized_n", "resolved_n", "early_n", "on_time_n",
           "late_n", "no_due_date_n", "result_due_n", "e_result_n", "timed_n",
           "working_minutes_sum")  # fmt: skip


@dataclass(frozen=True)
class World:
    """A province as a panel, with what was planted.

    `truth` is the mean shift drawn for the dossiers of merged units that count in the twelve
    months after the merger: in working days by month of finish, in the share online by month of
    reception. In a month of finish just after the merger dossiers from before it are among them.
    """

    panel: pl.DataFrame
    changes: pl.DataFrame
    units: pl.DataFrame
    shops: pl.DataFrame
    truth: dict[str, float]


@dataclass(frozen=True)
class _Shifts:
    """By unit and month: what moves days and the share online, with and without the effect."""

    without: tuple[Floats, Floats]
    effect: tuple[Floats, Floats]


def draw_world(seed: int, kind: Kind, dossiers: int = 190_000, noise: Noise | None = None) -> World:
    """The world of a seed: about so many dossiers received from 2021 to 2025."""
    rng, ground = np.random.default_rng(seed), read_ground()
    shifts = _draw_shifts(rng, ground, kind, noise or Noise())
    unit, level, month = _draw_arrivals(rng, ground, dossiers, noise or Noise())
    procedure = _draw_procedures(rng, ground, unit, level, month, noise or Noise())
    n = unit.size
    place = (unit, month)
    usual = ground.usual_days[procedure] + shifts.without[DAYS][place]
    mean = np.maximum(usual + shifts.effect[DAYS][place], _QUICKEST)
    moved_days = mean - np.maximum(usual, _QUICKEST)
    days = mean * rng.gamma(_SHAPE, 1 / _SHAPE, n)
    usually = _share(ground, "online", month, ground.online_offset[procedure])
    room = _room(usually, 2 * month + ground.is_treated[unit])
    likely = usually + room * shifts.without[ONLINE][place]
    chance = np.clip(likely + room * shifts.effect[ONLINE][place], *_POSSIBLE)
    moved_online = chance - np.clip(likely, *_POSSIBLE)
    finished = month + (
        (rng.random(n) * _DAYS_OF_MONTH + days * _CALENDAR_PER_WORKING_DAY) / _DAYS_OF_MONTH
    ).astype(np.int64)
    is_resolved = (finished < ground.months.len()) & (rng.random(n) >= _UNRESOLVED)
    is_late = rng.random(n) < _LATE
    is_on_the_day = ~is_late & (rng.random(n) < _ON_THE_DAY)
    frame = pl.DataFrame(
        {
            "unit": unit,
            "procedure": procedure,
            "received": month,
            "finished": finished,
            "is_online": rng.random(n) < chance,
            "is_digitized": rng.random(n) < _share(ground, "digitized", month),
            "is_resolved": is_resolved,
            "is_late": is_late,
            "is_on_time": is_on_the_day,
            "is_result_due": ground.yields_result[procedure],
            "has_e_result": rng.random(n) < _share(ground, "e_result", month),
            "minutes": np.rint(days * _FULL_DAY).astype(np.int64),
        }
    )
    return World(
        _count(ground, frame), ground.changes, ground.units, ground.shops,
        _truth(ground, unit, month, finished, is_resolved, moved_days, moved_online),
    )  # fmt: skip


def _draw_shifts(rng: np.random.Generator, ground: Ground, kind: Kind, noise: Noise) -> _Shifts:
    units, months = len(ground.unit_keys), ground.months.len()
    years = (np.arange(months) - months / 2) / _MONTHS_OF_YEAR
    is_after: Booleans = np.arange(months) >= ground.merged_month
    without: list[Floats] = []
    effect: list[Floats] = []
    for part in (DAYS, ONLINE):
        walk = _correlated(rng, (units, months), noise.month[part], noise.memory)
        drift = rng.normal(0, noise.year[part], (units, 1)) * years
        shared: Floats = rng.normal(0, noise.everywhere[part], months) + kind.trend[part] * years
        own = ground.is_treated[:, None] * kind.drift[part] * years
        common = shared + kind.shock[part] * is_after
        without.append(np.asarray(walk + drift + common + own, dtype=np.float64))
        effect.append(np.where(ground.is_treated[:, None] & is_after, kind.effect[part], 0.0))
    return _Shifts((without[0], without[1]), (effect[0], effect[1]))


def _correlated(
    rng: np.random.Generator, shape: tuple[int, int], size: float, memory: float
) -> Floats:
    """Series of mean 0 in which each month keeps a share of the one before (AR 1)."""
    drawn = rng.normal(0, size, shape)
    series = np.empty(shape)
    series[:, 0] = drawn[:, 0]
    for month in range(1, shape[1]):
        series[:, month] = memory * series[:, month - 1] + (1 - memory**2) ** 0.5 * drawn[:, month]
    return series


def _draw_arrivals(
    rng: np.random.Generator, ground: Ground, dossiers: int, noise: Noise
) -> tuple[Integers, Integers, Integers]:
    """Unit, level of the procedure and month of every dossier."""
    restless = _correlated(rng, ground.weight.shape, noise.volume, noise.memory)
    counts = rng.poisson(dossiers * ground.weight * np.exp(restless - noise.volume**2 / 2))
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    origin, month = np.divmod(cells, counts.shape[1])
    return ground.unit_of_origin[origin], ground.level_of_origin[origin], month


def _draw_procedures(
    rng: np.random.Generator,
    ground: Ground,
    unit: Integers,
    level: Integers,
    month: Integers,
    noise: Noise,
) -> Integers:
    """The procedure of every dossier; each unit drifts towards a mix of its own."""
    units, months = len(ground.unit_keys), ground.months.len()
    years = np.arange(months) / _MONTHS_OF_YEAR
    drifted = np.clip(0.2 + rng.normal(0, noise.mix, (units, 1)) * years, 0, 0.6)
    towards = rng.integers(1, MIXES + 1, units)
    is_drifted = rng.random(unit.size) < drifted[unit, month]
    mix = np.where(is_drifted, towards[unit], 0)
    chance = rng.random(unit.size)
    procedure = np.zeros(unit.size, dtype=np.int64)
    for of_level, cumulated in ground.mixes.items():
        for number, weights in enumerate(cumulated):
            chosen: Booleans = (level == of_level) & (mix == number)
            drawn: Floats = chance[chosen] * weights[-1]
            procedure[chosen] = np.searchsorted(weights, drawn, side="right")
    return procedure


def _share(ground: Ground, name: str, month: Integers, offset: Floats | None = None) -> Floats:
    """The province's share in a month; with offsets on the logit scale, their mean is that."""
    share = ground.shares[name]
    if offset is None:
        return share[month]
    # the mean of a logistic over normal offsets is one of a slope less than 1 (16 sqrt 3 / 15 pi)
    steeper = np.sqrt(1 + _LOGIT_OF_PROBIT * ONLINE_SPREAD**2)
    return 1 / (1 + np.exp(-(np.log(share / (1 - share))[month] * steeper + offset)))


def _room(share: Floats, group: Integers) -> Floats:
    """How far each dossier's chance gives way to a shift, 1 on the mean of its group.

    A procedure that is nearly always or never handed in online moves little (as on the logit
    scale), the others more.
    """
    room = share * (1 - share)
    mean = np.bincount(group, room) / np.maximum(np.bincount(group), 1)
    return room / mean[group]


def _count(ground: Ground, frame: pl.DataFrame) -> pl.DataFrame:
    received = frame.group_by(month="received", unit="unit", procedure="procedure").agg(
        received_n=pl.len().cast(pl.Int64),
        online_n=_number("is_online"),
        digitized_n=_number("is_digitized"),
    )
    resolved = (
        frame.filter("is_resolved")
        .group_by(month="finished", unit="unit", procedure="procedure")
        .agg(
            resolved_n=pl.len().cast(pl.Int64),
            late_n=_number("is_late"),
            on_time_n=_number("is_on_time"),
            result_due_n=_number("is_result_due"),
            e_result_n=(pl.col("is_result_due") & pl.col("has_e_result")).sum().cast(pl.Int64),
            working_minutes_sum=pl.col("minutes").sum(),
        )
    )
    keys = ["month", "unit", "procedure"]
    return (
        received.join(resolved, on=keys, how="full", coalesce=True)
        .with_columns(pl.col(pl.Int64).fill_null(0))
        .with_columns(
            early_n=pl.col("resolved_n") - pl.col("late_n") - pl.col("on_time_n"),
            no_due_date_n=pl.lit(0, dtype=pl.Int64),
            timed_n=pl.col("resolved_n"),
        )
        .select(
            pl.lit(ground.months).gather(pl.col("month")).alias("month_on"),
            pl.lit(pl.Series(ground.unit_keys)).gather(pl.col("unit")).alias("unit_key"),
            pl.lit(pl.Series(ground.unit_levels)).gather(pl.col("unit")).alias("level"),
            pl.lit(pl.Series(ground.procedure_codes))
            .gather(pl.col("procedure"))
            .alias("procedure_code"),
            *_COUNTS,
        )
    )


def _number(flag: str) -> pl.Expr:
    return pl.col(flag).sum().cast(pl.Int64)


def _truth(
    ground: Ground,
    unit: Integers,
    received: Integers,
    finished: Integers,
    is_resolved: npt.NDArray[np.bool_],
    moved_days: Floats,
    moved_online: Floats,
) -> dict[str, float]:
    start, end = ground.merged_month, ground.merged_month + _MONTHS_OF_YEAR
    treated = ground.is_treated[unit]
    in_days = treated & is_resolved & (finished >= start) & (finished < end)
    in_online = treated & (received >= start) & (received < end)
    return {
        "working_days_mean": float(moved_days[in_days].mean()) if in_days.any() else 0.0,
        "online_rate": float(moved_online[in_online].mean()) if in_online.any() else 0.0,
    }
