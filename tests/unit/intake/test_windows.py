"""What a pull asks for follows from the pulls that were complete."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipelines.intake.kinds import LookBack, Rest
from pipelines.intake.landing import Outcome
from pipelines.intake.windows import Window, window_to_ask

REST = Rest(url="http://shop.example")
START = datetime(2025, 3, 1, 6)
DAY = timedelta(days=1)


def pulled(day: int, since: datetime | None) -> Outcome:
    """A complete pull at six on a day after the start."""
    at = START + day * DAY
    return Outcome(
        pull_id=str(day), run_id="r", source="shop", identity="shop", feed="dossiers",
        kind="rest", window_from=since, window_to=at, fetched_at=at,
    )  # fmt: skip


def asked(rest: Rest, complete: list[Outcome], day: int, since: datetime | None = None) -> Window:
    at = START + day * DAY
    return window_to_ask(Window(since, at), complete, rest, at)


def test_the_first_pull_asks_for_everything() -> None:
    assert asked(REST, [], 0) == Window(None, START)


def test_the_next_pull_asks_from_the_watermark_less_the_overlap() -> None:
    assert asked(REST, [pulled(0, None)], 1).since == START - DAY
    longer = REST.model_copy(update={"overlap": 3 * DAY})
    assert asked(longer, [pulled(0, None)], 1).since == START - 3 * DAY


def test_a_source_that_missed_days_is_asked_from_its_watermark() -> None:
    assert asked(REST, [pulled(0, None)], 6).since == START - DAY


def test_days_asked_for_by_name_are_asked_for_too() -> None:
    earlier = START - 100 * DAY
    assert asked(REST, [pulled(0, None)], 1, earlier).since == earlier
    assert asked(REST, [pulled(0, None)], 1, START + DAY / 2).since == START - DAY


@pytest.mark.parametrize(
    ("rule", "wide_days"),
    [
        (LookBack(), [7, 14, 21]),
        (LookBack(every="3d", days=10), [3, 6, 9, 12, 15, 18, 21]),  # pyright: ignore[reportArgumentType]
        (None, []),
    ],
)
def test_the_look_back_comes_at_its_interval_and_reaches_as_far_as_it_says(
    rule: LookBack | None, wide_days: list[int]
) -> None:
    rest = REST.model_copy(update={"look_back": rule})
    complete = [pulled(0, None)]
    wide: list[int] = []
    for day in range(1, 23):
        window = asked(rest, complete, day)
        assert window.since is not None
        if window.until - window.since > 5 * DAY:
            wide.append(day)
            assert rule is not None
            assert window.since == START + (day - 1) * DAY - rule.days * DAY
        complete.append(pulled(day, window.since))
    assert wide == wide_days


def test_a_look_back_that_failed_is_still_due() -> None:
    complete = [pulled(day, START - DAY if day else None) for day in range(7)]
    for day in (7, 8):
        since = asked(REST, complete, day).since
        assert since == START + 6 * DAY - 45 * DAY
