"""The two readings of a series: whose a dossier is, which units are asked, and what both share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricQueryError

COUNTS = ("received", "resolved", "early", "late", "withdrawn", "open", "overdue", "digitized")
TODAY = {
    "00691@2025-07-01": "commune", "00703@2025-07-01": "commune", "08@2025-07-01": "province",
    "area-02@2025-07-01": "province", "area-024@2025-07-01": "district",
}  # fmt: skip
days = st.integers(0, 310).map(lambda n: date(2024, 11, 4) + timedelta(days=n))


def by_key(answer: pl.DataFrame, column: str = "numerator") -> dict[str, object]:
    key = pl.col("unit_code") + "@" + pl.col("unit_valid_from").dt.to_string().fill_null("")
    return dict(answer.select(key, column).iter_rows())


@pytest.mark.parametrize(
    ("metric", "condition"),
    [
        ("received", "true"),
        ("resolved", "ended_on is not null and ending = 'resolved'"),
        ("open", "ended_on is null"),
        ("digitized", "is_digitized"),
    ],
)
def test_a_unit_of_today_has_the_dossiers_of_those_it_followed(
    layer: MetricLayer, count_dossiers: Callable[[str], int], metric: str, condition: str
) -> None:
    answer = by_key(layer.query(MetricQuery((metric,), by=("unit",), boundaries="today")))
    assert answer == {
        key: count_dossiers(f"today_unit_key = '{key}' and {condition}") for key in TODAY
    }


def test_a_dossier_keeps_the_level_of_the_shop_that_received_it(layer: MetricLayer) -> None:
    answer = layer.query(MetricQuery(("received",), by=("unit", "level"), boundaries="today"))
    assert by_key(answer, "level") == TODAY


@pytest.mark.parametrize("level", ["province", "district", "commune"])
def test_a_level_is_that_of_the_units_that_were(layer: MetricLayer, level: str) -> None:
    answer = layer.query(MetricQuery(("received",), by=("unit",), level=level, boundaries="today"))
    assert by_key(answer).keys() == {key for key, of in TODAY.items() if of == level}


def test_every_unit_of_today_has_every_month_and_none_has_ended(layer: MetricLayer) -> None:
    answer = layer.query(MetricQuery(("received",), by=("unit", "month"), boundaries="today"))
    assert answer.height == len(TODAY) * answer["month"].n_unique()
    assert answer["status"].null_count() == answer.height
    assert answer["month"].min() == "2024-11"


def test_a_month_before_the_data_is_still_unknown(layer: MetricLayer) -> None:
    question = MetricQuery(
        ("received",), by=("unit", "month"), boundaries="today",
        date_from=date(2024, 9, 1), date_to=date(2024, 9, 30),
    )  # fmt: skip
    assert set(layer.query(question)["status"]) == {"nothing_known"}


def test_the_district_of_today_is_the_area(
    layer: MetricLayer, count_dossiers: Callable[[str], int]
) -> None:
    answer = layer.query(MetricQuery(("received",), by=("district",), boundaries="today"))
    in_area = count_dossiers("level <> 'province'")
    assert dict(answer.select("district_code", "numerator").iter_rows()) == {
        "area-024": in_area, None: count_dossiers("true") - in_area,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["00703", "00703@2025-07-01"])
def test_one_unit_is_asked_by_code_or_key(
    layer: MetricLayer, count_dossiers: Callable[[str], int], name: str
) -> None:
    answer = layer.query(MetricQuery(("received",), units=(name,), boundaries="today"))
    counted = count_dossiers("today_unit_key = '00703@2025-07-01'")
    assert answer["numerator"].to_list() == [counted]
    assert counted > count_dossiers("unit_key = '00703@2025-07-01'") > 0


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"units": ("024",)}, "unit 024 is not on today's boundaries; its dossiers are those of"
                              " area-024"),
        ({"units": ("00703", "02")}, "unit 02 is not .* those of area-02"),
        ({"units": ("00691@",)}, "unit 00691@ is not .* those of 00691, 00703"),
        ({"units": ("99999",)}, "unknown unit '99999'"),
        ({"level": "area"}, "unknown level 'area'; choose from commune, district, province"),
        ({"boundaries": "tomorrow"}, "unknown boundaries 'tomorrow'; choose from as_was, today"),
    ],
)  # fmt: skip
def test_a_unit_that_is_not_of_today_is_refused_with_its_successors(
    layer: MetricLayer, question: dict[str, str], message: str
) -> None:
    asked = {"boundaries": "today"} | question
    with pytest.raises(MetricQueryError, match=message):
        layer.query(MetricQuery(("received",), **asked))  # pyright: ignore[reportArgumentType]


@given(
    metric=st.sampled_from(COUNTS),
    grain=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    ends=st.tuples(days, days).map(sorted),
    definition=st.sampled_from(["ii06a", "instant"]),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_units_add_up_to_the_same_under_both_readings(
    layer: MetricLayer, metric: str, grain: str, ends: list[date], definition: str
) -> None:
    was, today = (
        layer.query(
            MetricQuery(
                (metric,), by=("unit", "level", grain), date_from=ends[0], date_to=ends[1],
                definition=definition, boundaries=boundaries,
            )
        )
        .filter(pl.col("numerator") != 0)
        .group_by("level", grain)
        .agg(pl.col("numerator").sum())
        .sort("level", grain)
        for boundaries in ("as_was", "today")
    )  # fmt: skip
    assert was.equals(today)
