from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboard.numbers import NOTHING, Numbers

VI, EN = Numbers("vi"), Numbers("en")


@pytest.mark.parametrize(
    ("ratio", "vietnamese", "english"),
    [
        (0.9196, "91,96\N{NO-BREAK SPACE}%", "91.96%"),
        (0.0, "0,00\N{NO-BREAK SPACE}%", "0.00%"),
        (1.0, "100,00\N{NO-BREAK SPACE}%", "100.00%"),
        (0.12345, "12,35\N{NO-BREAK SPACE}%", "12.35%"),
        (0.999949, "99,99\N{NO-BREAK SPACE}%", "99.99%"),
        (None, NOTHING, NOTHING),
    ],
)
def test_percent_has_two_decimals_rounded_once(
    ratio: float | None, vietnamese: str, english: str
) -> None:
    assert VI.percent(ratio) == vietnamese
    assert EN.percent(ratio) == english


def test_counts_have_group_marks() -> None:
    assert VI.count(1234567) == "1.234.567"
    assert EN.count(1234567) == "1,234,567"
    assert VI.count(None) == NOTHING


def test_changes_carry_their_sign() -> None:
    assert VI.points(0.0123) == "+1,23"
    assert VI.points(-0.0123) == "\N{MINUS SIGN}1,23"
    assert VI.points(-0.00001) == "0,00"
    assert VI.change(12.3456) == "+1.234,56\N{NO-BREAK SPACE}%"


def test_days_and_separators() -> None:
    assert VI.day(date(2025, 6, 14)) == "14/06/2025"
    assert VI.moment(datetime(2025, 6, 14, 8, 5)) == "08:05 14/06/2025"
    assert VI.day(None) == NOTHING
    assert (VI.separators, EN.separators) == (",.", ".,")
