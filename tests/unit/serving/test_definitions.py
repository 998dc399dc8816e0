"""Definitions side by side: counts, moves between classes, and a reason for every move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.serving.definitions import Move, compare_definitions, name_move
from pipelines.serving.definitions.reasons import INSIDE, REASONS
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
CLASSES = ("early", "on_time", "late", "no_due_date")
DUE_DAY = date(2025, 3, 11)  # a Tuesday
OPENS, REOPENS, CLOSES = time(7, 30), time(13), time(17)


@pytest.fixture(scope="module")
def layer(published_home: Path) -> Iterator[MetricLayer]:
    opened = MetricLayer.open(current_snapshot(published_home / "serving").file)
    yield opened
    opened.close()


def by_date(finish: datetime, due: datetime) -> str:
    if finish.date() == due.date():
        return "on_time"
    return "early" if finish.date() < due.date() else "late"


def last_session(due: datetime) -> datetime:
    """The session that holds the due moment, else the last one begun before it."""
    if due.time() >= REOPENS:
        return datetime.combine(due.date(), REOPENS)
    if due.time() >= OPENS:
        return datetime.combine(due.date(), OPENS)
    return datetime.combine(due.date() - timedelta(days=1), REOPENS)


def moves_by_the_rules() -> set[tuple[str, str, str]]:
    """Every change of class that domain §4 allows, found by trying finishes, dues and requests."""
    found = set[tuple[str, str, str]]()
    dues = [datetime.combine(DUE_DAY, at) for at in (time(6), time(10), time(12), CLOSES)]
    days = (DUE_DAY + timedelta(days=n) for n in (-2, -1, 0, 1))
    hours = (time(5), time(8), time(10), time(14), CLOSES, time(20))
    finishes = [datetime.combine(day, at) for day, at in product(days, hours)]
    for finish, due, is_day, requests in product(finishes, dues, (False, True), (0, 2)):
        form = by_date(finish, due)
        if is_day:
            half_day = instant = d766 = form
        else:
            instant = "early" if finish < due else "on_time" if finish == due else "late"
            half_day = "early" if finish < last_session(due) else (
                "on_time" if finish <= due else "late")  # fmt: skip
            d766 = instant
        d766 = "late" if requests >= 2 or d766 == "late" else "on_time"
        found |= {("half_day", form, half_day), ("instant", form, instant), ("d766", form, d766)}
    found |= {("d766", "no_due_date", by) for by in ("on_time", "late", "no_due_date")}
    found |= {("ii06a_vendor", form, "on_time") for form in ("no_due_date", "withdrawn")}
    return {move for move in found if move[1] != move[2]}


def test_every_move_the_rules_allow_has_a_reason_and_no_other_has() -> None:
    assert moves_by_the_rules() == set(REASONS)


def test_every_reason_is_said_in_both_languages_with_its_count() -> None:
    for definition, class_from, class_to in REASONS:
        vi, en = name_move(Move(definition, class_from, class_to, 1693))
        assert vi.startswith("1.693 hồ sơ ")
        assert en.startswith("1,693 dossiers ")
        assert "{" not in vi + en


def test_a_planted_move_without_a_reason_is_named_as_such() -> None:
    vi, en = name_move(Move("instant", "late", "early", 2))
    assert "chưa có lý do" in vi
    assert "no reason on record" in en


def test_classes_add_up_to_whom_a_definition_classifies(layer: MetricLayer) -> None:
    for each in compare_definitions(
        layer.query, layer.definitions, first_on=YEAR[0], last_on=YEAR[1]
    ):
        parts = [each.early, each.on_time, each.late, each.no_due_date]
        assert sum(part or 0 for part in parts) == each.classified
        assert each.shares["early_or_on_time_rate"].denominator == each.classified
        assert each.definition.population_vi


def test_moves_turn_the_classes_of_the_form_into_those_of_a_definition(layer: MetricLayer) -> None:
    compared = {
        each.definition.id: each
        for each in compare_definitions(
            layer.query, layer.definitions, first_on=YEAR[0], last_on=YEAR[1]
        )
    }
    form = compared["ii06a"]
    assert form.moves == ()
    moved = 0
    for name in ("ii06a_vendor", "half_day", "instant"):
        other = compared[name]
        for kind in CLASSES:
            came = sum(m.dossiers for m in other.moves if m.class_to == kind)
            left = sum(m.dossiers for m in other.moves if m.class_from == kind)
            assert (getattr(other, kind) or 0) == getattr(form, kind) + came - left
            moved += came
    assert moved > 0


def test_early_is_inside_on_time_under_decision_766_and_no_move(layer: MetricLayer) -> None:
    *_, d766 = compare_definitions(
        layer.query, layer.definitions, first_on=YEAR[0], last_on=YEAR[1]
    )
    assert (d766.definition.id, d766.early) == ("d766", None)
    assert d766.inside is not None
    assert INSIDE not in {(m.definition, m.class_from, m.class_to) for m in d766.moves}
    assert "nằm trong nhóm đúng hạn" in d766.sentence_vi


@pytest.mark.parametrize(
    ("first_on", "last_on", "is_counted"),
    [
        (date(2025, 3, 1), date(2025, 3, 31), True),
        (date(2025, 4, 1), date(2025, 6, 30), True),
        (date(2026, 1, 1), date(2026, 12, 31), True),  # it ends after the data
        (date(2025, 3, 1), date(2025, 4, 30), False),
        (date(2025, 3, 2), date(2025, 3, 31), False),
        (None, None, False),
    ],
    ids=["month", "quarter", "year begun", "two months", "part of a month", "no period"],
)
def test_decision_766_is_counted_for_whole_periods_and_else_said_in_words(
    layer: MetricLayer, first_on: date | None, last_on: date | None, *, is_counted: bool
) -> None:
    *others, d766 = compare_definitions(
        layer.query, layer.definitions, first_on=first_on, last_on=last_on
    )
    assert (d766.classified is not None) == is_counted
    assert ("tháng, quý hoặc năm" in d766.sentence_vi) != is_counted
    assert all(each.classified is not None for each in others)


def call(home: Path, *args: str) -> tuple[int, str, str]:
    told = CliRunner().invoke(
        app, ["metrics", "--definition", "all", *args], env={"MOTCUA_HOME": str(home)}
    )
    return told.exit_code, told.stdout, told.stderr


def test_the_command_line_answers_under_every_definition_at_once(
    published_home: Path, layer: MetricLayer
) -> None:
    args = [
        "--metric",
        "late",
        "--metric",
        "received",
        "--from",
        "2025-01-01",
        "--to",
        "2025-12-31",
    ]
    status, out, told = call(published_home, *args, "--format", "json")
    answer = json.loads(out)
    assert (status, told) == (0, "")
    assert [r["definition"] for r in answer["rows"]] == [None, *layer.definitions]
    assert [d["id"] for d in answer["definitions"]] == list(layer.definitions)
    for row in answer["rows"][1:]:
        query = MetricQuery(
            ("late",), date_from=YEAR[0], date_to=YEAR[1], definition=row["definition"]
        )
        assert row["numerator"] == layer.query(query)["numerator"].item()
    assert {m["definition"] for m in answer["moves"]} <= set(layer.definitions) - {"ii06a"}
    assert all(s["vi"] and s["en"] for s in answer["sentences"])


@pytest.mark.parametrize(
    "args",
    [["--by", "week"], ["--by", "day"], ["--from", "2025-03-02", "--to", "2025-04-20"]],
    ids=["week", "day", "part of two months"],
)
def test_decision_766_is_left_out_where_it_says_nothing_and_a_line_says_why(
    published_home: Path, args: list[str]
) -> None:
    days = [] if "--from" in args else ["--from", "2025-03-01", "--to", "2025-03-31"]
    status, out, told = call(published_home, "--metric", "late", *args, *days, "--format", "csv")
    assert status == 0
    assert "d766" not in out
    assert told.count("\n") == 1
    assert told.startswith("d766 left out: ")


def test_a_metric_nobody_knows_is_refused_under_all_definitions_too(published_home: Path) -> None:
    status, out, told = call(published_home, "--metric", "lateness")
    assert (status, out) == (2, "")
    assert told.startswith("unknown metric 'lateness'")
