"""A world asked: whether what was planted is among the questions, and what else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import polars as pl

from pipelines.analysis.signals import judge_week
from pipelines.simulator.asking.worlds import Truth, draw_world, open_world

LEAST = 30
DIGITIZATION = "digitization_rate"


@dataclass(frozen=True)
class Wish:
    """A world to draw."""

    kind: str
    seed: int
    dossiers: int


@dataclass(frozen=True)
class Asked:
    """What came of a world.

    `is_found`: a question of the right topic about the right unit, field or the province stands
    among those listed; `is_explained`: with the right cause, None where none is to be named.
    `others` are the other questions listed.
    """

    kind: str
    seed: int
    tests: int
    is_found: bool
    is_explained: bool | None
    others: tuple[str, ...]


def ask_worlds(wishes: Iterable[Wish], processes: int) -> Iterator[Asked]:
    """Ask worlds as they are wished for, by so many processes side by side."""
    if processes == 1:
        yield from map(ask_world, wishes)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(ask_world, wishes)


def ask_world(wish: Wish) -> Asked:
    """Draw a world, judge its last weeks and compare with what was planted."""
    world = draw_world(wish.kind, wish.seed, wish.dossiers)
    connection = open_world(world)
    try:
        week = judge_week(
            lambda sql: connection.sql(sql).pl(),
            world.until,
            least=LEAST,
            headline_digitization=DIGITIZATION,
        )
    finally:
        connection.close()
    listed = week.questions.filter("is_listed")
    is_right = is_about(world.truth)
    found = listed.filter(is_right)
    return Asked(
        kind=wish.kind,
        seed=wish.seed,
        tests=int(week.signals["p_value"].count()),
        is_found=found.height > 0,
        is_explained=_is_explained(found, world.truth),
        others=tuple(listed.filter(~is_right)["sentence_en"].to_list()),
    )


def is_about(truth: Truth) -> pl.Expr:
    """Whether a question is about what was planted; never where nothing was."""
    if truth.topic is None:
        return pl.lit(value=False)
    subject = "province" if truth.is_of_province else "field" if truth.field_code else "unit"
    return (
        (pl.col("topic") == truth.topic)
        & (pl.col("subject") == subject)
        & pl.col("unit_key").eq_missing(pl.lit(truth.unit_key, dtype=pl.String))
        & pl.col("field_code").eq_missing(pl.lit(truth.field_code, dtype=pl.String))
    )


def _is_explained(found: pl.DataFrame, truth: Truth) -> bool | None:
    if truth.explained is None:
        return None
    kind, code = truth.explained
    return any(
        (row[f"{name}_kind"], row[f"{name}_code"]) == (kind, code)
        for row in found.iter_rows(named=True)
        for name in ("explained_by", "also_by")
    )
