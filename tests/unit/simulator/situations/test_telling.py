"""A silent shop tells nothing; a back-dated reception is told when it took place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.course import EVENTS
from pipelines.simulator.situations import parse_situation, plan_as_told, tell_situations
from pipelines.simulator.timeline import VERSION_EVENTS, draw_steps, draw_versions
from pipelines.simulator.truth import true_rows

from .conftest import UNTIL, Drawn

Draw = Callable[[np.random.Generator, pl.DataFrame, date], pl.DataFrame]
FOR_A_WHILE = "silent_shop:unit=030,from=2023-02-01,to=2023-04-30"
FOR_EVER = "silent_shop:unit=00715,from=2024-01-01,to=2026-06-30"


def told(drawn: Drawn, plan: pl.DataFrame, *switches: str, draw: Draw) -> pl.DataFrame:
    situations = [parse_situation(text) for text in switches]
    messages = draw(np.random.default_rng(3), plan, UNTIL)
    return tell_situations(messages, plan, drawn.province, situations, UNTIL)


def rows_of(drawn: Drawn, plan: pl.DataFrame, code: str) -> pl.Series:
    units = drawn.province.units.filter(unit_code=code)["unit"].cast(pl.Int32)
    return plan.with_row_index("row").filter(pl.col("unit").is_in(units.implode()))["row"]


@pytest.mark.parametrize("draw", [draw_versions, draw_steps])
def test_a_silent_shop_tells_everything_when_it_speaks_again(drawn: Drawn, draw: Draw) -> None:
    plain = draw(np.random.default_rng(3), drawn.plan, UNTIL)
    silent = told(drawn, drawn.plan, FOR_A_WHILE, draw=draw)
    here = pl.col("row").is_in(rows_of(drawn, drawn.plan, "030").implode())
    stretch = pl.col("updated_at").is_between(datetime(2023, 2, 1), datetime(2023, 5, 1))
    assert plain.filter(here, stretch).height > 20
    assert silent.filter(here, stretch).is_empty()
    assert silent.filter(~here).equals(plain.filter(~here))
    event = ["row", "event", "at"]
    assert silent.select(event).sort(event).equals(plain.select(event).sort(event))
    assert silent["updated_at"].is_sorted()
    gaps = silent.sort("row", "event").select(
        (pl.col("updated_at").diff().over("row") >= timedelta(seconds=1)).alias("ok")
    )
    assert gaps["ok"].drop_nulls().all()
    assert silent.filter(pl.col("updated_at") < pl.col("at")).is_empty()


@pytest.mark.parametrize("draw", [draw_versions, draw_steps])
def test_a_shop_silent_to_the_end_never_tells(drawn: Drawn, draw: Draw) -> None:
    plain = draw(np.random.default_rng(3), drawn.plan, UNTIL)
    silent = told(drawn, drawn.plan, FOR_EVER, draw=draw)
    here = pl.col("row").is_in(rows_of(drawn, drawn.plan, "00715").implode())
    lost = here & (pl.col("updated_at") >= datetime(2024, 1, 1))
    assert plain.filter(lost).height > 0
    assert silent.equals(plain.filter(~lost))


def test_truth_counts_what_was_told(drawn: Drawn) -> None:
    versions = told(drawn, drawn.plan, FOR_EVER, draw=draw_versions)
    situations = [parse_situation(FOR_EVER)]
    known = plan_as_told(drawn.plan, versions, drawn.province, situations, UNTIL)
    rows = rows_of(drawn, drawn.plan, "00715")
    units = drawn.plan[rows]["unit"].unique().implode()
    here = pl.col("unit").is_in(units)
    assert known.filter(~here).equals(drawn.plan.filter(~here))
    mine = known.filter(here)
    assert 0 < mine.height < rows.len()
    for name in EVENTS:
        assert mine.filter(pl.col(name) >= datetime(2024, 1, 1)).is_empty()
    # counted independently: the last version told of each dossier says what is known of it
    last = (
        versions.filter(pl.col("row").is_in(rows.implode()))
        .group_by("row")
        .agg(pl.col("event").max())
    )
    ended = [VERSION_EVENTS.index(name) for name in ("closed", "returned", "not_accepted")]
    still_open = last.filter(~pl.col("event").is_in(ended), pl.col("event") > 0).height
    truth = true_rows(known, drawn.province, UNTIL).filter(here)
    month = 2026 * 12 + 5
    assert truth.filter(metric="open", month=month)["numerator"].sum() == still_open
    assert truth.filter(metric="received")["month"].max() < 2024 * 12


def test_a_shop_that_spoke_again_is_known_in_full(drawn: Drawn) -> None:
    versions = told(drawn, drawn.plan, FOR_A_WHILE, draw=draw_versions)
    situations = [parse_situation(FOR_A_WHILE)]
    assert plan_as_told(drawn.plan, versions, drawn.province, situations, UNTIL) is drawn.plan


def test_without_a_situation_that_changes_the_telling_the_messages_come_back(drawn: Drawn) -> None:
    plain = draw_versions(np.random.default_rng(3), drawn.plan, UNTIL)
    situations = [parse_situation("noise")]
    assert tell_situations(plain, drawn.plan, drawn.province, situations, UNTIL) is plain


@pytest.mark.parametrize("draw", [draw_versions, draw_steps])
def test_a_backdated_reception_is_told_after_it_took_place(drawn: Drawn, draw: Draw) -> None:
    switch = "backdated_reception:unit=all,from=2021-01-01,to=2026-06-30,share=1,days=2"
    plan, _ = drawn.plant(switch)
    messages = told(drawn, plan, switch, draw=draw)
    beside = plan.with_row_index("row").select("row", "accepted", "told_from")
    receptions = messages.join(beside, on="row").filter(
        pl.col("at") == pl.col("accepted"), pl.col("told_from").is_not_null()
    )
    assert receptions.height > 2000
    late = receptions["updated_at"] - receptions["told_from"]
    assert late.is_between(timedelta(0), timedelta(minutes=1)).all()
    order = messages.sort("row", "event").select(
        (pl.col("updated_at").diff().over("row") >= timedelta(seconds=1)).alias("ok")
    )
    assert order["ok"].drop_nulls().all()
    assert messages["updated_at"].is_sorted()


def test_truth_says_whom_the_silence_concerns(drawn: Drawn) -> None:
    _, (planted,) = drawn.plant(FOR_A_WHILE)
    rows = rows_of(drawn, drawn.plan, "030")
    in_stretch = pl.any_horizontal(
        pl.col(name).is_between(datetime(2023, 1, 31, 23, 45), datetime(2023, 5, 1), closed="left")
        for name in EVENTS
    )
    received = pl.coalesce("accepted", "not_accepted", "submitted").dt.date()
    mine = drawn.plan[rows].filter(received.is_between(date(2023, 2, 1), date(2023, 4, 30)))
    assert planted.touched == mine.filter(in_stretch).height == planted.before["dossiers"]
    document = planted.document()
    assert document["parameters"] == {"unit": "030", "from": "2023-02-01", "to": "2023-04-30"}
    assert document["units"] == [{"unit_code": "030", "unit_valid_from": None, "dose": 1}]
