"""What other products get wrong (domain §10): dates and classes that are wrong.

One test each, named by its id. The check is put to the models as they are, where it must hold,
and to the same models with the mistake planted, where it must not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.models.compiled import Mistake, fetch

Build = Callable[..., Path]
DEFINITIONS = ("ii06a", "ii06a_vendor", "half_day", "instant")
LATER_CLOSING = "update main.working_hours set closes = '16:00:00' where closes = '17:00:00'"


def one(file: Path, column: str, code: str, table: str = "fct_dossier") -> object:
    """A column of a dossier."""
    ((value,),) = fetch(file, f"select {column} from main.{table} where dossier_code = '{code}'")
    return value


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake("met_deadline", "class_half_day as class", "class_instant as class"),
        Mistake(
            "met_class_move",
            "coalesce(class_ii06a, state)",
            "replace(coalesce(class_ii06a, state), 'no_due_date', 'early')",
        ),
        Mistake("met_class_move", "class_instant as class_to", "class_ii06a as class_to"),
    ],
    ids=["counted otherwise", "missing due date early elsewhere", "compared otherwise"],
)
def test_d03_every_place_that_shows_a_class_has_the_same(
    build: Build, right: Path, mistake: Mistake
) -> None:
    def count(file: Path, definition: str) -> list[list[tuple[object, ...]]]:
        column = f"class_{definition}"
        resolved = "from main.fct_dossier where state = 'resolved'"
        classes = ("early", "on_time", "late", "no_due_date")
        sums = ", ".join(f"sum({name}_n)" for name in classes)
        filtered = ", ".join(f"count(*) filter ({column} = '{name}')" for name in classes)
        counted = (
            fetch(file, f"select {sums} from main.met_deadline where definition = '{definition}'"),
            fetch(file, f"select {filtered} from main.fct_dossier"),
        )
        assert counted[0] == counted[1]
        if definition == "ii06a":
            return []
        moved = (
            fetch(
                file,
                f"""select class_from, class_to, sum(compared_n) from main.met_class_move
                where definition = '{definition}' and class_from <> 'withdrawn'
                group by all order by all""",
            ),
            fetch(
                file, f"select class_ii06a, {column}, count(*) {resolved} group by all order by all"
            ),
        )
        assert moved[0] == moved[1]
        return list(moved)

    def check(file: Path) -> None:
        found = [count(file, definition) for definition in DEFINITIONS]
        assert any(a != b for moves in found for rows in moves for a, b, _ in rows)

    check(right)
    with pytest.raises(AssertionError):
        check(build(mistake))


def test_d04_configured_hours_reach_the_due_date_and_the_working_time(
    build: Build, right: Path
) -> None:
    def check(file: Path) -> None:
        assert one(right, "due_computed_at", "early") == datetime(2025, 3, 11, 17)
        assert one(file, "due_computed_at", "early") == datetime(2025, 3, 11, 16)
        # Monday 08:00 to Friday 10:00: 4 days of 7 hours and 2 hours
        assert one(file, "working_minutes", "early") == 4 * 420 + 120

    check(build(reference=(LATER_CLOSING,)))
    fixed = Mistake("int_worktime_day", "cast(closing_second as bigint)", "cast(61200 as bigint)")
    with pytest.raises(AssertionError):
        check(build(fixed, reference=(LATER_CLOSING,)))


def test_d05_a_saturday_is_judged_by_the_day_it_is_due_not_by_the_reception(
    build: Build, right: Path
) -> None:
    def check(file: Path) -> None:
        code = "due on a shop's Saturday".replace("'", "''")
        # received on a Friday; that Saturday the shop closes at 11:30
        assert one(file, "due_moment_at", code) == datetime(2025, 3, 15, 11, 30)
        assert one(file, "class_instant", code) == "late"
        assert one(file, "class_half_day", code) == "late"

    check(right)
    by_reception = Mistake(
        "int_dossier_classified",
        "cast(dossier.due_at as date) = due_day.day_on",
        "cast(dossier.received_at as date) = due_day.day_on",
    )
    with pytest.raises(AssertionError):
        check(build(by_reception))


def test_d07_refused_after_processing_has_no_deadline_class(build: Build, right: Path) -> None:
    def check(file: Path) -> None:
        assert one(file, "state", "refused") == "refused"
        assert [one(file, f"class_{name}", "refused") for name in DEFINITIONS] == [None] * 4
        assert fetch(file, "select sum(refused_n) from main.met_closed") == [(1,)]

    check(right)
    classed = Mistake(
        "int_dossier_classified",
        "when state <> 'resolved' then null",
        "when state not in ('resolved', 'refused') then null",
    )
    with pytest.raises(AssertionError):
        check(build(classed))


def test_d10_swapped_working_saturdays_count(build: Build, right: Path) -> None:
    def check(file: Path) -> None:
        code = "over a swapped Saturday"
        assert one(file, "due_computed_at", code) == datetime(2025, 4, 26, 17)
        # an hour on Friday, the Saturday, an hour on Monday
        assert one(file, "working_minutes", code) == 60 + 480 + 60

    check(right)
    five_days = Mistake(
        "dim_calendar", "is_working_day = '1'", "is_working_day = '1' and kind <> 'swap_work'"
    )
    with pytest.raises(AssertionError):
        check(build(five_days))


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake("met_resolved", "cast(finished_at as date)", "cast(returned_at as date)"),
        Mistake("met_deadline", "cast(closed_at as date)", "cast(returned_at as date)"),
        Mistake("met_class_move", "cast(closed_at as date)", "cast(returned_at as date)"),
        Mistake("fct_balance_event", "closed_at", "returned_at"),
    ],
    ids=lambda mistake: mistake.place,
)
def test_d11_every_report_counts_the_resolved_by_their_finish(
    build: Build, right: Path, mistake: Mistake
) -> None:
    def check(file: Path) -> None:
        finished = fetch(
            file,
            """select date_trunc('month', finished_at)::date, count(*) from main.fct_dossier
            where state = 'resolved' group by all order by all""",
        )
        for table, column, condition, count in (
            ("met_resolved", "finished_on", "true", "sum(resolved_n)"),
            ("met_deadline", "counted_on", "definition = 'ii06a'", "sum(classified_n)"),
            ("met_deadline", "counted_on", "definition = 'instant'", "sum(classified_n)"),
            ("met_class_move", "closed_on", "definition = 'half_day'", "sum(compared_n)"),
        ):
            counted = fetch(
                file,
                f"""select date_trunc('month', {column})::date, {count} from main.{table}
                where {condition} group by all order by all""",
            )
            assert counted == finished, table
        still_open = "select sum(open_n) from main.fct_balance_event where day_on <= '2025-03-31'"
        # all but the one of April are received by then, and closed
        assert fetch(file, still_open) == [(0,)]

    check(right)
    with pytest.raises(AssertionError):
        check(build(mistake))
