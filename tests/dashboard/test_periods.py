from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.periods import (
    PERIODS,
    Period,
    find_period,
    last_whole_month,
    same_period_last_year,
    year_before,
)

DAYS = st.dates(date(2019, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("name", "as_of", "first_on", "last_on"),
    [
        ("month", date(2026, 6, 17), date(2026, 6, 1), date(2026, 6, 17)),
        ("quarter", date(2026, 6, 17), date(2026, 4, 1), date(2026, 6, 17)),
        ("quarter", date(2025, 12, 31), date(2025, 10, 1), date(2025, 12, 31)),
        ("year", date(2026, 6, 17), date(2026, 1, 1), date(2026, 6, 17)),
        ("months12", date(2026, 6, 17), date(2025, 6, 18), date(2026, 6, 17)),
        ("months12", date(2024, 2, 29), date(2023, 3, 1), date(2024, 2, 29)),
        ("months12", date(2025, 2, 28), date(2024, 3, 1), date(2025, 2, 28)),
        ("last_year", date(2026, 6, 17), date(2025, 1, 1), date(2025, 12, 31)),
        ("no such", date(2026, 6, 17), date(2026, 1, 1), date(2026, 6, 17)),
        (None, date(2024, 2, 29), date(2024, 1, 1), date(2024, 2, 29)),
    ],
)
def test_periods_end_with_the_data(
    name: str | None, as_of: date, first_on: date, last_on: date
) -> None:
    assert find_period(name, as_of) == Period(first_on, last_on)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2024, 2, 28), date(2023, 2, 28)),
        (date(2026, 6, 30), date(2025, 6, 30)),
        (date(2026, 6, 17), date(2025, 6, 17)),
    ],
)
def test_a_month_end_stays_a_month_end(day: date, before: date) -> None:
    assert year_before(day) == before


def test_whole_months_compare_with_whole_months_in_leap_years() -> None:
    february = Period(date(2025, 2, 1), date(2025, 2, 28))
    assert same_period_last_year(february) == Period(date(2024, 2, 1), date(2024, 2, 29))
    march = Period(date(2024, 3, 1), date(2024, 3, 31))
    assert same_period_last_year(march) == Period(date(2023, 3, 1), date(2023, 3, 31))


@given(DAYS, st.sampled_from(PERIODS))
def test_the_same_period_last_year_is_as_long_but_for_leap_days(as_of: date, name: str) -> None:
    period = find_period(name, as_of)
    before = same_period_last_year(period)
    assert before.first_on <= before.last_on < period.last_on
    length = (period.last_on - period.first_on).days
    assert abs((before.last_on - before.first_on).days - length) <= 1


@given(DAYS)
def test_twelve_months_touch_the_twelve_months_before(as_of: date) -> None:
    period = find_period("months12", as_of)
    assert period.first_on - same_period_last_year(period).last_on == timedelta(days=1)


def test_a_month_counts_as_whole_on_its_last_day() -> None:
    assert last_whole_month(date(2026, 6, 30)) == date(2026, 6, 1)
    assert last_whole_month(date(2026, 6, 29)) == date(2026, 5, 1)
    assert last_whole_month(date(2026, 1, 5)) == date(2025, 12, 1)
