"""Changes of units: both sides by key, near the month asked, never by code alone."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.network.changes import changes_around, read_changes
from pipelines.network.units import read_units, unit_key
from pipelines.settings import settings

REFERENCE = settings().reference_dir
MERGED_ON = date(2025, 7, 1)


def test_both_sides_of_every_change_are_units_of_the_day() -> None:
    units = set(read_units(REFERENCE).select(unit_key()).to_series().to_list())
    changes = read_changes(REFERENCE)
    assert {key for c in changes for key in (c.from_key, c.to_key)} <= units
    assert len({c.from_key for c in changes if c.kind == "unit_merger"}) > 180


def test_a_code_used_again_is_another_unit() -> None:
    merged = [c for c in read_changes(REFERENCE) if c.effective_on == MERGED_ON]
    reused = {c.from_key.split("@")[0] for c in merged} & {c.to_key.split("@")[0] for c in merged}
    assert len(reused) > 10
    assert all(c.from_key.endswith("@") for c in merged)
    assert all(c.to_key.endswith("@2025-07-01") for c in merged)


@pytest.mark.parametrize(
    ("month", "is_near"),
    [(date(2025, 7, 1), True), (date(2024, 7, 1), True), (date(2024, 6, 1), False),
     (date(2026, 7, 1), True), (date(2026, 8, 1), False)],
)  # fmt: skip
def test_a_change_is_looked_at_within_a_year_of_it(month: date, *, is_near: bool) -> None:
    heir = next(c.to_key for c in read_changes(REFERENCE) if c.kind == "unit_merger")
    assert bool(changes_around(heir, month, REFERENCE)) == is_near
