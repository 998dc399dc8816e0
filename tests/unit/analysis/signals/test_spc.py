"""The four rules on series made by hand, what is left out of the limits, phases and trends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.signals.spc import SCALE, Chart, draw_charts, find_phases

CALM = [10.0, 11, 10, 9, 10, 11, 10, 9, 10, 11, 10, 9]
"""Mean 10, mean moving range 1: limits 7.34 and 12.66, outer third beyond 11.77 and 8.23."""


def chart(
    values: list[float], left_out: tuple[int, ...] = (), rebased: tuple[int, ...] = ()
) -> Chart:
    usable = np.ones((1, len(values)), dtype=np.bool_)
    usable[0, list(left_out)] = False
    changes = np.zeros_like(usable)
    changes[0, list(rebased)] = True
    return draw_charts(np.array([values]), usable, changes)


def marked(chart: Chart) -> dict[str, list[int]]:
    rules = {
        "outside": chart.outside, "shift": chart.shift,
        "trend": chart.trend, "near_limit": chart.near_limit,
    }  # fmt: skip
    return {name: np.flatnonzero(marks[0]).tolist() for name, marks in rules.items() if marks.any()}


def test_the_limits_lie_2_66_mean_moving_ranges_about_the_mean() -> None:
    drawn = chart(CALM)
    assert drawn.centre[0].tolist() == pytest.approx([10] * 12)
    assert drawn.lower[0].tolist() == pytest.approx([10 - SCALE] * 12)
    assert drawn.upper[0].tolist() == pytest.approx([10 + SCALE] * 12)
    assert marked(drawn) == {}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([*CALM, *CALM, 20], {"outside": [24]}),
        ([*CALM, *CALM, 0], {"outside": [24]}),
        ([*[10, 8] * 4, *[11, 11.1] * 3, 11], {"shift": [*range(8, 15)]}),
        ([9, 8, 10, 8, 10, 8, 10, 8, 11, 11.1, 11, 11.1, 11, 11.1, 9.2], {}),
        ([12, 8, 12, 8, 12, 8, 12, 8, 8.5, 9, 9.5, 10, 10.5, 11, 8], {"trend": [*range(7, 14)]}),
        ([12, 8, 12, 8, 12, 8, 12, 9, 9.5, 10, 10.5, 11, 11.5, 8, 9], {}),
        ([*CALM, 12.4, 10, 12.4, 10, *CALM], {"near_limit": [12, 14]}),
        ([*CALM, 12.4, 10, 9, 12.4, *CALM], {}),
        ([*CALM, 12.4, 9, 7.6, 10, *CALM], {}),
    ],
    ids=[
        "beyond the upper limit", "beyond the lower limit", "seven above the mean",
        "six above the mean", "seven that rise", "six that rise", "two of three near a limit",
        "two of four near a limit", "two of three near different limits",
    ],
)  # fmt: skip
def test_each_rule_finds_its_pattern_and_no_other(
    values: list[float], found: dict[str, list[int]]
) -> None:
    assert marked(chart(values)) == found


def test_a_month_left_out_moves_no_limit_and_is_no_signal() -> None:
    with_tet = chart([*CALM, 0, *CALM], left_out=(12,))
    assert marked(with_tet) == {}
    assert with_tet.upper[0, 0] == pytest.approx(chart([*CALM, *CALM]).upper[0, 0])
    assert "outside" in marked(chart([*CALM, 0, *CALM]))


def test_a_month_left_out_breaks_no_run() -> None:
    values = [10, 8, 10, 8, 10, 8, 10, 8, 11, 11.1, 11, 0, 11.1, 11, 11.1, 11]
    assert marked(chart(values, left_out=(11,))) == {"shift": [8, 9, 10, 12, 13, 14, 15]}


def test_limits_begin_anew_at_a_known_change() -> None:
    moved = [value + 30 for value in CALM]
    drawn = chart([*CALM, *moved], rebased=(12,))
    assert drawn.centre[0, [0, 12]].tolist() == pytest.approx([10, 40])
    assert drawn.phase[0].tolist() == [0] * 12 + [1] * 12
    assert marked(drawn) == {}
    assert marked(chart([*CALM, *moved])) != {}


def test_a_change_with_too_few_points_after_it_begins_nothing() -> None:
    drawn = chart([*CALM, *[40.0] * 7], rebased=(12,))
    assert drawn.phase.max() == 0


def test_a_phase_needs_its_points_before_the_next_change() -> None:
    usable = np.ones((1, 30), dtype=np.bool_)
    changes = np.zeros_like(usable)
    changes[0, [10, 15]] = True
    assert np.flatnonzero(np.diff(find_phases(usable, changes)[0])).tolist() == [14]


def test_with_fewer_than_eight_points_there_are_no_limits() -> None:
    drawn = chart(CALM[:7])
    assert np.isnan(drawn.upper).all()
    assert marked(drawn) == {}


def test_growth_alone_is_no_signal_and_a_break_in_it_is() -> None:
    rng = np.random.default_rng(5)
    growth = (np.arange(36) * 2 + rng.normal(0, 1, 36)).tolist()
    steady = chart(growth)
    assert steady.is_trending.all()
    assert not steady.outside.any()
    fallen = chart([*growth[:-1], growth[-1] - 20])
    assert np.flatnonzero(fallen.outside[0]).tolist() == [35]


@given(
    st.lists(st.integers(0, 50).map(float), min_size=8, max_size=40),
    st.integers(-100, 100),
    st.sampled_from([0.5, 2.0, 4.0]),
)
def test_a_constant_shifts_the_limits_and_a_factor_stretches_them(
    values: list[float], constant: int, factor: float
) -> None:
    plain, moved = chart(values), chart([factor * value + constant for value in values])
    assert np.allclose(moved.upper, factor * plain.upper + constant)
    assert np.allclose(moved.lower, factor * plain.lower + constant)
    assert (moved.phase == plain.phase).all()


@given(st.lists(st.integers(0, 9).map(float), min_size=8, max_size=30))
def test_series_are_charted_side_by_side_as_alone(values: list[float]) -> None:
    other = [float(place % 3) for place in range(len(values))]
    together = draw_charts(
        np.array([values, other]),
        np.ones((2, len(values)), dtype=np.bool_),
        np.zeros((2, len(values)), dtype=np.bool_),
    )
    alone = chart(values)
    assert np.array_equal(together.upper[0], alone.upper[0])
    assert np.array_equal(together.near_limit[0], alone.near_limit[0])
