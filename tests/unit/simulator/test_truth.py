"""The rules of truth, dossier by dossier: what each figure counts and what it leaves out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast

import polars as pl
import pytest

from pipelines.simulator.course import EVENTS, NOT_ACCEPTED, ONLINE, RESOLVED, STUCK, WITHDRAWN
from pipelines.simulator.parts import province
from pipelines.simulator.plan import DIGITS_DELETED, DIGITS_FIRST, MOMENTS
from pipelines.simulator.traps.catalogue import number_of
from pipelines.simulator.traps.known import knowable
from pipelines.simulator.truth import true_rows
from pipelines.simulator.waits import SUPPLEMENT

# a Saturday, so that the last working day is not the last day
UNTIL = date(2025, 3, 15)
_CODES = (
    "outcome", "wait1", "wait2", "digits", "reused", "from_store", "payment", "result", "vneid",
    "by_post_return",
)  # fmt: skip
Given = datetime | int | None


def at(text: str) -> datetime:
    """`03-10 09:00` of 2025."""
    return datetime.strptime(f"2025-{text}", "%Y-%m-%d %H:%M")


def plan_of(*dossiers: dict[str, Given]) -> pl.DataFrame:
    """A plan in which everything that is not said did not happen; resolved, in person, unit 0."""
    zeros = {"unit": 0, "procedure": 0, "channel": 1, **dict.fromkeys(_CODES, 0)}
    kinds = dict.fromkeys(zeros, pl.Int8) | {"unit": pl.Int32, "procedure": pl.Int32}
    schema = kinds | dict.fromkeys(MOMENTS, pl.Datetime("ms"))
    assert all(set(d) <= set(schema) for d in dossiers)
    frame = pl.DataFrame([zeros | d for d in dossiers], schema=schema)
    return frame.with_columns(submitted=pl.coalesce("submitted", "accepted"))


def figure(plan: pl.DataFrame, metric: str, definition: str | None = None) -> dict[str, object]:
    """Month → numerator, or (numerator, denominator) of a share."""
    rows = true_rows(plan, province(), UNTIL).filter(
        pl.col("metric") == metric, pl.col("definition").eq_missing(pl.lit(definition))
    )
    return {
        f"{month // 12}-{month % 12 + 1:02}": n if of is None else (n, of)
        for month, n, of in rows.sort("month").select("month", "numerator", "denominator").rows()
    }


@pytest.mark.parametrize(
    ("due", "finish", "expected"),
    [
        ("03-10 17:00", "03-10 11:30", "early"),  # the morning of the day, due in the afternoon
        ("03-10 17:00", "03-10 12:59", "early"),
        ("03-10 17:00", "03-10 13:00", "on_time"),
        ("03-10 17:00", "03-10 17:00", "on_time"),
        ("03-10 17:00", "03-10 17:01", "late"),
        ("03-10 09:00", "03-10 07:29", "early"),
        ("03-10 09:00", "03-10 07:30", "on_time"),
        ("03-10 09:00", "03-10 09:01", "late"),
        # due in no session: the last one begun before it
        ("03-10 12:15", "03-10 07:29", "early"),
        ("03-10 12:15", "03-10 07:30", "on_time"),
        ("03-10 20:00", "03-10 12:59", "early"),
        ("03-10 06:00", "03-07 12:59", "early"),  # Friday, before a Monday morning
        ("03-10 06:00", "03-07 13:00", "on_time"),
        ("03-09 10:00", "03-07 13:00", "on_time"),  # a Sunday
    ],
)
def test_half_a_day_before_the_due_moment_is_early(due: str, finish: str, expected: str) -> None:
    plan = plan_of({"accepted": at("03-03 08:00"), "due_last": at(due), "closed": at(finish)})
    for kind in ("early", "on_time", "late"):
        assert figure(plan, kind, "half_day") == ({"2025-03": 1} if kind == expected else {})


def test_the_vendor_takes_a_missing_due_date_and_a_withdrawal_as_on_time() -> None:
    late = {
        "accepted": at("03-03 08:00"),
        "due_last": at("03-04 17:00"),
        "closed": at("03-05 08:00"),
    }
    plan = plan_of(
        late, late | {"due_last": None}, late | {"outcome": WITHDRAWN}, late | {"outcome": STUCK}
    )
    assert figure(plan, "on_time_rate", "ii06a_vendor") == {"2025-03": (2, 3)}
    assert figure(plan, "late_rate", "ii06a_vendor") == {"2025-03": (1, 3)}
    assert figure(plan, "no_due_date", "ii06a_vendor") == {}
    assert figure(plan, "late_rate", "ii06a") == {"2025-03": (1, 2)}
    assert figure(plan, "no_due_date", "ii06a") == {"2025-03": 1}


@pytest.mark.parametrize(
    ("submitted", "accepted", "refused", "expected"),
    [
        ("03-10 09:00", "03-11 09:00", None, {"2025-03": (1, 1)}),
        ("03-10 09:00", "03-11 09:01", None, {"2025-03": (0, 1)}),
        ("03-07 16:00", "03-10 16:00", None, {"2025-03": (1, 1)}),  # over a weekend
        ("03-10 09:00", None, "03-10 10:00", {"2025-03": (1, 1)}),
        ("03-13 17:00", None, None, {"2025-03": (0, 1)}),  # eight hours passed on Friday
        ("03-14 07:31", None, None, {}),  # a minute less
    ],
)
def test_an_online_submission_is_to_be_answered_within_eight_working_hours(
    submitted: str, accepted: str | None, refused: str | None, expected: dict[str, object]
) -> None:
    dossier: dict[str, Given] = {
        "channel": ONLINE,
        "submitted": at(submitted),
        "accepted": at(accepted) if accepted else None,
        "not_accepted": at(refused) if refused else None,
        "outcome": NOT_ACCEPTED if refused else RESOLVED,
    }
    in_person = dossier | {"channel": 1}
    assert figure(plan_of(dossier, in_person), "acceptance_on_time_rate") == expected
    assert figure(plan_of(dossier), "submitted") == {"2025-03": 1}
    assert figure(plan_of(dossier), "not_accepted") == ({"2025-03": 1} if refused else {})


def test_results_grow_old_at_the_counter_by_calendar_days() -> None:
    plan = plan_of(
        {"accepted": at("01-02 08:00"), "closed": at("01-24 08:00")},
        {"accepted": at("01-02 08:00"), "closed": at("01-23 08:00"), "returned": at("02-10 08:00")},
        {"accepted": at("01-02 08:00"), "closed": at("01-23 08:00"), "returned": at("01-23 08:00")},
        {"accepted": at("01-02 08:00"), "closed": at("01-03 08:00"), "outcome": WITHDRAWN},
    )
    assert figure(plan, "waiting_at_counter") == {"2025-01": 2, "2025-02": 1, "2025-03": 1}
    assert figure(plan, "waiting_at_counter_over_7") == {"2025-01": 1, "2025-02": 1, "2025-03": 1}
    assert figure(plan, "waiting_at_counter_over_30") == {"2025-02": 1, "2025-03": 1}
    assert figure(plan, "returned") == {"2025-01": 1, "2025-02": 1}


def test_a_deleted_component_is_neither_reused_nor_due() -> None:
    whole: dict[str, Given] = {
        "accepted": at("03-03 08:00"), "digits": DIGITS_FIRST, "reused": 1, "from_store": 1,
    }  # fmt: skip
    due = cast("int", province().catalogue["components_due"][0])
    both = plan_of(whole, whole | {"digits": DIGITS_DELETED})
    assert figure(both, "reuse_rate") == {"2025-03": (1, 2)}
    assert figure(both, "personal_store_rate") == {"2025-03": (1, 2)}
    assert figure(both, "digitization_item_rate") == {"2025-03": (1, 2 * due - 1)}


def test_a_shop_with_files_lists_no_components() -> None:
    shop = province().units["shop"].is_not_null().arg_true()[0]
    plan = plan_of({
        "unit": shop, "accepted": at("03-03 08:00"), "digits": DIGITS_FIRST, "reused": 1,
        "from_store": 1,
    })  # fmt: skip
    assert figure(plan, "reuse_rate") == {"2025-03": (1, 1)}
    assert figure(plan, "personal_store_rate") == {"2025-03": (0, 1)}
    assert figure(plan, "digitization_item_rate") == {}


ON_TIME, LATE = "on_time", "late"
OPENED = {"accepted": at("01-06 08:00"), "outcome": STUCK}


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        # open: on time in January, late from the month in which the due date passed
        ({"due_last": at("02-10 17:00")}, [ON_TIME, LATE, LATE]),
        # due on the last day of the month: compared by date
        ({"due_last": at("01-31 17:00")}, [ON_TIME, LATE, LATE]),
        # of the last month the last day that was simulated
        ({"due_last": at("03-15 17:00")}, [ON_TIME, ON_TIME, ON_TIME]),
        ({"due_last": at("03-14 17:00")}, [ON_TIME, ON_TIME, LATE]),
        # closed, whatever the outcome: the moment of closing, and no month after it
        ({"due_last": at("02-10 17:00"), "closed": at("02-10 17:00"), "outcome": RESOLVED},
         [ON_TIME, ON_TIME]),
        ({"due_last": at("02-10 17:00"), "closed": at("02-10 17:01"), "outcome": WITHDRAWN},
         [ON_TIME, LATE]),
        # the moment of a single request for a supplement that nobody answered
        ({"due_last": at("02-10 17:00"), "wait1": SUPPLEMENT, "wait1_from": at("02-03 09:00")},
         [ON_TIME, ON_TIME, ON_TIME]),
        ({"due_last": at("01-20 17:00"), "wait1": SUPPLEMENT, "wait1_from": at("02-03 09:00")},
         [LATE, LATE, LATE]),
        # once answered it counts no more
        ({"due_last": at("02-10 17:00"), "wait1": SUPPLEMENT, "wait1_from": at("01-20 09:00"),
          "wait1_to": at("02-04 09:00")}, [ON_TIME, LATE, LATE]),
        # two requests are late, from the month of the second
        ({"due_last": at("03-31 17:00"), "wait1": SUPPLEMENT, "wait1_from": at("01-20 09:00"),
          "wait1_to": at("01-21 09:00"), "wait2": SUPPLEMENT, "wait2_from": at("02-03 09:00"),
          "wait2_to": at("02-04 09:00")}, [ON_TIME, LATE, LATE]),
    ],
)  # fmt: skip
def test_decision_766_judges_a_dossier_in_every_month(
    dossier: dict[str, Given], expected: list[str]
) -> None:
    plan = plan_of(OPENED | dossier)
    months = [f"2025-{n:02}" for n in range(1, len(expected) + 1)]
    for kind in (ON_TIME, LATE):
        wanted = {m: 1 for m, e in zip(months, expected, strict=True) if e == kind}
        assert figure(plan, kind, "d766") == wanted
    assert set(figure(plan, "on_time_rate", "d766")) == set(months)
    assert figure(plan, "early", "d766") == figure(plan, "early_rate", "d766") == {}


def test_decision_766_takes_the_term_where_no_due_date_was_sent() -> None:
    catalogue = province().catalogue
    rows = catalogue.select(
        (pl.col("term_unit") == "working_day") & (pl.col("term_value") == 5)
    ).to_series()
    plan = plan_of(
        {
            "procedure": rows.arg_true()[0],
            "accepted": at("01-06 08:00"),
            "closed": at("01-13 17:00"),
        },
        {
            "procedure": rows.arg_true()[0],
            "accepted": at("01-06 08:00"),
            "closed": at("01-14 08:00"),
        },
    )
    assert figure(plan, "on_time_rate", "d766") == {"2025-01": (1, 2)}
    unknown = plan.with_columns(is_procedure_unknown=True)
    assert figure(unknown, "no_due_date", "d766") == {"2025-01": 2}
    assert figure(unknown, "on_time_rate", "d766") == {"2025-01": (0, 2)}
    waiting = plan.with_columns(wait1=pl.lit(SUPPLEMENT, dtype=pl.Int8))
    with pytest.raises(ValueError, match="waited for a supplement"):
        figure(waiting, "on_time", "d766")


def test_a_dossier_lost_from_its_acceptance_on_was_submitted_and_not_answered() -> None:
    online = {"channel": ONLINE, "submitted": at("03-03 08:00"), "accepted": at("03-03 09:00"),
              "closed": at("03-05 09:00")}  # fmt: skip
    lost = pl.lit(number_of("impossible_date"), dtype=pl.Int8)
    plan = plan_of(online, {"accepted": at("03-03 08:00")}).with_columns(trap=lost)
    known = knowable(plan)
    assert known.height == 1
    assert known.select(pl.col(*(set(EVENTS) - {"submitted"})).is_null().all()).row(0) == (
        True,
    ) * (len(EVENTS) - 1)
    assert figure(known, "submitted") == {"2025-03": 1}
    assert figure(known, "acceptance_on_time_rate") == {"2025-03": (0, 1)}
    assert figure(known, "received") == {}


def test_told_by_the_day_an_answer_counts_to_the_close_of_its_day() -> None:
    online = {"channel": ONLINE, "submitted": at("03-03 16:00"), "accepted": at("03-04 09:00")}
    assert figure(plan_of(online), "acceptance_on_time_rate") == {"2025-03": (1, 1)}
    by_day = knowable(plan_of(online).with_columns(
        trap=pl.lit(number_of("times_at_midnight"), dtype=pl.Int8)
    ))  # fmt: skip
    assert figure(by_day, "acceptance_on_time_rate") == {"2025-03": (0, 1)}
    same_day = knowable(plan_of(online | {"accepted": at("03-03 16:00") + timedelta(minutes=5)})
        .with_columns(trap=pl.lit(number_of("times_at_midnight"), dtype=pl.Int8)))  # fmt: skip
    assert figure(same_day, "acceptance_on_time_rate") == {"2025-03": (1, 1)}
