"""What must hold for any question: parts add up, ratios divide what they show."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.serving.metrics import MetricLayer, MetricQuery

COUNTS = ("received", "resolved", "early", "late", "withdrawn", "open", "overdue")
RATES = ("digitization_rate", "online_rate", "e_result_rate", "late_rate")
days = st.integers(0, 310).map(lambda n: date(2024, 11, 4) + timedelta(days=n))

relaxed = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(
    metric=st.sampled_from(COUNTS),
    grain=st.sampled_from(["day", "week", "month", "quarter", "year", None]),
    ends=st.tuples(days, days).map(sorted),
    level=st.sampled_from([None, "province", "commune"]),
    definition=st.sampled_from(["ii06a", "instant"]),
    part=st.sampled_from(["channel", "unit", "procedure"]),
)
@relaxed
def test_the_sum_over_a_group_is_the_total(
    layer: MetricLayer,
    metric: str,
    grain: str | None,
    ends: list[date],
    level: str | None,
    definition: str,
    part: str,
) -> None:
    time = () if grain is None else (grain,)
    total, parts = (
        layer.query(
            MetricQuery(
                (metric,), by, level=level, date_from=ends[0], date_to=ends[1],
                definition=definition,
            )
        )
        for by in (time, (*time, part))
    )  # fmt: skip
    known = total.filter(pl.col("status").is_null())
    summed = (
        parts.filter(pl.col("status").is_null())
        .group_by(time or pl.lit(0).alias("all"))
        .agg(pl.col("numerator").sum())
    )
    assert known["numerator"].sum() == summed["numerator"].sum()
    if grain is not None:
        joined = known.join(summed, on=grain, how="left", suffix="_of_parts")
        # A procedure without any row in the whole answer is no group of it.
        assert joined["numerator"].equals(joined["numerator_of_parts"].fill_null(0))


@given(metric=st.sampled_from(RATES), ends=st.tuples(days, days).map(sorted))
@relaxed
def test_a_ratio_is_its_own_fraction(layer: MetricLayer, metric: str, ends: list[date]) -> None:
    answer = layer.query(
        MetricQuery((metric,), ("unit", "month"), date_from=ends[0], date_to=ends[1])
    )
    for row in answer.iter_rows(named=True):
        assert 0 <= row["numerator"] <= row["denominator"]
        if row["denominator"] == 0:
            assert row["value"] is None
        else:
            assert row["value"] == pytest.approx(row["numerator"] / row["denominator"])
