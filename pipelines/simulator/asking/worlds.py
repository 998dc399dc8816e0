"""A world: a province of noise, drawn anew, with or without one thing planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl

from pipelines.simulator.arrivals import draw_arrivals
from pipelines.simulator.asking.marts import build_marts
from pipelines.simulator.asking.noise import add_noise, chances_of, make_late, stay_away
from pipelines.simulator.parts import province
from pipelines.simulator.plan import DIGITS_NONE, IN_PERSON, Province, draw_plan
from pipelines.simulator.situations import apply_situations, parse_situation
from pipelines.simulator.situations.draft import Draft
from pipelines.simulator.size import arrivals_until
from pipelines.simulator.words import TITLES
from pipelines.worktime.calendar import read_calendar

DOSSIERS = 190_000
SUNDAYS = (date(2024, 12, 22), date(2026, 6, 28))
"""Days on which worlds end: with 201 shops, and with 74 a year after the mergers."""
TET_SUNDAYS = (date(2024, 2, 25), date(2026, 3, 1))
_HISTORY = timedelta(weeks=164)
_FREQUENT = 10  # procedures with the most dossiers
_BUSY = 80  # dossiers in four weeks from which a unit is one to plant in


@dataclass(frozen=True)
class Truth:
    """What was planted: the topic a question must be of, the unit or field, what explains it."""

    topic: str | None = None
    unit_key: str | None = None
    field_code: str | None = None
    explained: tuple[str, str] | None = None
    is_of_province: bool = False


@dataclass
class World:
    """A drawn province: the plan, the judged weeks' last day, what is planted."""

    rng: np.random.Generator
    plan: pl.DataFrame
    until: date
    truth: Truth = field(default_factory=Truth)

    @property
    def weeks_ago(self) -> Callable[[int], date]:
        """The Monday so many weeks before the judged ones end."""
        return lambda weeks: self.until - timedelta(weeks=weeks) + timedelta(days=1)

    def busy_unit(self, mark: pl.Expr | None = None) -> int:
        """A unit with dossiers enough to be judged: drawn among those with many of a kind."""
        recent = self.plan.filter(
            pl.col("submitted") >= self.weeks_ago(12), True if mark is None else mark
        )
        counts = recent.group_by("unit").len().filter(pl.col("len") >= 3 * _BUSY).sort("unit")
        return int(self.rng.choice(counts["unit"].to_numpy()))


def _unit_key(units: pl.DataFrame, unit: int) -> str:
    row = units.row(unit, named=True)
    return f"{row['unit_code']}@{row['valid_from'] or ''}"


def _code(units: pl.DataFrame, unit: int) -> str:
    return str(units["unit_code"][unit])


def _apply(world: World, ground: Province, text: str) -> None:
    kept = world.plan.with_row_index("row")
    plan, _ = apply_situations(
        world.rng, kept, ground, ground.clock, [parse_situation(text)], world.until
    )
    world.plan = plan.drop("row")


def _collapse(world: World, ground: Province) -> None:
    unit = world.busy_unit()
    since = world.weeks_ago(int(world.rng.integers(6, 12)))
    _apply(world, ground, f"unit_collapse:unit={_code(ground.units, unit)},from={since},"
           f"to={world.until},late=0.4")  # fmt: skip
    world.truth = Truth("timeliness", _unit_key(ground.units, unit))


def _slow_step(world: World, ground: Province) -> None:
    since = world.weeks_ago(int(world.rng.integers(8, 16)))
    code = str(world.rng.choice(["DD", "HT", "CT"]))
    _apply(world, ground, f"slow_step:field={code},step=approved,factor=2,from={since},"
           f"to={world.until}")  # fmt: skip
    world.truth = Truth("timeliness", None, code, ("step", f"4 {TITLES[2]}"))


def _slow_procedure(world: World, ground: Province) -> None:
    """In all units, six in ten dossiers of one of the frequent procedures finish late."""
    since = world.weeks_ago(12)
    counts = world.plan.filter(pl.col("submitted") >= since)["procedure"].value_counts()
    frequent = counts.sort("count", "procedure", descending=True).head(_FREQUENT)["procedure"]
    procedure = int(world.rng.choice(frequent.to_numpy()))
    draft = Draft(world.plan, ground.clock, world.until)
    chosen = (pl.col("procedure") == procedure) & (pl.col("submitted") >= since)
    here = np.flatnonzero(world.plan.select(chosen).to_series().to_numpy())
    make_late(draft, here[world.rng.random(here.size) < 0.6], world.rng)
    world.plan = draft.plan()
    code, field_code = ground.catalogue.select("procedure_code", "field_code").row(procedure)
    world.truth = Truth("timeliness", None, str(field_code), ("procedure", str(code)))


