"""The parts of a province, one a system: drawn, put aside, and told once all are drawn.

Two phases, since what the parts owe to the published figures is known only when all are drawn.
Between them a plan lies in the folder of the drawing, so that a province of ten million
dossiers never is in memory as a whole. Each part has random numbers of its own: parts may be
drawn in any order and side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulator.arrivals import Arrivals
from pipelines.simulator.catalogue import read_catalogue
from pipelines.simulator.centre import settle_centre
from pipelines.simulator.file_forms import FileForm
from pipelines.simulator.plan import Province, draw_plan, number_plan
from pipelines.simulator.quotas import Tally, Turns, tally, turn
from pipelines.simulator.records import Renderer
from pipelines.simulator.shops import CENTRE, Network
from pipelines.simulator.situations import (
    Planted,
    Situation,
    apply_situations,
    plan_as_told,
    tell_situations,
)
from pipelines.simulator.spreadsheets import write_shop_files
from pipelines.simulator.steps import StepRenderer
from pipelines.simulator.timeline import draw_steps, draw_versions
from pipelines.simulator.traps.disguise import disguise
from pipelines.simulator.traps.known import difference, knowable
from pipelines.simulator.traps.patterns import PatternTrap, draw_carriers, spoil
from pipelines.simulator.traps.victims import draw_victims, planted, resend
from pipelines.simulator.truth import Told, true_rows
from pipelines.simulator.writing import Form, write_told
from pipelines.worktime.calendar import read_calendar
from pipelines.worktime.vectorised import WorkClock

_DRAWING, _TELLING, _TRAPPING, _SPOILING = 1, 2, 3, 4


@dataclass(frozen=True)
class Order:
    """What is asked for: where it goes, the folder of the drawing, seed and last day."""

    out: Path
    work: Path
    seed: int
    until: date
    dirt: float = 0.0  # times the declared rates of the traps; 0 tells clean records
    patterns: tuple[PatternTrap, ...] = ()
    situations: tuple[Situation, ...] = ()
    form: Form = Form.parquet
    shop_form: FileForm = FileForm.CSV


@dataclass(frozen=True)
class Part:
    """The dossiers of one keeper (a system, or a shop that delivers files)."""

    keeper: str
    number: int
    delivers_files: bool
    dossiers: int


@dataclass(frozen=True)
class Drawn:
    """What is known of a part once it is drawn."""

    dossiers: int
    tally: Tally
    situations: list[Planted]


@cache
def province() -> Province:
    """Units, origins, catalogue and clock; read once a process."""
    network = Network()
    clock = WorkClock(read_calendar())
    return Province(network.units, network.origins, read_catalogue(), clock)


@cache
def renderers() -> tuple[Renderer, StepRenderer]:
    """The renderers of dossiers and steps; their tables are made once a process."""
    shared = province()
    return (
        Renderer(shared.units, shared.catalogue),
        StepRenderer(shared.units, shared.catalogue),
    )


def put_arrivals(order: Order, part: Part, arrivals: Arrivals) -> None:
    """Put the arrivals of a part aside for the process that draws it."""
    np.savez(_file(order, part, ".npz"), days=arrivals.days, origins=arrivals.origins)


def draw_part(order: Order, part: Part) -> Drawn:
    """Draw the plan of a part and put it aside."""
    with np.load(_file(order, part, ".npz")) as file:
        arrivals = Arrivals(file["days"], file["origins"])
    rng = np.random.default_rng([order.seed, part.number, _DRAWING])
    plan = draw_plan(rng, province(), arrivals, order.until)
    plan, situations = apply_situations(
        rng, plan, province(), province().clock, order.situations, order.until
    )
    if part.keeper == CENTRE:
        units = province().units.filter(level="province")["unit"].to_list()
        plan = settle_centre(rng, plan, province().clock, units)
    plan.write_ipc(_file(order, part, ".arrow"))
    return Drawn(plan.height, tally(plan), situations)


def tell_part(order: Order, part: Part, turns: Turns, first_number: int) -> Told:
    """Settle the quotas of a part and write what its system tells."""
    shared = province()
    plan = pl.read_ipc(_file(order, part, ".arrow"))
    rng = np.random.default_rng([order.seed, part.number, _TELLING])
    plan = number_plan(turn(rng, plan, turns), shared.units, first_number)
    render, render_steps = renderers()
    wishes = (shared, order.situations, order.until)
    versions = tell_situations(draw_versions(rng, plan, order.until), plan, *wishes)
    truth = true_rows(plan_as_told(plan, versions, *wishes), shared, order.until)
    if part.delivers_files:
        steps = tell_situations(draw_steps(rng, plan, order.until), plan, *wishes)
        folder = order.out / "inbox" / part.keeper
        write_shop_files(
            folder, plan, versions, steps, (render, render_steps), form=order.shop_form
        )
        return Told(truth)
    told = Told(truth)
    if order.dirt > 0:
        trapping = np.random.default_rng([order.seed, part.number, _TRAPPING])
        plan = draw_victims(trapping, plan, order.dirt)
        known = knowable(plan_as_told(plan, versions, *wishes))
        lost = difference(truth, true_rows(known, shared, order.until))
        versions = resend(plan, versions, order.until)
        told = Told(truth, lost, planted(plan, versions, shared))
    patterns = [trap for trap in order.patterns if trap.system == part.keeper]
    if patterns:
        spoiling = np.random.default_rng([order.seed, part.number, _SPOILING])
        plan = draw_carriers(spoiling, plan, patterns)

    def records(part_told: pl.DataFrame) -> pl.DataFrame:
        joined = render.versions(plan, part_told)
        rendered = render.national(joined)
        if order.dirt > 0:
            rendered = disguise(rendered, joined, shared.units["name_vi"])
        return spoil(rendered, joined, patterns)

    folder = order.out / "systems" / part.keeper
    folder.mkdir(parents=True, exist_ok=True)
    write_told(folder, "dossiers", versions, records, order.form)
    del versions
    steps = tell_situations(draw_steps(rng, plan, order.until), plan, *wishes)
    if order.dirt:
        plan = plan.with_columns(dossier_code="told_code")

    def step_records(part_told: pl.DataFrame) -> pl.DataFrame:
        return render_steps.national(plan, part_told)

    write_told(folder, "progress", steps, step_records, order.form)
    return told


def _file(order: Order, part: Part, suffix: str) -> Path:
    return order.work / f"{part.keeper}{suffix}"
