"""Periods by name: months, quarters and years with their days."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.serving.calendar_periods import PeriodError, list_periods, parse_period, period_at


@pytest.mark.parametrize(
    ("name", "grain", "first", "last"),
    [
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", "month", date(2025, 12, 1), date(2025, 12, 31)),
        ("2025Q1", "quarter", date(2025, 1, 1), date(2025, 3, 31)),
        ("2025Q4", "quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025", "year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_has_its_first_and_last_day(
    name: str, grain: str, first: date, last: date
) -> None:
    period = parse_period(name)
    assert (period.grain, period.first_on, period.last_on) == (grain, first, last)


@pytest.mark.parametrize("name", ["", "2025-13", "2025-00", "2025Q5", "2025-W24", "25", "0000"])
def test_a_name_that_is_no_period_is_refused_in_a_line(name: str) -> None:
    with pytest.raises(PeriodError, match="is no period; write 2025-03, 2025Q1 or 2025"):
        parse_period(name)


def test_december_and_the_fourth_quarter_stay_in_their_year() -> None:
    assert period_at("month", date(2025, 12, 31)).name == "2025-12"
    assert period_at("quarter", date(2025, 12, 31)).name == "2025Q4"
    assert period_at("quarter", date(2025, 10, 1)).name == "2025Q4"


def test_periods_are_listed_the_newest_first_without_a_gap() -> None:
    span = (date(2024, 11, 20), date(2025, 2, 3))
    assert [p.name for p in list_periods("month", *span)] == [
        "2025-02",
        "2025-01",
        "2024-12",
        "2024-11",
    ]
    assert [p.name for p in list_periods("quarter", *span)] == ["2025Q1", "2024Q4"]
    assert [p.name for p in list_periods("year", *span)] == ["2025", "2024"]