def _silent(world: World, ground: Province) -> None:
    """A shop of which nothing is told any more, since one to three weeks."""
    unit = world.busy_unit()
    first = world.weeks_ago(int(world.rng.integers(1, 4)))
    here = pl.col("unit") == unit
    events = [
        name for name, kind in world.plan.schema.items()
        if kind == pl.Datetime("ms") and not name.startswith("due")
    ]  # fmt: skip
    world.plan = world.plan.filter(~(here & (pl.col("submitted") >= first))).with_columns(
        pl.when(~(here & (pl.col(name) >= first))).then(name).alias(name) for name in events
    )
    world.truth = Truth("volume", _unit_key(ground.units, unit))


def _slow_acceptance(world: World, ground: Province) -> None:
    unit = world.busy_unit(pl.col("channel") == 2)
    since = world.weeks_ago(int(world.rng.integers(4, 9)))
    _apply(world, ground, f"slow_acceptance:unit={_code(ground.units, unit)},from={since},"
           f"to={world.until},share=0.5")  # fmt: skip
    world.truth = Truth("acceptance", _unit_key(ground.units, unit))


def _on_paper(world: World, ground: Province) -> None:
    """In one unit, half of what was digitized no longer is."""
    unit = world.busy_unit()
    world.plan = _lose(world, unit, 0.5, digits=DIGITS_NONE)
    world.truth = Truth("digitization", _unit_key(ground.units, unit))


def _at_counter(world: World, ground: Province) -> None:
    """In one unit, half of the online submissions come to the counter instead."""
    unit = world.busy_unit()
    world.plan = _lose(world, unit, 0.5, channel=IN_PERSON)
    world.truth = Truth("online", _unit_key(ground.units, unit))


def _lose(world: World, unit: int, share: float, **mark: int) -> pl.DataFrame:
    ((name, value),) = mark.items()
    since = world.weeks_ago(int(world.rng.integers(4, 9)))
    drawn = pl.Series(world.rng.random(world.plan.height) < share)
    lost = (pl.col("unit") == unit) & (pl.col("submitted") >= since) & drawn
    new = pl.when(lost).then(pl.lit(value, dtype=pl.Int8)).otherwise(pl.col(name))
    return world.plan.with_columns(new.alias(name))


def _common_shock(world: World, ground: Province) -> None:
    since = world.weeks_ago(int(world.rng.integers(6, 12)))
    _apply(world, ground, f"common_shock:from={since},to={world.until},late=0.05")
    world.truth = Truth("timeliness", is_of_province=True)


def _tet(world: World, ground: Province) -> None:
    _apply(world, ground, f"tet_dip:year={world.until.year},share=0.5")


def _nothing(_world: World, _ground: Province) -> None:
    return None


KINDS: dict[str, Callable[[World, Province], None]] = {
    "noise": _nothing,
    "tet": _tet,
    "unit_collapse": _collapse,
    "slow_step": _slow_step,
    "slow_procedure": _slow_procedure,
    "silent_shop": _silent,
    "slow_acceptance": _slow_acceptance,
    "digitization_drop": _on_paper,
    "online_drop": _at_counter,
    "common_shock": _common_shock,
}
"""What a world may be: nothing planted in `noise` and `tet`, one thing in the others."""


def draw_world(kind: str, seed: int, dossiers: int = DOSSIERS) -> World:
    """Draw a world; `dossiers` are those of the province since 2021. Seeds are used alternately
    for the two networks. Raises `KeyError` for a kind that is none."""
    plant = KINDS[kind]
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    until = (TET_SUNDAYS if kind == "tet" else SUNDAYS)[seed % 2]
    ground, calendar = province(), read_calendar()
    arrivals = draw_arrivals(
        rng, dossiers, arrivals_until(dossiers, calendar, until), calendar, ground.origins, until
    )
    recent = arrivals.of(arrivals.days >= np.datetime64(until - _HISTORY))
    plan = stay_away(rng, draw_plan(rng, ground, recent, until), ground)
    plan = add_noise(rng, plan, ground)
    late = np.flatnonzero(chances_of(rng, plan, ground).lose(0.004))
    draft = Draft(plan, ground.clock, until)
    make_late(draft, late, rng)
    world = World(rng, draft.plan(), until)
    plant(world, ground)
    return world


def open_world(world: World) -> duckdb.DuckDBPyConnection:
    """The marts of a world."""
    return build_marts(world.plan, province(), world.until - _HISTORY, world.until)
