"""A form whose figures contradict each other is never given."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.serving.forms.cells import COUNTS, FormError, check_identities
from pipelines.serving.forms.states import count_changes

RIGHT = {
    "received_total": 12, "received_online": 6, "received_direct_postal": 4, "carried_in": 2,
    "resolved_total": 9, "resolved_early": 5, "resolved_on_time": 3, "resolved_late": 1,
    "open_total": 3, "open_within": 2, "open_overdue": 1,
    "withdrawn": 1, "refused": 0, "stopped": 0, "no_due_date": 1,
}  # fmt: skip


def make_cells(**changed: int) -> pl.DataFrame:
    """Two fields of a commune; the second one with a planted change."""
    place = {"unit_code": "00691", "unit_valid_from": None, "level": "commune"}
    return pl.DataFrame(
        [
            {**place, "field_code": "HT", **RIGHT},
            {**place, "field_code": "DD", **RIGHT, **changed},
        ]
    )


def test_a_form_that_adds_up_passes() -> None:
    assert set(RIGHT) == set(COUNTS)
    check_identities(make_cells(), "2025Q1")


@pytest.mark.parametrize(
    ("planted", "identity"),
    [
        ({"received_online": 7}, r"\(3\) = \(4\) \+ \(5\) \+ \(6\)"),
        ({"resolved_late": 2}, r"\(7\) = \(8\) \+ \(9\) \+ \(10\)"),
        ({"open_within": 1}, r"\(11\) = \(12\) \+ \(13\)"),
        ({"received_total": 13, "carried_in": 3}, r"\(3\) = \(7\) \+ \(11\)"),
        ({"open_within": 4, "open_overdue": -1}, r"open_overdue ≥ 0"),
    ],
)
def test_a_planted_contradiction_is_refused_naming_unit_field_and_identity(
    planted: dict[str, int], identity: str
) -> None:
    with pytest.raises(
        FormError, match=f"2025Q1: unit 00691, level commune, field DD: {identity}"
    ) as refused:
        check_identities(make_cells(**planted), "2025Q1")
    assert "\n" not in str(refused.value)


def test_changes_are_counted_by_cell_and_a_row_that_is_gone_counts_as_zeros() -> None:
    kept = make_cells().drop("unit_code", "unit_valid_from")
    assert count_changes(kept, kept) == 0
    moved = make_cells(resolved_early=4, resolved_late=2).drop("unit_code", "unit_valid_from")
    assert count_changes(kept, moved) == 2
    gone = kept.filter(pl.col("field_code") == "HT")
    not_zero = sum(value != 0 for value in RIGHT.values())
    assert count_changes(kept, gone) == count_changes(gone, kept) == not_zero
