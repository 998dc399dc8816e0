from __future__ import annotations

from datetime import date

from pipelines.charts import ClassSeries, TargetSpan, class_stack, monthly_line, sparkline

MONTHS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_a_month_without_value_leaves_a_gap() -> None:
    span = TargetSpan(MONTHS[0], MONTHS[-1], 90)
    figure = monthly_line(
        MONTHS, [95.0, None, 97.0], ["a", "–", "c"], name="Số hóa", targets=[span], ceiling=100
    ).to_plotly_json()
    line, target = figure["data"]
    assert list(line["y"]) == [95.0, None, 97.0]
    assert line["connectgaps"] is False
    assert list(target["y"]) == [90, 90]
    low, high = figure["layout"]["yaxis"]["range"]
    assert 0 < low < 90
    assert high <= 100.4


def test_an_axis_of_counts_starts_at_nothing() -> None:
    figure = monthly_line(MONTHS, [10.0, 20.0, 30.0], ["", "", ""], name="Tiếp nhận")
    assert figure.to_plotly_json()["layout"]["yaxis"]["range"][0] == 0


def test_the_stack_names_only_what_occurs() -> None:
    classes = [
        ClassSeries("early", "Trước hạn", [10, 11, 12]),
        ClassSeries("late", "Quá hạn", [0, 1, 0]),
        ClassSeries("no_due_date", "Không có ngày hẹn trả", [0, 0, 0]),
    ]
    data = class_stack(MONTHS, classes, late_title="Quá hạn").to_plotly_json()["data"]
    assert [bar["name"] for bar in data if bar["showlegend"]] == ["Trước hạn", "Quá hạn"]
    assert [list(bar["y"]) for bar in data if bar["yaxis"] == "y2"] == [[0, 1, 0]]


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    svg = sparkline([1.0, 2.0, None, 3.0, 2.0])
    assert svg is not None
    assert svg.count("M") == 2
    assert sparkline([None, 1.0, None]) is None
    assert sparkline([]) is None
