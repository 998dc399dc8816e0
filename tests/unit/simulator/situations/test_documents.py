"""What `truth.json` says of a situation is what is found in the plan."""

from __future__ import annotations

import json

import polars as pl
import pytest

from pipelines.simulator.course import RESOLVED
from pipelines.simulator.situations import merge_planted
from pipelines.simulator.situations.parse import KEYS

from .conftest import Drawn


@pytest.mark.parametrize("name", KEYS)
def test_every_situation_can_be_written_down_with_all_its_parameters(
    drawn: Drawn, name: str
) -> None:
    document = json.loads(json.dumps(drawn.plant(name)[1][0].document()))
    assert set(document["parameters"]) == set(KEYS[name])
    assert set(document["before"]) == set(document["after"]) == set(document["effect"])
    assert document["first_day"] <= document["last_day"]
    if "unit" in KEYS[name]:
        assert document["parameters"]["unit"] != "largest"
    if name == "merger_effect":
        assert document["mean_dose"] > 1
        expected = document["mean_dose"] * document["parameters"]["late"]
        n = document["after"]["resolved_with_due"]
        assert document["effect"]["late_share"] == pytest.approx(expected, abs=4 * (0.1 / n) ** 0.5)


def test_figures_before_and_after_are_those_of_the_plan(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant("common_shock:from=2021-01-01,late=0.2,hours=2")
    document = json.loads(json.dumps(planted.document()))
    for frame, said in ((drawn.plan, document["before"]), (plan, document["after"])):
        resolved = frame.filter(pl.col("outcome") == RESOLVED, pl.col("closed").is_not_null())
        late = pl.col("closed").dt.date() > pl.col("due_last").dt.date()
        dated = resolved.filter(pl.col("due_last").is_not_null())
        assert said["resolved"] == resolved.height
        assert said["late"] == dated.filter(late).height
        assert said["late_share"] == pytest.approx(dated.select(late.mean()).item(), abs=1e-6)
        ends = [
            drawn.province.clock.elapsed(resolved[name].to_numpy().astype("datetime64[s]"))
            for name in ("accepted", "closed")
        ]
        hours = (ends[1] - ends[0]).mean() / 3600
        assert said["mean_working_hours_to_finish"] == pytest.approx(hours, abs=1e-6)
    assert document["effect"]["late"] == document["after"]["late"] - document["before"]["late"]


def test_a_share_over_nothing_is_empty(drawn: Drawn) -> None:
    _, planted = drawn.plant(*KEYS, part=drawn.plan.head(0))
    for entry in planted:
        document = json.loads(json.dumps(entry.document()))
        assert document["dossiers_touched"] == document["dossiers_in_scope"] == 0
        assert document["before"]["late_share"] is None
        assert document["effect"]["late_share"] is None


def test_parts_without_dossiers_add_nothing(drawn: Drawn) -> None:
    whole = drawn.plant("trend")[1]
    empty = drawn.plant("trend", part=drawn.plan.head(0))[1]
    assert merge_planted([empty, whole, empty]) == whole
