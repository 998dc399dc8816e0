"""The words of report periods and the days they stand for, with quarters cut either way."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from pipelines.serving.forms.periods import PeriodError, QuarterCuts, read_period

CALENDAR = QuarterCuts()
ON_THE_15TH = QuarterCuts(((date.min, "15"),))
CUT_FROM_2025 = QuarterCuts(((date.min, "calendar"), (date(2025, 1, 1), "15")))


@pytest.mark.parametrize(
    ("word", "cuts", "first", "last"),
    [
        ("2025-03", CALENDAR, "2025-03-01", "2025-03-31"),
        ("2024-02", CALENDAR, "2024-02-01", "2024-02-29"),
        ("2025-12", CALENDAR, "2025-12-01", "2025-12-31"),
        ("2025-12", ON_THE_15TH, "2025-12-01", "2025-12-31"),
        ("2025Q1", CALENDAR, "2025-01-01", "2025-03-31"),
        ("2025Q4", CALENDAR, "2025-10-01", "2025-12-31"),
        ("2025Q1", ON_THE_15TH, "2024-12-16", "2025-03-15"),
        ("2025Q2", ON_THE_15TH, "2025-03-16", "2025-06-15"),
        ("2025H1", CALENDAR, "2025-01-01", "2025-06-30"),
        ("2025H2", ON_THE_15TH, "2025-06-16", "2025-12-15"),
        ("2025", CALENDAR, "2025-01-01", "2025-12-31"),
        ("2025", ON_THE_15TH, "2024-12-16", "2025-12-15"),
        ("2024Q4", CUT_FROM_2025, "2024-10-01", "2024-12-31"),
        ("2025Q1", CUT_FROM_2025, "2025-01-01", "2025-03-15"),
        ("2025-05-10..2025-06-02", CALENDAR, "2025-05-10", "2025-06-02"),
    ],
)
def test_a_word_stands_for_its_days(word: str, cuts: QuarterCuts, first: str, last: str) -> None:
    period = read_period(word, cuts)
    assert (period.first_on, period.last_on) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )
    assert period.day_before == period.first_on - timedelta(days=1)


@pytest.mark.parametrize("cuts", [CALENDAR, ON_THE_15TH, CUT_FROM_2025])
def test_quarters_leave_no_day_out_and_count_none_twice(cuts: QuarterCuts) -> None:
    quarters = [read_period(f"{y}Q{q}", cuts) for y in range(2023, 2028) for q in range(1, 5)]
    for before, after in pairwise(quarters):
        assert after.day_before == before.last_on


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("2025Q5", "cannot be read"),
        ("2025-13", "cannot be read"),
        ("2025H3", "cannot be read"),
        ("0000", "cannot be read"),
        ("tháng 3", "cannot be read"),
        ("2025-02-30..2025-03-01", "2025-02-30 is no day"),
        ("2025-03-02..2025-03-01", "ends before it begins"),
    ],
)
def test_what_is_no_period_is_refused_in_one_sentence(word: str, said: str) -> None:
    with pytest.raises(PeriodError, match=said) as refused:
        read_period(word, CALENDAR)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["31", "0", "the 15th", ""])
def test_a_rule_without_sense_names_file_rule_and_value(value: str) -> None:
    with pytest.raises(PeriodError, match=rf"rules\.csv: report_quarter_last_day is '{value}'"):
        read_period("2025Q1", QuarterCuts(((date.min, value),)))


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("2025Q1", "Quý I năm 2025 (từ ngày 01/01/2025 đến ngày 31/03/2025)"),
        ("2025-03", "Tháng 3 năm 2025 (từ ngày 01/03/2025 đến ngày 31/03/2025)"),
        ("2025H2", "6 tháng cuối năm 2025 (từ ngày 01/07/2025 đến ngày 31/12/2025)"),
        ("2025", "Năm 2025 (từ ngày 01/01/2025 đến ngày 31/12/2025)"),
        ("2025-05-10..2025-06-02", "Từ ngày 10/05/2025 đến ngày 02/06/2025"),
    ],
)
def test_a_form_calls_its_period_by_name_and_days(word: str, title: str) -> None:
    assert read_period(word, CALENDAR).title_vi == title
