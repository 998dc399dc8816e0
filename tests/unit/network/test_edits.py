"""A home's edits lie over the list: what they do not name stays, what is taken back is gone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pipelines.network.change_list import read_change_rows, read_listed
from pipelines.network.changes import read_changes
from pipelines.network.check import find_faults
from pipelines.network.edits import COLUMNS, lay_over, put_edit, read_edits, write_edits
from pipelines.network.units import shops_on
from pipelines.settings import settings
from tests.unit.network.lists import home_with, write_edits_text

REFERENCE = settings().reference_dir
LISTED = read_listed(REFERENCE)
NONE = pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
SPLIT = ("unit-00688-00691", "unit-00688-00694")
ids = st.sampled_from(LISTED["change_id"].to_list())
days = st.dates(date(2019, 1, 1), date(2030, 12, 31)).map(date.isoformat)


@given(change_id=ids, day=days)
def test_a_moved_change_is_the_only_one_that_moves(change_id: str, day: str) -> None:
    edits = put_edit(NONE, LISTED, change_id, {"effective_date": day})
    moved = lay_over(LISTED, edits)
    others = pl.col("change_id") != change_id
    assert moved.filter(others).equals(LISTED.filter(others))
    here = moved.filter(~others)
    assert here["effective_date"].item() == day
    assert here.drop("effective_date").equals(LISTED.filter(~others).drop("effective_date"))


@given(moves=st.lists(st.tuples(ids, days), max_size=6), one=ids)
def test_what_is_moved_there_and_back_is_no_edit(moves: list[tuple[str, str]], one: str) -> None:
    edits = NONE
    for change_id, day in moves:
        if change_id != one:
            edits = put_edit(edits, LISTED, change_id, {"effective_date": day})
    there = put_edit(edits, LISTED, one, {"effective_date": "2029-02-03", "source": "said so"})
    assert there.height == edits.height + 1
    listed = LISTED.filter(change_id=one)["effective_date"].item()
    assert put_edit(there, LISTED, one, {"effective_date": listed, "source": None}).equals(edits)


def test_an_edit_keeps_what_an_earlier_one_said_of_other_cells() -> None:
    edits = put_edit(NONE, LISTED, SPLIT[0], {"share": "0.6"})
    edits = put_edit(edits, LISTED, SPLIT[0], {"source": "Nghị quyết"})
    assert edits.select("share", "source", "effective_date").rows() == [("0.6", "Nghị quyết", None)]


@examples(max_examples=25)
@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_shares_are_taken_only_where_they_make_one_whole(first: float, second: float) -> None:
    for shares in ((first, second), (first, 1 - first)):
        edits = NONE
        for change_id, share in zip(SPLIT, shares, strict=True):
            edits = put_edit(edits, LISTED, change_id, {"share": str(share)})
        faults = find_faults(settings(), edits)
        assert [f.field for f in faults] == ["share"] * (abs(sum(shares) - 1) > 1e-6)


def test_edits_are_written_and_read_as_they_are_and_go_with_the_last(tmp_path: Path) -> None:
    file = tmp_path / "home" / "unit_change_edits.csv"
    edits = put_edit(NONE, LISTED, "shop-00691", {"effective_date": "2024-08-01"})
    write_edits(file, edits)
    assert read_edits(file).equals(edits)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    write_edits(file, NONE)
    assert not file.exists()
    assert read_edits(file).equals(NONE)


def test_whoever_reads_the_list_reads_it_with_the_edits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home_with(monkeypatch, tmp_path)
    day = date(2024, 7, 15)
    assert shops_on(day, REFERENCE).height == 201
    before = read_changes(REFERENCE)
    write_edits_text(tmp_path, "shop-00691,2024-08-01,,,,", "unit-00688-00691,,,0.7,false,Số 1",
                     "unit-00688-00694,,,0.3,,")  # fmt: skip
    assert shops_on(day, REFERENCE).height == 202
    assert shops_on(date(2024, 8, 1), REFERENCE).height == 201
    after = read_changes(REFERENCE)
    assert [c.effective_on for c in after if c not in before] == [date(2024, 8, 1)]
    rows = read_change_rows(REFERENCE).filter("is_edited")
    assert rows.select("change_id", "share", "is_share_assumed", "source").rows()[1:] == [
        ("unit-00688-00691", 0.7, False, "Số 1"),
        ("unit-00688-00694", 0.3, True, LISTED.filter(change_id=SPLIT[1])["source"].item()),
    ]
    (tmp_path / "unit_change_edits.csv").unlink()
    assert shops_on(day, REFERENCE).height == 201
