"""Who is compared with whom, and over which months."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.analysis.impact.comparisons import Comparison, Network
from pipelines.analysis.impact.months import month_of
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.reorganisations import compare_reorganisations
from pipelines.analysis.impact.shop_mergers import compare_shop_mergers
from tests.unit.analysis.impact.made import (
    UNITS_SCHEMA,
    make_changes,
    make_merger,
    make_panel,
    make_units,
)

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 1)


def compare(
    changes: pl.DataFrame, units: pl.DataFrame, last: date = LAST, **wanted: int
) -> dict[str, Comparison]:
    panel = make_panel(units["unit_key"].to_list(), FIRST, last, {"received_n": 10})
    data = (month_of(FIRST), month_of(last))
    found = compare_shop_mergers(Network(units, changes), panel, data, ImpactParameters(**wanted))
    return {each.impact_id: each for each in found}


def test_a_folded_shop_and_its_receiver_are_one_union_before_and_after() -> None:
    found = compare(make_changes(make_merger(0)), make_units(5))
    assert list(found) == ["shop-0"]
    assert found["shop-0"].treated_keys == ["d0@", "t0@"]
    assert found["shop-0"].status == "ok"


def test_controls_are_the_districts_that_took_nobody_in_with_the_town_of_each() -> None:
    changes = make_changes(make_merger(0), make_merger(1))
    found = compare(changes, make_units(5))
    controls = {union.label: sorted(union.keys) for union in found["shop-0"].controls}
    assert controls == {f"Huyện {number}": [f"d{number}@", f"t{number}@"] for number in (2, 3, 4)}
    group = found["shop-mergers"]
    assert [union.label for union in group.treated] == ["Nơi t0 → Huyện 0", "Nơi t1 → Huyện 1"]
    assert {union.label for union in group.controls} == set(controls)


def test_of_several_towns_the_busiest_is_the_seat() -> None:
    units = make_units(4)
    second = pl.DataFrame(
        [("s3@", "s3", None, None, "Nơi s3", "commune", "thi_tran", "d3")],
        schema=UNITS_SCHEMA, orient="row",
    )  # fmt: skip
    units = pl.concat([units, second])
    panel = make_panel(units["unit_key"].to_list(), FIRST, LAST, {"received_n": 10})
    panel = panel.with_columns(
        received_n=pl.when(pl.col("unit_key") == "s3@").then(11).otherwise("received_n")
    )
    found = compare_shop_mergers(
        Network(units, make_changes(make_merger(0))), panel, (month_of(FIRST), month_of(LAST)),
        ImpactParameters(),
    )  # fmt: skip
    assert {"d3@", "s3@"} in [set(union.keys) for union in found[0].controls]


def test_a_later_change_of_the_same_units_ends_the_months_after() -> None:
    later = ("abolish", "unit_abolished", date(2025, 7, 1), False, "d0@", "area@", 1.0, "", "")
    found = compare(make_changes(make_merger(0), later), make_units(5))
    assert found["shop-0"].window.after == 12
    assert compare(make_changes(make_merger(0), later), make_units(5), after_months=18)[
        "shop-0"
    ].window.after == 12  # fmt: skip
    assert compare(make_changes(make_merger(0)), make_units(5), after_months=18)[
        "shop-0"
    ].window.after == 18  # fmt: skip


def test_a_unit_with_a_change_of_its_own_in_these_months_is_no_control() -> None:
    own = ("m", "unit_merger", date(2024, 9, 1), False, "v2@", "t2@", 1.0, "", "")
    found = compare(make_changes(make_merger(0), own), make_units(5))
    assert [union.label for union in found["shop-0"].controls] == ["Huyện 1", "Huyện 3", "Huyện 4"]


@pytest.mark.parametrize(
    ("day", "last", "status"),
    [
        (date(2024, 7, 1), date(2024, 9, 1), "ok"),
        (date(2024, 7, 1), date(2024, 8, 1), "too_early"),
        (date(2027, 1, 1), LAST, "too_early"),
        (date(2021, 12, 1), LAST, "too_short_before"),
        (date(2022, 1, 1), LAST, "ok"),
    ],
)
def test_too_few_months_are_said_and_not_estimated(day: date, last: date, status: str) -> None:
    units = make_units(5, end=None)
    assert compare(make_changes(make_merger(0, day)), units, last)["shop-0"].status == status


def test_another_change_soon_after_is_short_for_good() -> None:
    soon = ("abolish", "unit_abolished", date(2024, 9, 1), False, "d0@", "area@", 1.0, "", "")
    found = compare(make_changes(make_merger(0), soon), make_units(5, end=None))
    assert found["shop-0"].status == "too_short_after"


def test_mergers_of_two_days_are_each_compared_over_their_own_months() -> None:
    changes = make_changes(make_merger(0), make_merger(1, date(2024, 8, 1)))
    group = compare(changes, make_units(6))["shop-mergers"]
    assert [len(stack.treated) for stack in group.stacks] == [1, 1]
    assert {stack.around.first_after for stack in group.stacks} == {
        month_of(date(2024, 7, 1)), month_of(date(2024, 8, 1)),
    }  # fmt: skip
    treated = {union.label for union in group.treated}
    assert not any(union.label in treated for union in group.controls)


DAY = date(2025, 7, 1)


def unit(key: str, kind: str = "unit_merger", share: float = 1.0) -> tuple[object, ...]:
    old, new = key.split(">")
    return (key, kind, DAY, False, f"{old}@", f"{new}@2025-07-01", share, old, f"Xã {new}")


def test_the_dose_is_the_number_of_old_units_beyond_the_first() -> None:
    changes = make_changes(unit("a>x"), unit("b>x"), unit("c>x"), unit("e>y"))
    units = make_units(1)
    panel = make_panel(["a@", "b@", "c@", "e@"], FIRST, LAST, {"received_n": 10})
    (found,) = compare_reorganisations(
        Network(units, changes), panel, (month_of(FIRST), month_of(LAST)), ImpactParameters()
    )
    assert {union.label: union.dose for union in found.treated} == {"Xã x": 2.0, "Xã y": 0.0}
    assert found.whole_keys == {"a@", "b@", "c@", "e@", "x@2025-07-01", "y@2025-07-01"}


def test_a_split_unit_ties_its_successors_unless_nothing_goes_there() -> None:
    whole, parts = (
        make_changes(
            unit("a>x"), unit("b>x", "unit_split", share), unit("b>y", "unit_split", 1 - share),
            unit("c>y"),
        )
        for share in (1.0, 0.6)
    )  # fmt: skip
    panel = make_panel(["a@", "b@", "c@"], FIRST, LAST, {"received_n": 10})
    data = (month_of(FIRST), month_of(LAST))
    doses = [
        {
            union.label: union.dose
            for each in compare_reorganisations(
                Network(make_units(1), changes), panel, data, ImpactParameters()
            )
            for union in each.treated
        }
        for changes in (whole, parts)
    ]
    assert doses == [{"Xã x": 1.0, "Xã y": 0.0}, {"Xã x, Xã y": 0.5}]


def test_a_unit_of_another_level_that_only_changes_its_name_is_no_dose() -> None:
    province = unit("p>q")
    units = pl.concat(
        [
            make_units(1),
            pl.DataFrame(
                [(f"{code}@", code, None, None, code, level, "xa", None)
                 for code, level in (("a", "commune"), ("b", "commune"), ("p", "province"))],
                schema=UNITS_SCHEMA, orient="row",
            ),
        ]
    )  # fmt: skip
    panel = make_panel(["a@", "b@", "p@"], FIRST, LAST, {"received_n": 10})
    (found,) = compare_reorganisations(
        Network(units, make_changes(unit("a>x"), unit("b>x"), province)), panel,
        (month_of(FIRST), month_of(LAST)), ImpactParameters(),
    )  # fmt: skip
    assert [union.label for union in found.treated] == ["Xã x"]
    assert {"p@", "q@2025-07-01"} <= found.whole_keys


def test_only_procedures_that_the_old_units_had_are_compared() -> None:
    changes = make_changes(unit("a>x"), unit("b>x"))
    panel = pl.concat(
        [
            make_panel(["a@", "b@"], FIRST, date(2025, 6, 1), {"received_n": 10}),
            make_panel(["x@2025-07-01"], DAY, LAST, {"received_n": 10}).with_columns(
                procedure_code=pl.lit("of the district")
            ),
        ]
    )
    (found,) = compare_reorganisations(
        Network(make_units(1), changes), panel, (month_of(FIRST), month_of(LAST)),
        ImpactParameters(),
    )  # fmt: skip
    assert found.procedures == {"1.000001"}
