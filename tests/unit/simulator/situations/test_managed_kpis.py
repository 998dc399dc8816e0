"""Ways to manage a KPI leave in the records what they leave in reality."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.course import ONLINE, RESOLVED, WITHDRAWN
from pipelines.simulator.situations.model import Planted
from pipelines.simulator.waits import HOUR, SUPPLEMENT

from .conftest import Drawn

EVERYWHERE = "unit=all,from=2021-01-01,to=2026-06-30"
LATE = pl.col("closed").dt.date() > pl.col("due_last").dt.date()
OFTEN_LATE = "common_shock:from=2021-01-01,to=2026-04-30,late=0.3"
MANAGED = (
    "bunching", "moved_due_dates", "late_supplements", "batch_closing",
    "backdated_reception", "withdraw_and_reenter", "slow_acceptance",
)  # fmt: skip


def worked(plan: pl.DataFrame, start: str, end: str, drawn: Drawn) -> np.ndarray:
    """Working seconds between two columns of a frame without nulls in them."""
    moments = [plan[name].to_numpy().astype("datetime64[s]") for name in (start, end)]
    return drawn.province.clock.between(moments[0], moments[1])


def resolved(plan: pl.DataFrame) -> pl.DataFrame:
    return plan.filter(
        pl.col("outcome") == RESOLVED, pl.col("closed").is_not_null(),
        pl.col("due_last").is_not_null(),
    )  # fmt: skip


def share(entry: Planted, name: str, when: str = "after") -> float:
    value = entry.document()[when]
    assert isinstance(value, dict)
    return value[name]


@pytest.mark.parametrize("name", MANAGED)
def test_only_the_unit_and_the_stretch_named_are_touched(drawn: Drawn, name: str) -> None:
    base, _ = drawn.plant(OFTEN_LATE)
    window = "unit=030,from=2023-01-01,to=2023-12-31"
    plan, (planted,) = drawn.plant(f"{name}:{window},share=1", part=base)
    unit = drawn.province.units.filter(unit_code="030")["unit"].item()
    received = pl.coalesce("accepted", "not_accepted", "submitted").dt.date()
    here = (pl.col("unit") == unit) & received.is_between(date(2023, 1, 1), date(2023, 12, 31))
    assert planted.touched > 0
    rest = plan.filter(~here).select(base.columns)
    if name == "withdraw_and_reenter":  # handed in anew in January: no longer of the stretch
        rest = plan.filter(~here, ~pl.col("reentered")).select(base.columns)
    assert rest.equals(base.filter(~here))


@pytest.mark.parametrize("name", MANAGED)
def test_a_share_of_nothing_changes_nothing(drawn: Drawn, name: str) -> None:
    plan, (planted,) = drawn.plant(f"{name}:{EVERYWHERE},share=0")
    assert plan.select(drawn.plan.columns).equals(drawn.plan)
    assert planted.touched == 0


def test_finishes_heap_in_the_last_hours_before_the_due_moment(drawn: Drawn) -> None:
    base, _ = drawn.plant(OFTEN_LATE)
    plan, (planted,) = drawn.plant(f"bunching:{EVERYWHERE},share=0.6,hours=4", part=base)
    frame = resolved(plan).filter(pl.col("closed") <= pl.col("due_last"))
    near = (worked(frame, "closed", "due_last", drawn) <= 4 * HOUR).sum() / resolved(plan).height
    n = resolved(plan).height
    before = share(planted, "finished_in_last_hours_share", "before")
    # few dossiers are unfit: those whose waits leave no room before the due moment
    assert near == pytest.approx(before + 0.6 * (1 - before), abs=0.02 + 4 * (0.24 / n) ** 0.5)
    assert share(planted, "late_share") == pytest.approx(
        0.4 * share(planted, "late_share", "before"), abs=0.02
    )
    # nearer the due moment there are more of them
    last = worked(frame, "closed", "due_last", drawn)
    assert (last <= HOUR).sum() > 2 * ((last > 3 * HOUR) & (last <= 4 * HOUR)).sum()


def test_a_moved_due_date_stands_in_a_supplement_of_minutes(drawn: Drawn) -> None:
    base, _ = drawn.plant(OFTEN_LATE)
    plan, (planted,) = drawn.plant(f"moved_due_dates:{EVERYWHERE},share=0.5", part=base)
    both = plan.with_row_index("row").join(
        base.with_row_index("row").select("row", was="due_last", waited="wait1"), on="row"
    )
    moved = both.filter(pl.col("due_last") != pl.col("was"))
    late = base.filter(pl.col("outcome") == RESOLVED, LATE).height
    assert planted.touched == moved.height
    assert moved.height == pytest.approx(late * 0.5, abs=4 * (late / 4) ** 0.5 + 0.06 * late)
    assert (moved["due_last"] > moved["was"]).all()
    assert (moved["due"] <= moved["was"]).all()
    for number in (1, 2):
        used = moved.filter(pl.col("waited").is_in([0] if number == 1 else [5, 6]))
        took = used[f"wait{number}_to"] - used[f"wait{number}_from"]
        # minutes of work; over noon or a night the wall clock shows more
        assert (worked(used, f"wait{number}_from", f"wait{number}_to", drawn) < 900).all()
        assert (took >= timedelta(minutes=2)).all()
        assert (used[f"wait{number}"] == SUPPLEMENT).all()
        assert (used[f"wait{number}_from"] < used["was"]).all()
    assert moved.filter(LATE).is_empty()
    assert share(planted, "late_share") < share(planted, "late_share", "before")


def test_late_supplements_are_asked_for_when_the_term_has_nearly_passed(drawn: Drawn) -> None:
    # the last ones received come to nothing by the end of the simulated time
    window = "unit=all,from=2021-01-01,to=2025-12-31"
    plan, (planted,) = drawn.plant(f"late_supplements:{window},share=0.3,after=0.9")
    both = plan.with_row_index("row").join(
        drawn.plan.with_row_index("row").select("row", waited="wait1"), on="row"
    )
    asked = both.filter(pl.col("wait1") == SUPPLEMENT, pl.col("waited") == 0)
    term = worked(asked, "accepted", "due", drawn)
    passed = worked(asked, "accepted", "wait1_from", drawn)
    assert (passed >= 0.9 * term - 1).all()
    assert (asked["wait1_from"] < asked["due"]).all()
    answered = asked.filter(pl.col("wait1_to").is_not_null())
    assert (answered["due1"] > answered["due"]).all()
    assert resolved(answered).filter(LATE).is_empty()
    received = pl.col("accepted").dt.date() <= date(2025, 12, 31)
    able = resolved(drawn.plan).filter(pl.col("wait1") == 0, received)
    able = able.filter(pl.Series(worked(able, "accepted", "due", drawn) > 8 * HOUR))
    shops = drawn.province.units.filter(pl.col("shop").is_not_null())["unit"].cast(pl.Int32)
    n = able.filter(~pl.col("unit").is_in(shops.implode())).height
    assert planted.touched == asked.height
    assert asked.height == pytest.approx(0.3 * n, abs=4 * (0.21 * n) ** 0.5)
    assert asked.filter(pl.col("unit").is_in(shops.implode())).is_empty()


@pytest.mark.parametrize("at", ["day", "month"])
def test_finishes_are_entered_in_the_last_minutes(drawn: Drawn, at: str) -> None:
    plan, (planted,) = drawn.plant(f"batch_closing:{EVERYWHERE},share=0.7,at={at},minutes=5")
    frame = resolved(plan)
    closing = pl.col("closed").dt.time() >= pl.time(16, 55)
    assert frame.select(closing.mean()).item() == pytest.approx(0.7, abs=0.04)
    batch = frame.filter(closing, pl.col("closed").dt.date() < date(2026, 6, 1))
    if at == "month":
        days = drawn.province.clock
        following = batch["closed"].dt.date().to_numpy()
        ends = batch["closed"].dt.month_end().dt.date().to_numpy()
        last = days.next_working_day(following).astype("datetime64[M]") > ends.astype(
            "datetime64[M]"
        )
        assert last.mean() > 0.95  # the others were drawn there
    else:
        assert share(planted, "late_share") == share(planted, "late_share", "before")


def test_a_backdated_reception_keeps_its_date_and_its_class(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant(f"backdated_reception:{EVERYWHERE},share=1,days=2")
    dated = plan.filter(pl.col("told_from").is_not_null())
    assert planted.touched == dated.height > 2000
    assert (dated["channel"] == ONLINE).all()
    assert (worked(dated, "accepted", "told_from", drawn) == 16 * HOUR).all()
    began = dated.filter(pl.col("transferred").is_not_null())
    assert (began["transferred"] > began["told_from"]).all()
    for name in ("submitted", "accepted", "due", "due_last", "closed", "outcome"):
        assert plan[name].equals(drawn.plan[name])
    assert planted.before["answered_late"] == planted.after["answered_late"]


def test_what_would_be_late_is_withdrawn_and_handed_in_anew(drawn: Drawn) -> None:
    base, _ = drawn.plant(OFTEN_LATE)
    plan, (planted,) = drawn.plant(f"withdraw_and_reenter:{EVERYWHERE},share=0.8", part=base)
    anew = plan.filter("reentered")
    gone = planted.after["withdrawn"] - planted.before["withdrawn"]
    late = base.filter(pl.col("outcome") == RESOLVED, LATE).height
    assert plan.height == base.height + anew.height
    # an ended unit receives nothing: what is late there in its last days cannot come anew
    assert planted.touched == gone == anew.height
    assert anew.height == pytest.approx(0.8 * late, abs=4 * (0.16 * late) ** 0.5 + 0.06 * late)
    assert (anew["submitted"] == anew["accepted"]).all()
    assert (anew["wait1"] == 0).all()
    old = plan.filter(~pl.col("reentered"), pl.col("outcome") == WITHDRAWN)
    twins = anew.select("unit", "procedure", "accepted").join_asof(
        old.select("unit", "procedure", withdrawn="closed", due_then="due_last").sort("withdrawn"),
        left_on="accepted", right_on="withdrawn", by=["unit", "procedure"],
        check_sortedness=False,
    )  # fmt: skip
    assert twins["withdrawn"].null_count() == 0
    assert (worked(twins, "withdrawn", "accepted", drawn) < HOUR).all()
    assert (twins["withdrawn"] < twins["due_then"]).all()
    assert share(planted, "late_share") < 0.5 * share(planted, "late_share", "before")


def test_slow_acceptance_is_seen_in_the_answer_and_in_nothing_else(drawn: Drawn) -> None:
    plan, (planted,) = drawn.plant(f"slow_acceptance:{EVERYWHERE},share=0.5,hours=24")
    online = plan.filter(pl.col("channel") == ONLINE).with_columns(
        answered=pl.coalesce("accepted", "not_accepted")
    ).filter(pl.col("answered").is_not_null())  # fmt: skip
    delay = worked(online, "submitted", "answered", drawn)
    n = online.height
    assert (delay >= 24 * HOUR).mean() == pytest.approx(0.5, abs=0.02 + 4 * (0.25 / n) ** 0.5)
    assert (delay <= 48 * HOUR).all()
    assert share(planted, "answered_late_share") > 0.45
    others = [name for name in plan.columns if name != "submitted"]
    assert plan.select(others).sort(others).equals(drawn.plan.select(others).sort(others))
