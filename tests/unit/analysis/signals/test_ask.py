"""Which signals are asked about, what explains them, and in which words."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.analysis.signals.ask import choose
from pipelines.analysis.signals.explain import Cause, part_excess
from pipelines.analysis.signals.metrics import DIGITIZED, WeeklyMetric, list_tested
from pipelines.analysis.signals.phrases import SAID, Tongue
from pipelines.analysis.signals.steps import compare_steps
from pipelines.analysis.signals.words import Question, write_sentence

METRICS = list_tested("digitization_rate")
NOBODY = pl.DataFrame(schema={"unit_key": pl.String, "silent_since_on": pl.Date})


def signal(unit: str, metric: str, numerator: int, expected: float, **more: object) -> dict[str, object]:  # fmt: skip # noqa: E501
    row = {
        "subject": "unit", "unit_key": unit, "level": "commune", "field_code": None,
        "metric": metric, "first_on": date(2026, 6, 1), "last_on": date(2026, 6, 28), "weeks_n": 4,
        "numerator": numerator, "denominator": 100, "expected": expected, "p_value": 1e-6,
        "status": None, "q_value": 1e-4, "direction": "worse", "is_signal": True,
    }  # fmt: skip
    return row | more


def chosen(*rows: dict[str, object], silent: pl.DataFrame = NOBODY) -> list[tuple[str, str, bool]]:
    signals = pl.DataFrame(list(rows), schema_overrides={"field_code": pl.String})
    found = choose(signals, METRICS, silent)
    return found.select("unit_key", "metric", "is_listed").rows()


def test_what_is_large_and_certain_comes_first() -> None:
    assert chosen(
        signal("a", "late_rate", 30, 10),
        signal("b", "late_rate", 60, 10),
        signal("c", "late_rate", 60, 10, q_value=1e-8),
    ) == [("c", "late_rate", True), ("b", "late_rate", True), ("a", "late_rate", True)]


def test_five_are_listed_and_the_others_are_kept_for_their_units() -> None:
    rows = [signal(f"u{place}", "late_rate", 30 + place, 10) for place in range(7)]
    listed = [is_listed for _, _, is_listed in chosen(*rows)]
    assert listed == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    "row",
    [
        signal("a", "late_rate", 30, 10, is_signal=False),
        signal("a", "late_rate", 2, 20, direction="better"),
        signal("a", "received", 90, 20, direction="more"),
        signal("a", "late_rate", 6, 2),
    ],
    ids=["no signal", "better", "more came", "fewer than five dossiers beyond expectation"],
)
def test_what_deserves_no_question_is_not_asked(row: dict[str, object]) -> None:
    assert chosen(row) == []


def test_metrics_of_one_topic_make_one_question_of_the_first() -> None:
    assert chosen(
        signal("a", "early_or_on_time_rate", 50, 90),
        signal("a", "overdue", 90, 10),
        signal("a", "late_rate", 30, 10),
        signal("a", "online_rate", 20, 60),
    ) == [("a", "late_rate", True), ("a", "online_rate", True)]


def test_a_silent_shop_is_asked_for_its_silence_alone() -> None:
    silent = pl.DataFrame({"unit_key": ["a", "b"], "silent_since_on": [date(2026, 6, 12)] * 2})
    assert chosen(
        signal("a", "received", 0, 20, direction="fewer"),
        signal("a", "late_rate", 30, 10),
        signal("b", "late_rate", 40, 10),
        silent=silent,
    ) == [("b", "late_rate", True), ("a", "received", True)]


def cells(rows: list[tuple[str, int, int, int, int]]) -> pl.DataFrame:
    names = ["code", "num", "den", "num_past", "den_past"]
    return pl.DataFrame(rows, schema=names, orient="row").select(
        pl.lit("a").alias("subject_key"), pl.all().exclude("code").cast(pl.Float64), "code"
    )


FOUND = pl.DataFrame({"subject_key": ["a"], "expected": [4.0]})


def test_the_part_that_holds_the_excess_explains_it() -> None:
    parts = cells([("x", 20, 25, 25, 1000), ("y", 2, 75, 75, 3000)])
    ((_, code, share, lift),) = part_excess(parts, FOUND, is_count=False)
    # x: 20 where 1 was expected, of 22 where 4 were
    assert (code, share) == ("x", pytest.approx(19 / 18, rel=0.02))
    assert lift == pytest.approx(share - 0.25)


def test_an_excess_that_is_spread_has_no_cause_and_size_is_none() -> None:
    spread = cells([("x", 9, 40, 40, 1000), ("y", 12, 60, 60, 1500)])
    assert part_excess(spread, FOUND, is_count=False) == []


def test_the_part_that_stays_away_explains_a_dip() -> None:
    parts = cells([("x", 0, 0, 300, 0), ("y", 29, 0, 300, 0)])
    found = pl.DataFrame({"subject_key": ["a"], "expected": [60.0]})
    ((_, code, share, _),) = part_excess(parts, found, is_count=True)
    assert (code, share) == ("x", pytest.approx(30 / 31))


def timed(now: dict[str, float], past: dict[str, float]) -> pl.DataFrame:
    rows = [
        ("a", "1.001", is_now, number, code, seconds * number)
        for is_now, number, steps in ((True, 50, now), (False, 500, past))
        for code, seconds in steps.items()
    ]
    names = ["subject_key", "procedure_code", "is_now", "dossiers_n", "code", "seconds"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_the_step_that_takes_the_added_time_is_named() -> None:
    slow = timed({"4 Lãnh đạo": 900.0, "9 Chuyên viên": 310.0}, {"4 Lãnh đạo": 300.0, "9 Chuyên viên": 300.0})  # fmt: skip # noqa: E501
    ((_, code, share),) = compare_steps(slow)
    assert (code, share) == ("4 Lãnh đạo", pytest.approx(600 / 610, rel=0.02))


@pytest.mark.parametrize(
    ("now", "past"),
    [
        ({"x": 310.0, "y": 305.0}, {"x": 300.0, "y": 300.0}),
        ({"x": 400.0, "y": 400.0, "z": 400.0}, {"x": 300.0, "y": 300.0, "z": 300.0}),
    ],
    ids=["as long as before", "longer in every step"],
)
def test_no_step_is_named_where_none_holds_the_added_time(
    now: dict[str, float], past: dict[str, float]
) -> None:
    assert compare_steps(timed(now, past)) == []


QUESTION = Question(
    who={"vi": "Xã Lũng Cú", "en": "Xã Lũng Cú"}, metric="late_rate", numerator=13,
    denominator=32, expected=0.64, weeks=4, last_on=date(2026, 6, 28), worse_is_more=True,
    causes=(Cause("step", "4 Lãnh đạo", 0.8), Cause("procedure", "1.001", 0.62)),
)  # fmt: skip
NAMES = {"1.001": "Đăng ký kết hôn"}


@pytest.mark.parametrize(
    ("tongue", "sentence"),
    [
        (
            "vi",
            "Xã Lũng Cú: 13 trong 32 hồ sơ giải quyết xong trong 4 tuần đến 28/06/2026 bị quá hạn "
            "(40,6\N{NO-BREAK SPACE}%), bình thường khoảng 0,6; 80\N{NO-BREAK SPACE}% thời gian kéo"
            " dài thêm nằm ở khâu “Lãnh đạo (đang giải quyết)”; 62\N{NO-BREAK SPACE}% phần tăng "
            "thêm nằm ở thủ tục “Đăng ký kết hôn”.",
        ),
        (
            "en",
            "Xã Lũng Cú: 13 of 32 dossiers finished in the 4 weeks to 28 Jun 2026 were late "
            "(40.6%), where about 0.6 would be usual; 80% of the added time is spent in the step "
            "“Lãnh đạo (in process)”; 62% of the excess lies in the procedure “Đăng ký kết hôn”.",
        ),
    ],
)
def test_a_question_is_one_sentence_with_figure_unit_and_cause(
    tongue: Tongue, sentence: str
) -> None:
    assert write_sentence(QUESTION, NAMES, tongue) == sentence


@pytest.mark.parametrize("tongue", ["vi", "en"])
@pytest.mark.parametrize("metric", [*METRICS, *DIGITIZED.values()], ids=lambda m: m.metric)
def test_every_metric_has_its_words(metric: WeeklyMetric, tongue: Tongue) -> None:
    assert metric.metric in SAID
    count = None if metric.is_count else 32
    asked = Question(**vars(QUESTION) | {"metric": metric.metric, "denominator": count})
    assert "{" not in write_sentence(asked, NAMES, tongue)
