"""The wall: which pages turn, how long each stays, whatever an address says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.registry import PageEntry
from dashboard.wall import Wall, read_wall


def page(path: str, *, is_on_wall: bool = True) -> PageEntry:
    return PageEntry(path, path, "", lambda _reader, _language: None, is_on_wall=is_on_wall)


OVERVIEW, SCORE, LIST = page("overview"), page("score766"), page("dossiers", is_on_wall=False)
OFFERED = (OVERVIEW, LIST, SCORE)


@pytest.mark.parametrize(
    ("asked", "pages"),
    [
        ("1", (OVERVIEW, SCORE)),
        ("score766", (SCORE,)),
        ("dossiers,overview", (OVERVIEW, LIST)),
        ("overview,no_such", (OVERVIEW,)),
        ("no_such", None),
        ("", None),
    ],
)
def test_the_wall_shows_what_is_named_of_what_is_offered(
    asked: str, pages: tuple[PageEntry, ...] | None
) -> None:
    wall = read_wall({"wall": asked}, OFFERED)
    assert (wall and wall.pages) == pages


def test_pages_follow_each_other_round_and_round() -> None:
    wall = Wall((OVERVIEW, SCORE), 20, "1")
    assert wall.after(OVERVIEW) == SCORE
    assert wall.after(SCORE) == OVERVIEW
    assert wall.after(LIST) == OVERVIEW


@pytest.mark.parametrize(
    ("asked", "seconds"), [("60", 60), ("1", 5), ("99999", 600), ("-7", 20), ("٣٠", 20), ("", 20)]
)
def test_a_page_stays_as_long_as_is_sensible(asked: str, seconds: int) -> None:
    wall = read_wall({"wall": "1", "seconds": asked}, OFFERED)
    assert wall
    assert wall.seconds == seconds


@given(wall=st.text(max_size=200), seconds=st.text(max_size=200))
def test_any_address_gives_a_wall_or_none(wall: str, seconds: str) -> None:
    found = read_wall({"wall": wall, "seconds": seconds}, OFFERED)
    assert found is None or (found.pages and 5 <= found.seconds <= 600)
