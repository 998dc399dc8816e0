from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.figures import NO_FIGURE, Change, Figure, Verdict, compare
from pipelines.serving.metrics import MetricSpec

MakeSpec = Callable[..., MetricSpec]


def share(numerator: int, denominator: int) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(numerator, denominator, value, None)


def count(value: int | None) -> Figure:
    return Figure(value, None, None if value is None else float(value), None)


def test_a_share_is_compared_by_difference(make_spec: MakeSpec) -> None:
    change = compare(make_spec(), share(2, 100), share(5, 100))
    assert change is not None
    assert change.is_points
    assert change.amount == pytest.approx(-0.03)
    assert change.verdict == "better"


def test_a_count_is_compared_by_ratio(make_spec: MakeSpec) -> None:
    change = compare(make_spec("overdue", "count", "down"), count(15), count(10))
    assert change == Change(0.5, is_points=False, verdict="worse")


@pytest.mark.parametrize(
    ("direction", "verdict"), [("up", "better"), ("down", "worse"), ("none", "neutral")]
)
def test_the_verdict_knows_the_direction(
    make_spec: MakeSpec, direction: str, verdict: Verdict
) -> None:
    change = compare(make_spec(direction=direction), share(6, 100), share(5, 100))
    assert change is not None
    assert change.verdict == verdict


def test_a_change_that_rounds_to_nothing_is_neutral(make_spec: MakeSpec) -> None:
    change = compare(make_spec(), share(50_001, 1_000_000), share(50_000, 1_000_000))
    assert change is not None
    assert change.verdict == "neutral"
    assert not change.is_visible


def test_nothing_to_compare_with(make_spec: MakeSpec) -> None:
    assert compare(make_spec(), share(1, 100), NO_FIGURE) is None
    assert compare(make_spec(), share(1, 100), share(1, 29)) is None
    assert compare(make_spec(), share(0, 0), share(1, 100)) is None
    assert compare(make_spec("received", "count", "none"), count(7), count(0)) is None


def test_few_dossiers_make_a_small_share() -> None:
    assert share(3, 29).is_small
    assert not share(3, 30).is_small
    assert not count(3).is_small
