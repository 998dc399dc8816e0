"""Months around a change."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.analysis.impact.months import Around, first_day, last_day, last_whole_month


@pytest.mark.parametrize(
    ("day", "last_before", "first_after"),
    [
        (date(2024, 7, 1), date(2024, 6, 1), date(2024, 7, 1)),
        (date(2024, 7, 2), date(2024, 6, 1), date(2024, 8, 1)),
        (date(2024, 12, 31), date(2024, 11, 1), date(2025, 1, 1)),
        (date(2025, 1, 1), date(2024, 12, 1), date(2025, 1, 1)),
    ],
)
def test_the_month_of_a_change_that_is_not_on_its_first_day_is_left_out(
    day: date, last_before: date, first_after: date
) -> None:
    around = Around.of(day)
    assert first_day(around.last_before) == first_day(around.month(-1)) == last_before
    assert first_day(around.first_after) == first_day(around.month(0)) == first_after


@pytest.mark.parametrize(
    ("as_of", "month"),
    [(date(2026, 6, 30), date(2026, 6, 1)), (date(2026, 6, 29), date(2026, 5, 1))],
)
def test_a_month_counts_once_it_is_over(as_of: date, month: date) -> None:
    assert first_day(last_whole_month(as_of)) == month


def test_a_month_ends_the_day_before_the_next() -> None:
    assert last_day(2024 * 12 + 1) == date(2024, 2, 29)
