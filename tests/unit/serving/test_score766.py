"""The score of Decision 766: what a share gives, what is not measured, what a total says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from pipelines.serving.calendar_periods import parse_period
from pipelines.serving.metrics import MetricLayer, MetricQuery, SnapshotError
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.score766 import Score, ScoreError, round_points, score, score_item
from pipelines.serving.score_parameters import (
    ScoreBand,
    ScoreItem,
    ScoreParameters,
    read_score_parameters,
)
from pipelines.serving.snapshot import current_snapshot

FIRST = date(2022, 6, 23)
ITEM = ScoreItem(
    item="e_result",
    group="digitization",
    position=1,
    max_points=Decimal(6),
    metric="e_result_rate",
    definition=None,
    target=None,
    rule="product",
    zero_denominator="not_measured",
    feed=None,
    valid_from=FIRST,
    label_vi="Kết quả điện tử",
    label_en="E-results",
    needs_vi=None,
    needs_en=None,
    source="Quyết định 766",
    note=None,
)
LINEAR = replace(ITEM, item="online", rule="linear", target=Decimal("0.8"))
BANDS = tuple(
    ScoreBand(name, Decimal(share), Decimal(90), FIRST, name, name)
    for name, share in [("excellent", "0.9"), ("good", "0.8"), ("fair", "0.7"),
                        ("average", "0.5"), ("weak", "0")]
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "numerator", "denominator", "points"),
    [
        (ITEM, 1, 3, "2.00"),
        (ITEM, 0, 3, "0.00"),
        (ITEM, 3, 3, "6.00"),
        (LINEAR, 4, 5, "6.00"),
        (LINEAR, 5, 5, "6.00"),
        (LINEAR, 2, 5, "3.00"),
    ],
    ids=["product", "product of nothing", "product of all", "at the target", "above the target",
         "half of the target"],
)  # fmt: skip
def test_a_share_gives_points_by_its_rule(
    item: ScoreItem, numerator: int, denominator: int, points: str
) -> None:
    assert score_item(item, numerator, denominator).points == Decimal(points)


def test_a_share_is_compared_with_its_target_unrounded() -> None:
    below = score_item(LINEAR, 79_999, 100_000)
    assert below.exact is not None
    assert below.exact < 6
    assert below.points == Decimal("6.00")


def test_a_linear_item_without_a_target_is_refused_by_name() -> None:
    with pytest.raises(ScoreError, match=r"score766\.csv, online: the rule linear needs a target"):
        score_item(replace(LINEAR, target=None), 1, 2)


@pytest.mark.parametrize(
    ("zero", "points", "status"),
    [
        ("not_measured", None, "nothing_to_count"),
        ("full", Decimal("6.00"), "measured_over_nothing"),
        ("zero", Decimal("0.00"), "measured_over_nothing"),
    ],
)
def test_a_share_over_nothing_gives_what_its_parameter_says(
    zero: str, points: Decimal | None, status: str
) -> None:
    item = replace(ITEM, zero_denominator=zero)  # pyright: ignore[reportArgumentType]
    scored = score_item(item, 0, 0)
    assert (scored.points, scored.status, scored.ratio) == (points, status, None)


@pytest.mark.parametrize("reason", ["unit_ended", "nothing_known"])
def test_what_the_metric_layer_cannot_answer_gives_no_points(reason: str) -> None:
    full = replace(ITEM, zero_denominator="full")
    scored = score_item(full, None, None, reason)
    assert (scored.points, scored.status) == (None, reason)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [(Fraction(1, 200), "0.01"), (Fraction(9, 2000), "0.00"), (Fraction(2675, 1000), "2.68")],
)
def test_halves_are_rounded_up_at_the_end(exact: Fraction, rounded: str) -> None:
    assert round_points(exact) == Decimal(rounded)


def test_a_total_is_rounded_once_not_the_sum_of_rounded_items() -> None:
    third = replace(ITEM, max_points=Decimal(1))
    items = tuple(score_item(third, 1, 3) for _ in range(3))
    assert sum(item.points or 0 for item in items) == Decimal("0.99")
    assert Score(None, None, None, items, BANDS).points == Decimal("1.00")


def make_score(points: int, most: int) -> Score:
    item = score_item(replace(ITEM, max_points=Decimal(most)), points, most)
    return Score(None, None, None, (item,), BANDS)


@pytest.mark.parametrize(
    ("points", "most", "band"),
    [
        (100, 100, "excellent"),
        (90, 100, "excellent"),
        (89, 100, "good"),
        (70, 100, "fair"),
        (50, 100, "average"),
        (49, 100, "weak"),
        (81, 90, "excellent"),
        (89, 89, None),
    ],
)
def test_a_band_needs_ninety_measurable_points(points: int, most: int, band: str | None) -> None:
    found = make_score(points, most).band
    assert (None if found is None else found.band) == band


def test_the_newest_version_not_after_the_day_is_in_force() -> None:
    later = replace(ITEM, max_points=Decimal(8), valid_from=date(2025, 4, 1))
    ended = replace(LINEAR, max_points=Decimal(0), valid_from=date(2025, 4, 1))
    parameters = ScoreParameters((later, ITEM, LINEAR, ended), BANDS)
    before, after = (parameters.in_force(date(2025, m, 1)) for m in (3, 4))
    assert [item.max_points for item in before.items] == [6, 6]
    assert [(item.item, item.max_points) for item in after.items] == [("e_result", 8)]
    assert parameters.in_force(date(2022, 6, 22)).items == ()


@pytest.fixture(scope="module")
def snapshot(published_home: Path) -> Iterator[SealedSnapshot]:
    sealed = SealedSnapshot(current_snapshot(published_home / "serving").file)
    yield sealed
    sealed.close()


@pytest.fixture(scope="module")
def layer(snapshot: SealedSnapshot) -> MetricLayer:
    return MetricLayer(snapshot)


def draw_up(
    layer: MetricLayer, snapshot: SealedSnapshot, name: str, **asked: object
) -> list[Score]:
    return score(
        layer.query,
        read_score_parameters(snapshot),
        parse_period(name),
        known_metrics=layer.registry(),
        as_of=layer.as_of,
        **asked,  # pyright: ignore[reportArgumentType]
    )


def test_the_delivered_items_are_the_hundred_points_of_the_decision(
    snapshot: SealedSnapshot,
) -> None:
    items = read_score_parameters(snapshot).in_force(date(2026, 6, 30)).items
    groups: dict[str, Decimal] = {}
    for item in items:
        groups[item.group] = groups.get(item.group, Decimal(0)) + item.max_points
    assert groups == {
        "transparency": 18,
        "progress": 20,
        "online_services": 12,
        "online_payment": 10,
        "digitization": 22,
        "satisfaction": 18,
    }
    for item in items:
        assert (item.metric is None) == bool(item.feed and item.needs_vi and item.needs_en)


@pytest.mark.parametrize("name", ["2025-03", "2025Q1", "2024"])
def test_every_measured_item_is_the_metric_layers_share(
    layer: MetricLayer, snapshot: SealedSnapshot, name: str
) -> None:
    (whole,) = draw_up(layer, snapshot, name)
    period = parse_period(name)
    measured = [one for one in whole.items if one.exact is not None]
    assert {one.item.item for one in measured} >= {"on_time", "submitted_online", "e_result"}
    for one in measured:
        assert one.item.metric is not None
        told = layer.query(
            MetricQuery(
                (one.item.metric,),
                date_from=period.first_on,
                date_to=period.last_on,
                definition=one.item.definition or "ii06a",
            )
        ).row(0, named=True)
        assert (one.numerator, one.denominator) == (told["numerator"], told["denominator"])
        target = float(one.item.target or 1)
        expected = float(one.item.max_points) * min(1, told["value"] / target)
        assert float(one.exact or 0) == pytest.approx(expected)
    assert whole.exact == sum(one.exact or 0 for one in measured)
    assert whole.measurable_points == sum(one.item.max_points for one in measured)
    assert whole.max_points == 100


def test_what_is_not_measured_is_listed_and_is_not_zero(
    layer: MetricLayer, snapshot: SealedSnapshot
) -> None:
    (whole,) = draw_up(layer, snapshot, "2025Q1")
    lacking = [one for one in whole.items if one.item.metric is None]
    assert len(lacking) == 14
    assert {(one.points, one.status) for one in lacking} == {(None, "no_feed")}
    assert whole.band is None


def test_units_are_code_and_validity_and_one_without_dossiers_has_no_points(
    layer: MetricLayer, snapshot: SealedSnapshot
) -> None:
    scores = draw_up(layer, snapshot, "2025", by="unit")
    keys = [(one.unit_code, one.unit_valid_from) for one in scores]
    assert len(set(keys)) == len(keys)
    assert len({code for code, _ in keys}) < len(keys)
    empty = [one for one in scores if one.measurable_points == 0]
    assert empty
    assert {one.points for one in empty} == {None}
    (only,) = draw_up(layer, snapshot, "2024", units=("030",))
    assert (only.unit_code, only.level) == ("030", "district")


def test_a_metric_the_snapshot_lacks_is_not_measured(
    layer: MetricLayer, snapshot: SealedSnapshot
) -> None:
    known = set(layer.registry()) - {"e_result_rate"}
    (whole,) = score(
        layer.query,
        read_score_parameters(snapshot),
        parse_period("2025"),
        known_metrics=known,
        as_of=layer.as_of,
    )
    (lost,) = (one for one in whole.items if one.item.item == "e_result")
    assert (lost.points, lost.status) == (None, "not_in_snapshot")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("2022-05", "no item of the score is in force on 2022-05-31"),
        ("2031", "2031 begins after the data's last day, 2026-06-30"),
    ],
)
def test_a_period_that_cannot_be_scored_is_refused_in_a_line(
    layer: MetricLayer, snapshot: SealedSnapshot, name: str, line: str
) -> None:
    with pytest.raises(ScoreError, match=line):
        draw_up(layer, snapshot, name)


def test_a_planted_wrong_share_changes_the_score(
    layer: MetricLayer, snapshot: SealedSnapshot
) -> None:
    def wrong(query: MetricQuery) -> pl.DataFrame:
        return layer.query(query).with_columns(pl.col("numerator") // 2)

    (right,) = draw_up(layer, snapshot, "2025")
    (planted,) = score(
        wrong,
        read_score_parameters(snapshot),
        parse_period("2025"),
        known_metrics=layer.registry(),
        as_of=layer.as_of,
    )
    assert planted.points != right.points


def test_a_snapshot_without_items_is_named(tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "old.duckdb"
    duckdb.connect(str(file)).close()
    sealed = SealedSnapshot(file)
    with pytest.raises(SnapshotError, match=r"old\.duckdb was published before the items"):
        read_score_parameters(sealed)
    sealed.close()
