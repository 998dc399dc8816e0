"""Moving a change: checked as a whole first, nothing is written of what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.network.change_list import read_change_rows
from pipelines.network.faults import NetworkError
from pipelines.network.move import MoveError, list_changes, move_change
from pipelines.network.units import shops_on
from pipelines.serving.publish import build_hash, network_hash, rules_hash
from pipelines.settings import Settings
from tests.unit.network.lists import EDITS, home_with, write_edits_text

AUGUST = date(2024, 8, 1)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    return home_with(monkeypatch, tmp_path)


def change(home: Settings, change_id: str) -> dict[str, object]:
    return read_change_rows(home.reference_dir).filter(change_id=change_id).row(0, named=True)


def test_a_moved_change_is_that_of_the_home_and_makes_the_next_build_whole(home: Settings) -> None:
    before = (network_hash(), build_hash(), rules_hash())
    moved = move_change(home, "shop-00691", AUGUST, None)
    assert (moved.before, moved.after) == (date(2024, 7, 1), AUGUST)
    assert shops_on(date(2024, 7, 31), home.reference_dir).height == 202
    row = change(home, "shop-00691")
    assert (row["effective_on"], row["is_date_assumed"], row["is_edited"]) == (AUGUST, True, True)
    assert network_hash() != before[0]
    assert build_hash() != before[1]
    assert rules_hash() == before[2]
    move_change(home, "shop-00691", date(2024, 7, 1), None)
    assert (network_hash(), build_hash(), rules_hash()) == before
    assert not (home.root / EDITS).exists()


def test_a_day_with_a_source_is_no_longer_assumed_and_moved_only_with_another(
    home: Settings,
) -> None:
    move_change(home, "shop-00691", AUGUST, "Quyết định 12/QĐ-UBND")
    row = change(home, "shop-00691")
    assert (row["is_date_assumed"], row["source"]) == (False, "Quyết định 12/QĐ-UBND")
    with pytest.raises(MoveError, match="2024-08-01 is not assumed: say with --source"):
        move_change(home, "shop-00691", date(2024, 9, 3), None)
    assert change(home, "shop-00691") == row


@pytest.mark.parametrize(
    ("change_id", "day", "source", "said"),
    [
        ("shop-00691", date(2025, 7, 2), None,
         "to_code: 024 is no unit in force on that day (2025-07-02)"),
        ("province-02-08", date(2025, 8, 1), "said so",
         "from_code: 02 is no unit in force on the day before (2025-07-31)"),
        ("abolish-024", date(2025, 6, 30), "said so",
         "to_code: area-024 is no unit in force on that day (2025-06-30)"),
    ],
)  # fmt: skip
def test_a_move_that_contradicts_the_units_is_refused_and_nothing_is_written(
    home: Settings, change_id: str, day: date, source: str | None, said: str
) -> None:
    with pytest.raises(NetworkError) as refused:
        move_change(home, change_id, day, source)
    assert str(refused.value).splitlines()[0] == f"{EDITS}: row 2: {change_id}: {said}"
    assert not (home.root / EDITS).exists()


def test_a_change_that_is_none_is_not_moved(home: Settings) -> None:
    with pytest.raises(MoveError, match="shop-1: is no change of this home"):
        move_change(home, "shop-1", AUGUST, None)


def test_nothing_is_moved_among_lists_that_contradict_themselves(home: Settings) -> None:
    write_edits_text(home.root, "unit-00688-00691,,,0.4,,")
    with pytest.raises(NetworkError, match=r"add up to 0\.4, not 1"):
        move_change(home, "shop-00691", AUGUST, None)


def test_the_list_says_what_is_assumed_edited_and_still_to_come(home: Settings) -> None:
    move_change(home, "shop-01021", date(2024, 12, 2), None)
    rows = list_changes(home, date(2024, 12, 1))
    assert rows.height == 212
    assert rows["effective_on"].is_sorted()
    assert rows.filter("is_date_assumed").height == 4
    assert rows.filter("is_edited")["change_id"].to_list() == ["shop-01021"]
    assert set(rows.filter(~rows["is_planned"])["change_id"]) == {
        "shop-00691", "shop-00721", "shop-00769"
    }  # fmt: skip
