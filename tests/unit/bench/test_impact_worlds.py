"""Sixty worlds, judged: that it runs, and what it prints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.bench.impact_worlds.judge import KIND_OF, Judged, Wish, judge_worlds
from pipelines.bench.impact_worlds.table import (
    promises,
    promises_to_markdown,
    summarise,
    to_markdown,
)
from pipelines.simulator.worlds import KINDS

WORLDS, DOSSIERS, SEED = 60, 15_000, 7_000_000


def test_sixty_worlds_are_drawn_and_judged(record_property: Callable[[str, object], None]) -> None:
    wishes = [Wish(SEED + n, KIND_OF[n % len(KIND_OF)], DOSSIERS, 1.0) for n in range(WORLDS)]
    judged = [each for found in judge_worlds(wishes, processes=1) for each in found]
    assert len(judged) == WORLDS * 5 * 2
    summary = summarise(judged)
    table = to_markdown(summary, is_group=True)
    print(promises_to_markdown(promises(summary)), table, sep="\n\n")
    record_property("calibration_table", table)
    assert len(table.splitlines()) == 2 + 2 * len(KINDS)


def made(kind: str, low: float, high: float, *, passes: bool = True, group: bool = True) -> Judged:
    return Judged(kind, group, "working_days_mean", -0.8 if kind == "planted" else 0.0,
                  (low + high) / 2, low, high, passes, "undetermined")  # fmt: skip


def test_coverage_false_alarms_and_power_are_counted_from_the_right_worlds() -> None:
    judged = [
        made("planted", -1.0, -0.5), made("planted", -1.0, 0.1), made("planted", -0.7, -0.1),
        made("none", -0.2, 0.3), made("common_shock", 0.1, 0.3), made("common_trend", -1.0, 1.0),
        made("treated_trend", -2.0, -1.0, passes=False),
        made("none", 5.0, 6.0, group=False),
    ]  # fmt: skip
    row = promises(summarise(judged)).row(0, named=True)
    assert row["covered"] == pytest.approx(4 / 6)
    assert row["false_alarms"] == pytest.approx(1 / 3)
    assert row["power"] == pytest.approx(2 / 3)


def test_what_was_not_estimated_counts_for_nothing_but_is_told() -> None:
    nothing = Judged("none", True, "online_rate", 0.0, None, None, None, None, "not_estimated")
    row = summarise([nothing]).row(0, named=True)
    assert (row["estimated"], row["covered"], row["width"]) == (0, None, None)
    assert "| – |" in to_markdown(summarise([nothing]), is_group=True)
