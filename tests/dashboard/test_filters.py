"""What an address chooses: any address gives filters, every choice comes back by its own link."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.filters import Filters, Use, calendar_period, read_filters, units_of_today
from dashboard.links import link_here, link_to
from dashboard.periods import PERIODS, Period, find_period, name_months, named_months
from dashboard.reader import SnapshotReader
from pipelines.serving.metrics import MetricQuery
from pipelines.serving.snapshot import current_snapshot

EVERY: tuple[Use, ...] = (
    "period", "level", "unit", "field", "procedure", "channel", "boundaries", "definition",
)  # fmt: skip
SHARE = ("early_or_on_time_rate",)


@pytest.fixture(scope="module")
def reader(published_home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(published_home / "serving").file)


def read(reader: SnapshotReader, **address: str) -> Filters:
    return read_filters(reader, address, EVERY)


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["'; drop table meta; --", "../../etc", "９９９９", "0000", "9999Q4", "0001"]),
    st.from_regex(r"[0-9]{4}-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}", fullmatch=True),
    st.just("x" * 100_000),
)


@settings(max_examples=80, deadline=None)
@given(address=st.dictionaries(st.sampled_from([*EVERY, "lang", "wall", "x"]), HOSTILE))
def test_any_address_gives_a_question_that_can_be_answered(
    reader: SnapshotReader, address: dict[str, str]
) -> None:
    filters = read_filters(reader, address, EVERY)
    assert set(filters.kept.items()) <= set(address.items())
    assert filters.period.first_on <= filters.period.last_on <= reader.about.as_of
    assert not reader.ask(filters.query(SHARE)).is_empty()


def known(reader: SnapshotReader) -> dict[str, list[str]]:
    procedure = reader.procedures.row(0, named=True)
    return {
        "period": ["month", "months12", "2025-03", "2025Q1", "2025", "2025-02..2025-07"],
        "unit": units_of_today(reader.about.units)["unit_key"].to_list(),
        "field": [procedure["field_code"]],
        "procedure": [procedure["procedure_code"]],
        "channel": ["1", "2", "3"],
        "boundaries": ["today"],
        "definition": ["half_day", "instant"],
        "lang": ["en"],
    }


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_link_brings_back_what_was_chosen(reader: SnapshotReader, data: st.DataObject) -> None:
    offered = known(reader)
    names = data.draw(st.sets(st.sampled_from(sorted(offered))))
    address = {name: data.draw(st.sampled_from(offered[name])) for name in sorted(names)}
    filters = read(reader, **address)
    assert filters.kept == address
    assert query_of(link_to("units", filters)) == address
    assert read(reader, **query_of(link_here(filters))) == filters


def test_a_unit_that_ended_is_none_of_todays(reader: SnapshotReader) -> None:
    assert read(reader, unit="024@").unit == "024@"
    today = read(reader, unit="024@", boundaries="today")
    assert (today.unit, today.boundaries) == (None, "today")
    elsewhere = read_filters(reader, {"unit": "024@", "boundaries": "today"}, ("unit",))
    assert (elsewhere.unit, elsewhere.boundaries) == ("024@", "as_was")


def test_what_a_page_does_not_use_narrows_nothing_and_is_kept(reader: SnapshotReader) -> None:
    filters = read_filters(reader, {"channel": "2", "period": "month"}, ("period",))
    assert filters.channel is None
    assert not filters.is_narrowed
    assert query_of(link_to("channels", filters)) == {"channel": "2", "period": "month"}


@pytest.mark.parametrize(
    ("kept", "changes", "link"),
    [
        ({}, {}, "./"),
        ({"lang": "en"}, {"unit": "024@"}, "./?lang=en&unit=024@"),
        ({"level": "commune"}, {"unit": "024@"}, "./?unit=024@"),
        ({"unit": "024@"}, {"level": "commune"}, "./?level=commune"),
        ({"unit": "024@", "field": "HT"}, {"unit": None}, "./?field=HT"),
        ({}, {"period": "2025-01..2025-03"}, "./?period=2025-01..2025-03"),
        ({}, {"unit": "a&b=c"}, "./?unit=a%26b%3Dc"),
    ],
)
def test_a_link_changes_what_it_names_alone(
    kept: dict[str, str], changes: dict[str, str | None], link: str
) -> None:
    filters = Filters(Period(date(2025, 1, 1), date(2025, 1, 31)), kept=kept)
    assert link_to("overview", filters, **changes) == link
    assert link_to("units", filters, **changes) == link.replace("./", "units")


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2025-02", date(2025, 2, 1), date(2025, 2, 28)),
        ("2025Q2", date(2025, 4, 1), date(2025, 6, 30)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-11..2025-02", date(2024, 11, 1), date(2025, 2, 28)),
        ("2025-03..2025-03", date(2025, 3, 1), date(2025, 3, 31)),
    ],
)
def test_months_of_ones_own_are_whole(name: str, first: date, last: date) -> None:
    assert named_months(name) == Period(first, last)
    assert find_period(name, date(2026, 6, 30)) == Period(first, last)


@pytest.mark.parametrize(
    "name", ["2025-03..2025-01", "2025..2025", "2025Q1..2025Q2", "2025-01..", "..", "2025-13", ""]
)
def test_what_is_no_stretch_of_months_is_none(name: str) -> None:
    assert named_months(name) is None


def test_a_stretch_is_named_from_the_earlier_month() -> None:
    first, last = date(2025, 1, 1), date(2025, 3, 1)
    assert name_months(last, first) == name_months(first, last) == "2025-01..2025-03"


def test_a_period_outside_the_data_is_the_usual_one(reader: SnapshotReader) -> None:
    for name in ("2030", "1999", "2027-01..2027-02"):
        assert read(reader, period=name) == read(reader)


def test_a_definition_by_periods_is_asked_for_whole_ones_or_gives_way(
    reader: SnapshotReader,
) -> None:
    quarter = read(reader, definition="d766", period="quarter")
    assert (quarter.definition, quarter.query(SHARE).period) == ("d766", "quarter")
    stretch = read(reader, definition="d766", period="2025-01..2025-02")
    assert stretch.definition == "ii06a"
    assert query_of(link_here(stretch))["definition"] == "d766"


@pytest.mark.parametrize(
    ("name", "calendar"),
    [("2025Q1", "2025Q1"), ("2025-01..2025-03", "2025Q1"), ("2025-01..2025-02", None)],
)
def test_months_that_are_a_quarter_are_one(
    reader: SnapshotReader, name: str, calendar: str | None
) -> None:
    found = calendar_period(read(reader, period=name))
    assert (found and found.name) == calendar


def test_filters_narrow_as_the_question_says(reader: SnapshotReader) -> None:
    filters = read(reader, unit="08@2025-07-01", channel="2", period="2025Q4")
    assert filters.query(("received",), by=("month",)) == MetricQuery(
        ("received",),
        by=("month",),
        units=("08@2025-07-01",),
        channels=("2",),
        date_from=date(2025, 10, 1),
        date_to=date(2025, 12, 31),
    )


def test_every_named_period_is_a_period_of_the_bar(reader: SnapshotReader) -> None:
    found = {name: read(reader, period=name).period for name in PERIODS}
    assert len(set(found.values())) == len(PERIODS), json.dumps(found, default=str)
