"""Figures of the metric layer against a direct count of the same dossiers."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricQueryError

Count = Callable[[str], int]
MAY = (date(2025, 5, 1), date(2025, 5, 31))


def numbers(answer: pl.DataFrame, *keys: str) -> dict[tuple[object, ...], int | None]:
    return {row[:-1]: row[-1] for row in answer.select(*keys, "numerator").iter_rows()}


def test_counts_of_a_month_equal_a_direct_count(layer: MetricLayer, count_dossiers: Count) -> None:
    names = ("received", "resolved", "late", "no_due_date", "withdrawn", "refused", "stopped")
    answer = layer.query(MetricQuery(names, by=("month",), date_from=MAY[0], date_to=MAY[1]))
    ended = "ended_on between '2025-05-01' and '2025-05-31' and ending ="
    assert numbers(answer, "metric") == {
        ("received",): count_dossiers("received_on between '2025-05-01' and '2025-05-31'"),
        ("resolved",): count_dossiers(f"{ended} 'resolved'"),
        ("late",): count_dossiers(f"{ended} 'resolved' and ended_on > due_on"),
        ("no_due_date",): count_dossiers(f"{ended} 'resolved' and due_on is null"),
        ("withdrawn",): count_dossiers(f"{ended} 'withdrawn'"),
        ("refused",): count_dossiers(f"{ended} 'refused'"),
        ("stopped",): count_dossiers(f"{ended} 'stopped'"),
    }
    assert answer["month"].unique().to_list() == ["2025-05"]
    assert answer["numerator"].dtype == pl.Int64
    assert answer["denominator"].null_count() == answer.height


def test_a_ratio_has_numerator_denominator_and_value(
    layer: MetricLayer, count_dossiers: Count
) -> None:
    answer = layer.query(MetricQuery(("digitization_rate", "e_result_rate", "late_rate")))
    resolved = "ended_on is not null and ending = 'resolved'"
    expected = [
        (count_dossiers("is_digitized"), count_dossiers("true")),
        (
            count_dossiers(f"{resolved} and is_result_due and has_e_result"),
            count_dossiers(f"{resolved} and is_result_due"),
        ),
        (count_dossiers(f"{resolved} and ended_on > due_on"), count_dossiers(resolved)),
    ]
    assert list(answer.select("numerator", "denominator").iter_rows()) == expected
    assert answer["value"].to_list() == pytest.approx([n / d for n, d in expected])
    assert answer["definition"].to_list() == [None, None, "ii06a"]


def test_classes_are_a_partition_and_definitions_differ(layer: MetricLayer) -> None:
    classes = ("early", "on_time", "late", "no_due_date")
    rules = ("ii06a", "instant")
    by_rule = {rule: layer.query(MetricQuery(classes, definition=rule)) for rule in rules}
    resolved = layer.query(MetricQuery(("resolved",)))["numerator"].sum()
    assert [answer["numerator"].sum() for answer in by_rule.values()] == [resolved, resolved]
    late = {rule: numbers(answer, "metric")[("late",)] for rule, answer in by_rule.items()}
    assert late["ii06a"] != late["instant"]
    assert by_rule["instant"]["definition"].unique().to_list() == ["instant"]


def test_a_ratio_over_nothing_is_empty(layer: MetricLayer) -> None:
    quiet_day = MetricQuery(
        ("late_rate", "received"), date_from=date(2024, 11, 4), date_to=date(2024, 11, 4),
        units=("00700",), procedures=("1.003",), channels=("3",),
    )  # fmt: skip
    rate, received = layer.query(quiet_day).iter_rows(named=True)
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (0, 0, None)
    assert (received["numerator"], received["denominator"], received["value"]) == (0, None, 0.0)
    assert rate["status"] is None


@pytest.mark.parametrize("group", ["unit", "level", "district", "field", "procedure", "channel"])
def test_parts_add_up_to_the_total(layer: MetricLayer, group: str) -> None:
    names = ("received", "resolved", "late", "open", "overdue")
    total = numbers(layer.query(MetricQuery(names)), "metric")
    parts = layer.query(MetricQuery(names, by=(group,))).group_by("metric").agg(
        pl.col("numerator").sum()
    )  # fmt: skip
    assert numbers(parts, "metric") == total


@pytest.mark.parametrize(
    ("grain", "label"),
    [("day", "2025-06-14"), ("week", "2025-W24"), ("month", "2025-06"), ("quarter", "2025Q2"),
     ("year", "2025")],
)  # fmt: skip
def test_cells_of_time_are_named_and_gapless(layer: MetricLayer, grain: str, label: str) -> None:
    answer = layer.query(MetricQuery(("received",), by=(grain,)))
    assert label in answer[grain].to_list()
    assert answer["numerator"].sum() == 1500
    assert answer[grain].is_sorted()
    assert answer[grain].n_unique() == answer.height
    if grain == "day":
        assert answer.height == (date(2025, 9, 10) - date(2024, 11, 4)).days + 1


def test_a_balance_is_that_of_the_last_day_of_the_cell(
    layer: MetricLayer, count_dossiers: Count
) -> None:
    answer = layer.query(MetricQuery(("open", "overdue"), by=("month",)))
    got = numbers(answer, "metric", "month")
    for month, end in {
        "2025-02": "2025-02-28",
        "2025-06": "2025-06-30",
        "2025-09": "2025-09-10",
    }.items():
        open_then = f"received_on <= '{end}' and (ended_on is null or ended_on > '{end}')"
        assert got[("open", month)] == count_dossiers(open_then)
        assert got[("overdue", month)] == count_dossiers(f"{open_then} and due_on < '{end}'")
    assert len(got) == 2 * 11


@pytest.mark.parametrize("procedure", ["1.001", "1.002", "1.003"])
@pytest.mark.parametrize("filtered", [True, False])
def test_a_balance_of_a_quiet_group_is_zero_not_an_earlier_one(
    layer: MetricLayer, count_dossiers: Count, procedure: str, filtered: bool
) -> None:
    narrow = MetricQuery(
        ("open",),
        by=("month",) if filtered else ("unit", "procedure", "channel", "month"),
        units=("00700",) if filtered else (),
        procedures=(procedure,) if filtered else (),
        channels=("2",) if filtered else (),
        date_to=date(2025, 6, 30),
    )
    answer = layer.query(narrow)
    if not filtered:
        answer = answer.filter(unit_code="00700", procedure_code=procedure, channel="2")
    expected: dict[tuple[object, ...], int | None] = {}
    for year, month in [(2024, 11), (2024, 12), *((2025, month) for month in range(1, 7))]:
        end = date(year, month, monthrange(year, month)[1])
        expected[(f"{year}-{month:02}",)] = count_dossiers(
            f"unit_key = '00700@' and procedure_code = '{procedure}' and channel = '2'"
            f" and received_on <= '{end}' and (ended_on is null or ended_on > '{end}')"
        )
    assert numbers(answer, "month") == expected


def test_a_balance_within_a_cut_cell_is_that_of_its_last_day(
    layer: MetricLayer, count_dossiers: Count
) -> None:
    answer = layer.query(MetricQuery(("open",), by=("month",), date_to=date(2025, 3, 12)))
    wednesday = "received_on <= '2025-03-12' and (ended_on is null or ended_on > '2025-03-12')"
    assert numbers(answer, "month")[("2025-03",)] == count_dossiers(wednesday)


def test_a_balance_is_known_at_the_end_of_every_day_kept_or_not(
    layer: MetricLayer, count_dossiers: Count
) -> None:
    first, last = date(2025, 3, 3), date(2025, 3, 9)
    names = ("open", "overdue")
    answer = layer.query(MetricQuery(names, by=("day", "level"), date_from=first, date_to=last))
    for row in answer.iter_rows(named=True):
        open_then = (
            f"level = '{row['level']}' and received_on <= '{row['day']}'"
            f" and (ended_on is null or ended_on > '{row['day']}')"
        )
        late = f" and due_on < '{row['day']}'" if row["metric"] == "overdue" else ""
        assert row["numerator"] == count_dossiers(open_then + late), row
    assert answer["status"].null_count() == answer.height == 42


def test_a_definition_by_periods_counts_a_dossier_in_every_period_it_touches(
    layer: MetricLayer, count_dossiers: Count
) -> None:
    names = ("on_time", "late", "no_due_date")
    march = "received_on <= '2025-03-31' and coalesce(ended_on, '2999-01-01') >= '2025-03-01'"
    for query in (
        MetricQuery(names, by=("month",), definition="d766",
            date_from=date(2025, 3, 1), date_to=date(2025, 3, 31)),
        MetricQuery(names, definition="d766",
            date_from=date(2025, 3, 1), date_to=date(2025, 3, 31)),
    ):  # fmt: skip
        answer = layer.query(query)
        assert answer["numerator"].sum() == count_dossiers(march)
        ended = "least(coalesce(ended_on, '2999-01-01'), '2025-03-31')"
        assert numbers(answer, "metric")[("late",)] == count_dossiers(
            f"{march} and {ended} > due_on"
        )


def test_a_class_that_a_definition_does_not_have_is_empty_with_the_reason(
    layer: MetricLayer,
) -> None:
    answer = layer.query(MetricQuery(("early", "early_rate"), by=("year",), definition="d766"))
    assert answer["status"].unique().to_list() == ["not_in_definition"]
    assert answer["value"].null_count() == answer["numerator"].null_count() == answer.height
    vendor = layer.query(MetricQuery(("no_due_date",), definition="ii06a_vendor"))
    assert vendor["status"].to_list() == ["not_in_definition"]


def test_a_part_of_a_period_has_no_value_under_a_definition_by_periods(
    layer: MetricLayer,
) -> None:
    answer = layer.query(
        MetricQuery(
            ("late_rate", "received"),
            by=("month",),
            definition="d766",
            date_from=date(2025, 2, 2),
            date_to=date(2025, 4, 12),
        )
    )
    status = {(r["metric"], r["month"]): r["status"] for r in answer.iter_rows(named=True)}
    assert status[("late_rate", "2025-02")] == "period_incomplete"
    assert status[("late_rate", "2025-03")] is None
    assert status[("late_rate", "2025-04")] == "period_incomplete"
    assert status[("received", "2025-02")] is None


def test_the_last_period_is_held_against_the_last_day_of_the_data(layer: MetricLayer) -> None:
    answer = layer.query(MetricQuery(("late_rate",), by=("month",), definition="d766"))
    assert answer["month"].to_list()[-1] == "2025-09"
    assert answer["status"].null_count() == answer.height


@pytest.mark.parametrize(
    ("by", "days"),
    [
        (("day",), (None, None)),
        (("week",), (None, None)),
        ((), (None, None)),
        (("unit",), (date(2025, 1, 1), date(2025, 6, 14))),
        ((), (date(2025, 2, 1), date(2025, 4, 30))),
    ],
)
def test_a_definition_by_periods_is_refused_for_other_stretches(
    layer: MetricLayer, by: tuple[str, ...], days: tuple[date | None, date | None]
) -> None:
    query = MetricQuery(
        ("late_rate",), by=by, definition="d766", date_from=days[0], date_to=days[1]
    )
    with pytest.raises(MetricQueryError, match="ask by month, quarter or year"):
        layer.query(query)


def test_a_unit_may_be_asked_for_with_its_validity(layer: MetricLayer) -> None:
    def received(unit: str) -> int:
        return layer.query(MetricQuery(("received",), units=(unit,)))["numerator"].sum()

    assert received("00691@") > 0
    assert received("00691@2025-07-01") > 0
    assert received("00691") == received("00691@") + received("00691@2025-07-01")
    with pytest.raises(MetricQueryError, match="unknown unit '00691@2020-01-01'"):
        received("00691@2020-01-01")


def test_a_code_means_all_its_validities(layer: MetricLayer, count_dossiers: Count) -> None:
    answer = layer.query(MetricQuery(("received",), by=("unit",), units=("00691",)))
    assert answer.columns[:4] == ["metric", "definition", "unit_code", "unit_valid_from"]
    assert numbers(answer, "unit_code", "unit_valid_from") == {
        ("00691", date(2025, 7, 1)): count_dossiers("unit_key = '00691@2025-07-01'"),
        ("00691", None): count_dossiers("unit_key = '00691@'"),
    }


def test_an_ended_unit_has_no_value_and_the_reason_when_asked(layer: MetricLayer) -> None:
    first, last = date(2025, 8, 1), date(2025, 8, 31)
    asked = layer.query(
        MetricQuery(
            ("received", "late_rate"),
            by=("unit",),
            units=("00700", "00703"),
            date_from=first,
            date_to=last,
        )
    )
    ended = asked.filter(pl.col("unit_code") == "00700")
    assert ended["status"].to_list() == ["unit_ended", "unit_ended"]
    assert ended.select("numerator", "denominator", "value").null_count().row(0) == (2, 2, 2)
    assert asked.filter(pl.col("unit_code") == "00703")["status"].null_count() == 2
    total = layer.query(MetricQuery(("received",), units=("00700",), date_from=first, date_to=last))
    assert total["status"].to_list() == ["unit_ended"]
    unasked = layer.query(MetricQuery(("received",), by=("unit",), date_from=first, date_to=last))
    assert "00700" not in unasked["unit_code"].to_list()
    assert "area-024" not in unasked["unit_code"].to_list()


def test_the_tail_of_an_ended_unit_stays_with_it(layer: MetricLayer, count_dossiers: Count) -> None:
    first, last = date(2025, 7, 1), date(2025, 7, 31)
    answer = layer.query(MetricQuery(("resolved",), by=("unit",), date_from=first, date_to=last))
    assert numbers(answer, "unit_code", "unit_valid_from")[("00700", None)] == count_dossiers(
        "unit_key = '00700@' and ending = 'resolved' and ended_on between '2025-07-01'"
        " and '2025-07-31'"
    )


def test_periods_the_data_does_not_cover(layer: MetricLayer) -> None:
    before = layer.query(
        MetricQuery(("received", "open"), date_from=date(2020, 1, 1), date_to=date(2020, 1, 31))
    )
    assert before["status"].to_list() == ["nothing_known", "nothing_known"]
    assert before["value"].null_count() == 2
    after = MetricQuery(("received", "open"), date_from=date(2026, 1, 1))
    assert layer.query(after)["status"].to_list() == ["nothing_known", "nothing_known"]
    by_month = MetricQuery(("received",), by=("month",), date_from=date(2026, 1, 1))
    assert layer.query(by_month).is_empty()


def test_a_filter_on_level_channel_and_field(layer: MetricLayer, count_dossiers: Count) -> None:
    answer = layer.query(
        MetricQuery(("received",), level="commune", channels=("2",), fields=("G01",))
    )
    assert answer["numerator"].item() == count_dossiers(
        "level = 'commune' and channel = '2' and field_code = 'G01'"
    )


def test_answers_are_the_same_from_many_threads(layer: MetricLayer) -> None:
    queries = [
        MetricQuery(("received", "late_rate"), by=("unit", "month"), definition=rule, units=(unit,))
        for rule in ("ii06a", "instant", "d766")
        for unit in ("02", "024", "00691", "00700")
    ]
    alone = [layer.query(query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(layer.query, queries * 4))
    for index, answer in enumerate(together):
        assert answer.equals(alone[index % len(queries)])


def test_a_snapshot_without_any_dossier_still_answers(
    build_snapshot: Callable[[str], Path],
) -> None:
    empty = MetricLayer.open(build_snapshot("false"))
    answer = empty.query(MetricQuery(("received", "open", "late_rate"), by=("level",)))
    assert answer["numerator"].unique().to_list() == [0]
    assert answer["level"].unique().sort().to_list() == ["commune", "province"]
    empty.close()
