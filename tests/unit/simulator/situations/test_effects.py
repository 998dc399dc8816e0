"""The effect asked for is the effect found, counted here from the plan's own columns."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.simulator.course import ONLINE, RESOLVED
from pipelines.simulator.waits import HOUR

from .conftest import Drawn

MERGED = date(2025, 7, 1)
SHOP_MERGERS = date(2024, 7, 1)
FOLDED_INTO = ["024", "026", "027", "032"]
received = pl.col("accepted").dt.date()
LATE = pl.col("closed").dt.date() > pl.col("due_last").dt.date()


def counted(plan: pl.DataFrame, drawn: Drawn, scope: pl.Expr) -> tuple[int, float]:
    """Resolved dossiers with a due date in a scope, and the share of them late by date."""
    units = drawn.province.units.select(
        pl.col("unit").cast(pl.Int32), "unit_code", "valid_from", "level"
    )
    found = plan.join(units, on="unit").filter(
        scope, pl.col("outcome") == RESOLVED, pl.col("closed") <= pl.col("closed").max(),
        pl.col("due_last").is_not_null(),
    )  # fmt: skip
    return found.height, found.select(LATE.mean()).item() or 0.0


def spread(share: float, n: int) -> float:
    """Four standard errors of a share over n draws."""
    return 4 * (max(share * (1 - share), 1 / n) / n) ** 0.5


IN_SHOPS = (
    pl.col("unit_code").is_in(FOLDED_INTO) & pl.col("valid_from").is_null()
    & (received >= SHOP_MERGERS)
)  # fmt: skip
SINCE = received >= date(2023, 3, 1)
# what is asked for, whom it concerns, by how much the share of late rises among them
SIZES = [
    ("merger_effect:change=shop,late=0.2", IN_SHOPS, 0.2),
    ("merger_effect:change=shop,late=0.2,hours=6", IN_SHOPS, 0.2),
    ("merger_effect:change=shop,late=0.2", ~IN_SHOPS, 0.0),
    ("merger_effect:change=network,late=0.05", received < MERGED, 0.0),
    ("common_shock:from=2023-03-01,late=0.1", SINCE, 0.1),
    ("common_shock:from=2023-03-01,late=0.1,hours=4", SINCE, 0.1),
    ("common_shock:from=2023-03-01,late=0.1", ~SINCE, 0.0),
    ("trend:late=0.04", received.dt.year() == 2021, 0.02),
    ("trend:late=0.04", received.dt.year() == 2023, 0.10),
    ("trend:late=0.04", received.dt.year() == 2025, 0.18),
    ("trend:of=treated,late=0.04", pl.col("level") == "province", 0.0),
]


@pytest.mark.parametrize(("switch", "scope", "size"), SIZES)
def test_the_share_of_late_changes_by_the_size_asked(
    drawn: Drawn, switch: str, scope: pl.Expr, size: float
) -> None:
    _, before = counted(drawn.plan, drawn, scope)
    n, after = counted(drawn.plant(switch)[0], drawn, scope)
    assert n > 50
    assert after - before == pytest.approx(size, abs=spread(after, n) if size else 0.0)


@pytest.mark.parametrize("planted", [0.05, 0.15])
def test_another_size_than_the_one_asked_would_be_seen(drawn: Drawn, planted: float) -> None:
    _, before = counted(drawn.plan, drawn, SINCE)
    plan, _ = drawn.plant(f"common_shock:from=2023-03-01,late={planted}")
    n, after = counted(plan, drawn, SINCE)
    assert after - before != pytest.approx(0.1, abs=spread(after, n))


@pytest.mark.parametrize("hours", [0, 8])
@pytest.mark.parametrize("dose", [1, 2, 3])
def test_the_effect_of_the_network_change_grows_with_the_units_taken_in(
    drawn: Drawn, dose: int, hours: int
) -> None:
    plan, (planted,) = drawn.plant(f"merger_effect:change=network,late=0.1,hours={hours}")
    codes = [unit.unit_code for unit in planted.units if unit.dose == dose]
    scope = pl.col("unit_code").is_in(codes) & (pl.col("valid_from") == "2025-07-01")
    _, before = counted(drawn.plan, drawn, scope)
    n, after = counted(plan, drawn, scope)
    assert after - before == pytest.approx(0.1 * dose, abs=spread(after, n))


def test_units_of_the_mergers_are_those_of_the_reference(drawn: Drawn) -> None:
    shop, network, both = (
        drawn.plant(f"merger_effect:change={change}")[1][0]
        for change in ("shop", "network", "both")
    )
    assert [unit.unit_code for unit in shop.units] == FOLDED_INTO
    assert shop.first_day == SHOP_MERGERS
    assert {unit.valid_from for unit in network.units} == {"2025-07-01"}
    # 193 communes became 73; a split one counts with the successor that takes it by default
    made_of_one = 73 - len(network.units)
    assert sum(unit.dose + 1 for unit in network.units) + made_of_one == 193
    assert len(both.units) == len(shop.units) + len(network.units)


def test_a_negative_effect_makes_late_ones_early(drawn: Drawn) -> None:
    base = "common_shock:from=2021-01-01,late=0.3"
    worse, _ = drawn.plant(base)
    better, _ = drawn.plant(base, "common_shock:from=2023-03-01,late=-0.1")
    n, before = counted(worse, drawn, SINCE)
    _, after = counted(better, drawn, SINCE)
    assert after - before == pytest.approx(-0.1, abs=spread(after, n))


def test_hours_alone_come_on_top_of_every_finish(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant("common_shock:from=2023-03-01,to=2025-12-31,late=0,hours=3")
    clock = drawn.province.clock
    both = drawn.plan.with_row_index("row").join(
        plan.with_row_index("row").select("row", moved="closed"), on="row"
    ).filter(
        received >= date(2023, 3, 1), received <= date(2025, 12, 31),
        pl.col("outcome") == RESOLVED, pl.col("closed").is_not_null(),
        pl.col("moved").is_not_null(),
    )  # fmt: skip
    added = clock.elapsed(both["moved"].to_numpy().astype("datetime64[s]")) - clock.elapsed(
        both["closed"].to_numpy().astype("datetime64[s]")
    )
    # a finish minutes after its reception waits for the transfer first
    assert (added >= 3 * HOUR).all()
    assert (added == 3 * HOUR).mean() > 0.99
    document = planted.document()
    effect = document["effect"]
    assert isinstance(effect, dict)
    assert effect["mean_working_hours_to_finish"] == pytest.approx(3, abs=0.01)


IN_TAKERS = "merger_effect:change=shop,late=0"


@pytest.mark.parametrize(
    ("switch", "scope"),
    [
        (f"{IN_TAKERS},hours=-6.4", IN_SHOPS),
        ("common_shock:from=2023-03-01,late=0,hours=-6.4", SINCE),
        ("trend:of=treated,late=0,hours=-2", pl.lit(value=True)),
    ],
)
def test_fewer_hours_are_taken_before_the_finish_and_told_as_taken(
    drawn: Drawn, switch: str, scope: pl.Expr
) -> None:
    plan, (planted,) = drawn.plant(switch)
    both = with_moved(drawn, plan).filter(pl.col("outcome") == RESOLVED)
    taken = (both["drawn_work"] - both["moved_work"]) / HOUR
    assert taken.min() >= 0
    before = pl.max_horizontal("transferred", "wait1_to", "wait2_to")
    assert both.filter(pl.col("moved") <= before).is_empty()
    here = both.with_columns(taken=taken).filter(scope)
    effect = planted.document()["effect"]
    assert isinstance(effect, dict)
    told = -effect["mean_working_hours_to_finish"]
    assert told > 0
    if "hours=-6.4" in switch:
        assert told == pytest.approx(here["taken"].mean(), abs=0.05)
        # most have as much to give: the mean falls short of what was asked by a tenth at most
        assert 0.9 * 6.4 < told < 6.4
        assert here["taken"].max() == pytest.approx(6.4)


def test_what_is_not_concerned_keeps_its_finish(drawn: Drawn) -> None:
    plan, _ = drawn.plant(f"{IN_TAKERS},hours=-6.4")
    elsewhere = with_moved(drawn, plan).filter(~IN_SHOPS)
    assert (elsewhere["drawn_work"] == elsewhere["moved_work"]).all()


@pytest.mark.parametrize(
    ("switch", "scope", "points"),
    [
        (f"{IN_TAKERS},online=0.2", IN_SHOPS, 0.2),
        (f"{IN_TAKERS},online=0.2", ~IN_SHOPS, 0.0),
        ("common_shock:from=2023-03-01,late=0,online=0.03", SINCE, 0.03),
        ("common_shock:from=2023-03-01,late=0,online=-0.2", SINCE, -0.2),
        ("common_shock:from=2023-03-01,late=0,online=0.03", ~SINCE, 0.0),
        ("trend:late=0,online=0.04", received.dt.year() == 2023, 0.10),
    ],
)
def test_the_share_received_online_changes_by_the_points_asked(
    drawn: Drawn, switch: str, scope: pl.Expr, points: float
) -> None:
    shares = []
    plan, _ = drawn.plant(switch)
    for frame in (drawn.plan, plan):
        units = drawn.province.units.select(
            pl.col("unit").cast(pl.Int32), "unit_code", "valid_from", "level"
        )
        here = frame.join(units, on="unit").filter(scope, pl.col("accepted").is_not_null())
        shares.append((here["channel"] == ONLINE).mean())
    assert here.height > 200
    # only those that are turned are drawn: their number varies about the size asked
    error = 4 * (abs(points) / here.height) ** 0.5
    assert shares[1] - shares[0] == pytest.approx(points, abs=error)
    receptions = plan["accepted"].drop_nulls().sort()
    assert receptions.equals(drawn.plan["accepted"].drop_nulls().sort())


def with_moved(drawn: Drawn, plan: pl.DataFrame) -> pl.DataFrame:
    """The plan as drawn, units beside it, with the finish of both and its working seconds."""
    clock = drawn.province.clock
    units = drawn.province.units.select(
        pl.col("unit").cast(pl.Int32), "unit_code", "valid_from", "level"
    )
    both = drawn.plan.with_columns(moved=plan["closed"]).join(
        units, on="unit", maintain_order="left"
    ).drop_nulls(["closed", "moved"])  # fmt: skip
    return both.with_columns(
        pl.Series(f"{name}_work", clock.elapsed(both[column].to_numpy().astype("datetime64[s]")))
        for name, column in (("drawn", "closed"), ("moved", "moved"))
    )


@pytest.mark.parametrize("late", [0.4, 0.9])
def test_a_collapsed_unit_has_the_late_share_asked_and_no_other_unit_changes(
    drawn: Drawn, late: float
) -> None:
    plan, (planted,) = drawn.plant(f"unit_collapse:unit=030,from=2023-01-01,late={late}")
    here = (pl.col("unit_code") == "030") & (received >= date(2023, 1, 1))
    n, after = counted(plan, drawn, here)
    assert after == pytest.approx(late, abs=spread(late, n))
    assert counted(plan, drawn, ~here) == counted(drawn.plan, drawn, ~here)
    assert [(unit.unit_code, unit.valid_from) for unit in planted.units] == [("030", None)]


def test_no_unit_named_is_the_largest_of_the_time_but_the_centre(drawn: Drawn) -> None:
    weights = drawn.province.origins.join(drawn.province.units, on="unit")
    for day, level in ((date(2025, 3, 1), "district"), (date(2025, 8, 1), "commune")):
        _, (planted,) = drawn.plant(f"unit_collapse:from={day}")
        largest = (
            weights.filter(pl.col("first_day") <= day, pl.col("last_day") >= day)
            .filter(pl.col("level_right") != "province")
            .group_by("unit_code", "level_right").agg(pl.col("weight").sum())
            .sort("weight", descending=True)
        )  # fmt: skip
        assert planted.situation.text("unit") == largest["unit_code"][0]
        assert largest["level_right"][0] == level


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ("unit_collapse:unit=999", "unit_collapse: unit: no unit 999 receives dossiers from"),
        ("bunching:unit=030,from=2025-08-01,to=2025-09-01", "bunching: unit: no unit 030"),
        ("slow_step:field=NIL", "slow_step: field: no procedure of field NIL"),
    ],
)
def test_a_place_that_is_not_there_is_refused(drawn: Drawn, switch: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        drawn.plant(switch)


@pytest.mark.parametrize("step", ["appraised", "approved", "closed"])
def test_a_slow_step_takes_as_many_times_longer_in_its_field_alone(drawn: Drawn, step: str) -> None:
    plan, _ = drawn.plant(f"slow_step:field=HT,step={step},factor=3,from=2022-01-01")
    fields = drawn.province.catalogue["field_code"]
    before = {"appraised": ["transferred", "wait1_from", "wait1_to", "wait2_from", "wait2_to"]}
    before["approved"] = [*before["appraised"], "appraised"]
    before["closed"] = [*before["approved"], "approved"]
    took = []
    for frame in (drawn.plan, plan):
        start = pl.coalesce(*reversed(before[step]), "accepted")
        took.append(worked(frame.with_columns(start=start), "start", step, drawn))
    both = drawn.plan.with_columns(
        field=fields[drawn.plan["procedure"].cast(pl.Int64)],
        drawn=took[0], planted=took[1], moved=plan[step],
    ).filter(pl.col(step).is_not_null(), pl.col("moved").is_not_null())  # fmt: skip
    slow = both.filter(pl.col("field") == "HT", received >= date(2022, 1, 1))
    rest = both.filter((pl.col("field") != "HT") | (received < date(2022, 1, 1)))
    assert slow.height > 200
    assert (slow["planted"] - 3 * slow["drawn"]).abs().max() <= 3
    assert (rest["moved"] == rest[step]).all()


def test_at_tet_as_many_stay_away_as_asked_and_only_then(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant("tet_dip:year=2025,share=0.5,days=10")
    assert (planted.first_day, planted.last_day) == (date(2025, 1, 13), date(2025, 2, 14))
    day = pl.coalesce("accepted", "not_accepted", "submitted").dt.date()
    around = day.is_between(planted.first_day, planted.last_day)
    n, left = drawn.plan.filter(around).height, plan.filter(around).height
    assert left / n == pytest.approx(0.5, abs=spread(0.5, n))
    assert planted.touched == n - left
    assert plan.filter(~around).equals(drawn.plan.filter(~around))


@pytest.mark.parametrize(
    ("year", "days"),
    [(2021, ("2021-02-08", "2021-02-18")), (2024, ("2024-02-06", "2024-02-16")),
     (2026, ("2026-02-12", "2026-02-24"))],
)  # fmt: skip
def test_tet_is_found_in_the_calendar(drawn: Drawn, year: int, days: tuple[str, str]) -> None:
    _, (planted,) = drawn.plant(f"tet_dip:year={year},days=2")
    assert (planted.first_day.isoformat(), planted.last_day.isoformat()) == days


def test_noise_moves_finishes_and_no_class(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant("noise:hours=6")
    moved = pl.DataFrame({"was": drawn.plan["closed"], "is": plan["closed"]}).drop_nulls()
    assert (moved["was"] != moved["is"]).mean() > 0.8
    finish, due = pl.col("closed"), pl.col("due_last")
    for one, other in ((finish.dt.date(), due.dt.date()), (finish, due)):
        for rule in (one > other, one < other):
            assert plan.select(rule.sum()).item() == drawn.plan.select(rule.sum()).item()
    assert planted.before["late"] == planted.after["late"]


def worked(plan: pl.DataFrame, start: str, end: str, drawn: Drawn) -> pl.Series:
    """Working seconds between two columns, null where either is absent."""
    clock, any_day = drawn.province.clock, date(2024, 1, 1)
    ends = [
        clock.elapsed(plan[name].fill_null(any_day).to_numpy().astype("datetime64[s]"))
        for name in (start, end)
    ]
    present = plan.select(pl.col(start).is_not_null() & pl.col(end).is_not_null()).to_series()
    return pl.select(pl.when(present).then(pl.Series(ends[1] - ends[0]))).to_series()
