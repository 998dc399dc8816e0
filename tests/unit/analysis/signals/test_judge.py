"""Units, fields and the province against the others and their own past, on panels made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, nbinom

from pipelines.analysis.signals.judge import SIGNAL_SCHEMA, Setting, judge
from pipelines.analysis.signals.metrics import LATE, RECEIVED, WeeklyMetric
from pipelines.analysis.signals.panel import Panel
from pipelines.analysis.signals.standard import expect_of_others, volume_of_others
from pipelines.analysis.signals.tails import count_tails, share_tails
from pipelines.analysis.signals.weeks import BLOCKS, WEEKS, Weeks, tet_days
from pipelines.analysis.signals.whole import look_ahead

SUNDAY = date(2026, 6, 28)
UNITS, FIELDS = 30, 4
CALENDAR = pl.DataFrame(
    {"day_on": pl.date_range(date(2022, 1, 1), date(2026, 12, 31), "1d", eager=True)}
).with_columns(
    is_working_day=pl.col("day_on").dt.weekday() <= 5,
    note=pl.lit(None, dtype=pl.String),
)


def setting(calendar: pl.DataFrame = CALENDAR, **of_units: object) -> Setting:
    units = pl.DataFrame(
        {
            "unit_key": [f"{place:02}@" for place in range(UNITS)],
            "level": "commune",
            "known_from": date(1, 1, 1),
            "is_in_force": True,
        }
    ).with_columns(**of_units)  # pyright: ignore[reportArgumentType]
    return Setting(Weeks.of(SUNDAY), units, calendar, least=30)


def draw(seed: int, share: float = 0.05, weekly: int = 8) -> Panel:
    """Units of one kind in which nothing happens but chance."""
    rng = np.random.default_rng(seed)
    shape = (UNITS, FIELDS, BLOCKS)
    received = rng.poisson(weekly * WEEKS, shape)
    keys = tuple(f"{place:02}@" for place in range(UNITS))
    late = rng.binomial(received, share).astype(np.float64)
    return Panel(keys, ("A", "B", "C", "D"), late, received.astype(np.float64))


def plant(panel: Panel, late: float, *, units: slice | int, fields: slice | int = slice(None)) -> Panel:  # fmt: skip # noqa: E501
    """The same with a share made late in the last four weeks."""
    numerator = panel.numerator.copy()
    here = (units, fields, 0)
    numerator[here] = np.round(panel.denominator[here] * late)
    return replace(panel, numerator=numerator)


def asked(panel: Panel, metric: WeeklyMetric = LATE, given: Setting | None = None) -> pl.DataFrame:
    return judge({metric.metric: panel}, (metric,), given or setting())


def named(signals: pl.DataFrame) -> list[tuple[str, str | None, str | None, str]]:
    found = signals.filter("is_signal")
    return found.select("subject", "unit_key", "field_code", "direction").rows()


def test_a_quiet_province_has_no_signal() -> None:
    signals = asked(draw(1))
    assert signals.schema == SIGNAL_SCHEMA
    assert named(signals) == []
    assert signals.filter(subject="unit")["p_value"].null_count() == 0


def test_chance_alone_gives_p_values_that_are_no_smaller_than_chance() -> None:
    found = pl.concat([asked(draw(seed)) for seed in range(2, 8)])["p_value"].drop_nulls()
    assert (found <= 0.1).mean() == pytest.approx(0.08, abs=0.04)  # pyright: ignore[reportArgumentType]
    assert (found <= 0.01).mean() < 0.02  # pyright: ignore[reportOperatorIssue]


def test_one_unit_that_collapses_is_one_signal() -> None:
    assert named(asked(plant(draw(1), 0.3, units=7))) == [("unit", "07@", None, "worse")]


def test_a_unit_that_does_much_better_is_a_signal_on_the_other_side() -> None:
    panel = plant(draw(1, share=0.5), 0.2, units=7)
    assert named(asked(panel)) == [("unit", "07@", None, "better")]


def test_a_field_that_slows_everywhere_is_one_signal_of_the_field() -> None:
    panel = plant(draw(1), 0.3, units=slice(None), fields=2)
    assert named(asked(panel)) == [("field", None, "C", "worse")]


def test_a_shock_of_all_units_is_one_signal_of_the_province() -> None:
    panel = plant(draw(1), 0.3, units=slice(None))
    assert named(asked(panel)) == [("province", None, None, "worse")]


def test_the_figures_of_a_field_hold_the_units_that_were_judged_apart() -> None:
    panel = plant(draw(1), 0.9, units=7)
    row = asked(panel).filter(field_code="A").row(0, named=True)
    assert row["numerator"] == panel.numerator[:, 0, 0].sum()
    assert row["denominator"] == panel.denominator[:, 0, 0].sum()
    assert abs(row["numerator"] - row["expected"]) < 20


@pytest.mark.parametrize(
    ("of_units", "weekly", "status"),
    [
        ({}, 1, "too_few"),
        ({"known_from": pl.lit(SUNDAY - timedelta(weeks=20))}, 8, "short_past"),
        ({"is_in_force": pl.lit(value=False)}, 8, "unit_ended"),
    ],
)
def test_where_nothing_can_be_said_there_is_a_reason_instead_of_a_test(
    of_units: dict[str, pl.Expr], weekly: int, status: str
) -> None:
    panel = plant(draw(1, weekly=weekly), 0.9, units=0)
    signals = asked(panel, given=setting(**of_units)).filter(subject="unit")
    assert signals["p_value"].is_null().all()
    assert set(signals["status"]) == {status}


def received(seed: int, *, dip: float = 1.0, silent: int | None = None) -> Panel:
    """What thirty units received by week; `silent` received nothing in the last one."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(40, (UNITS, 1, WEEKS * BLOCKS)).astype(np.float64)
    counts[:, :, :WEEKS] = np.round(counts[:, :, :WEEKS] * dip)
    if silent is not None:
        counts[silent, :, :1] = 0
    keys = tuple(f"{place:02}@" for place in range(UNITS))
    return Panel(keys, ("all",), counts, np.zeros_like(counts))


def test_a_shop_that_receives_nothing_for_a_week_is_a_signal_of_that_week() -> None:
    found = asked(received(1, silent=3), RECEIVED).filter("is_signal")
    assert (3, 1) in [(int(key[:2]), weeks) for key, weeks in found.select("unit_key", "weeks_n").rows()]  # fmt: skip # noqa: E501
    assert set(found["unit_key"]) == {"03@"}
    assert set(found["direction"]) == {"fewer"}


def test_half_of_all_people_staying_away_is_one_signal_and_none_around_tet() -> None:
    dip = received(1, dip=0.5)
    assert named(asked(dip, RECEIVED)) == [("province", None, None, "fewer")]
    days_off = pl.col("day_on").is_between(SUNDAY - timedelta(14), SUNDAY - timedelta(10))
    calendar = CALENDAR.with_columns(
        is_working_day=pl.col("is_working_day") & ~days_off,
        note=pl.when(days_off).then(pl.lit("Tết Nguyên Đán")),
    )
    around_tet = asked(dip, RECEIVED, setting(calendar))
    assert named(around_tet) == []
    assert set(around_tet.filter(subject="province")["status"]) == {"tet"}


def test_tet_is_read_from_the_calendar_and_new_years_day_is_not_tet() -> None:
    days = pl.DataFrame(
        {
            "day_on": [date(2025, 1, 1), date(2025, 1, 28), date(2025, 1, 29), date(2025, 2, 3)],
            "is_working_day": [False, False, False, True],
            "note": ["Tết Dương lịch", "29 Tết", "Tết Nguyên Đán", None],
        }
    )
    assert tet_days(days) == [date(2025, 1, 28), date(2025, 1, 29)]


@pytest.mark.parametrize("day", range(7))
def test_weeks_end_on_the_last_sunday_that_is_over(day: int) -> None:
    assert Weeks.of(SUNDAY + timedelta(days=day)).last_on == SUNDAY


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    panel = plant(draw(1, share=0.3), 0.9, units=slice(0, 5))
    tests = asked(panel).filter(pl.col("p_value").is_not_null()).sort("p_value")
    number = tests.height
    ranked = tests["p_value"] * number / pl.Series(range(1, number + 1))
    expected = [min(ranked[place:].min(), 1.0) for place in range(number)]  # pyright: ignore[reportArgumentType]
    assert tests["q_value"].to_list() == pytest.approx(expected)
    assert tests["is_signal"].sum() == 5


def test_the_others_carry_the_expectation_with_them() -> None:
    panel = draw(1)
    calm = expect_of_others(panel.numerator, panel.denominator, left_out=np.zeros(UNITS))
    shaken = panel.numerator.copy()
    shaken[1:, :, 0] = panel.denominator[1:, :, 0] * 0.4
    moved = expect_of_others(shaken, panel.denominator, left_out=np.zeros(UNITS))
    assert moved[0, 0] == pytest.approx(0.4 * panel.denominator[0, :, 0].sum(), rel=0.1)
    assert moved[0, 1] == pytest.approx(calm[0, 1], rel=0.1)


def test_a_unit_alone_in_its_field_is_measured_by_the_fields_usual_share() -> None:
    panel = draw(1, share=0.2)
    numerator, denominator = panel.numerator.copy(), panel.denominator.copy()
    numerator[1:, 3], denominator[1:, 3] = 0, 0
    numerator[0, 3, 0], denominator[0, 3, 0] = 50, 50
    expected = expect_of_others(numerator, denominator, left_out=np.zeros(UNITS))
    others = expect_of_others(numerator[:, :3], denominator[:, :3], left_out=np.zeros(UNITS))
    assert expected[0, 0] - others[0, 0] == pytest.approx(50 * 0.2, rel=0.2)


def test_volume_is_measured_by_the_others_of_the_group_alone() -> None:
    counts = np.array([[1.0, 2], [10, 20], [100, 200]])
    peers = np.array([[1.0, 1, 0], [1, 1, 0], [1, 1, 1]])
    nobody = np.zeros(3)
    assert volume_of_others(counts, peers, left_out=nobody).tolist() == [[10, 20], [1, 2], [11, 22]]
    without = volume_of_others(counts, peers, left_out=np.array([0.0, 1, 0]))
    assert without.tolist() == [[0, 0], [1, 2], [1, 2]]


@given(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.floats(0.001, 0.999),
    st.floats(0.0005, 0.5),
)
def test_tails_of_shares_are_those_of_the_beta_binomial(
    counts: tuple[int, int], mean: float, rho: float
) -> None:
    n, x = counts
    below, above = share_tails(*(np.array([float(v)]) for v in (x, n, mean, rho)))
    size = 1 / rho - 1
    law = betabinom(n, mean * size, (1 - mean) * size)
    assert below[0] == pytest.approx(law.cdf(x), abs=1e-9)
    assert above[0] == pytest.approx(law.sf(x - 1), abs=1e-9)


@given(st.integers(0, 200), st.floats(0.5, 150), st.floats(0.001, 1.0))
def test_tails_of_counts_are_those_of_the_negative_binomial(
    x: int, mean: float, rho: float
) -> None:
    below, above = count_tails(*(np.array([float(v)]) for v in (x, mean, rho)))
    law = nbinom(1 / rho, 1 / rho / (1 / rho + mean))
    assert below[0] == pytest.approx(law.cdf(x), abs=1e-9)
    assert above[0] == pytest.approx(law.sf(x - 1), abs=1e-9)


def test_large_shares_have_the_tails_of_their_beta() -> None:
    args = [np.array([value]) for value in (300.0, 6_000.0, 0.04, 0.0005)]
    below, above = share_tails(*args)
    size = 1 / 0.0005 - 1
    law = betabinom(6_000, 0.04 * size, 0.96 * size)
    assert below[0] == pytest.approx(law.cdf(300), abs=0.01)
    assert above[0] == pytest.approx(law.sf(299), abs=0.01)


def test_the_whole_goes_on_as_its_year_did_and_a_break_is_seen() -> None:
    rng = np.random.default_rng(2)
    line = np.arange(40, 0, -1) * 0.05 + rng.normal(0, 0.02, 40)
    usable, noise = np.ones(40, dtype=np.bool_), np.full(40, 1e-6)
    calm = look_ahead(line, usable, noise)
    assert calm is not None
    assert calm.expected == pytest.approx(line[0], abs=0.1)
    assert min(calm.below, calm.above) > 0.01
    broken = look_ahead(np.concatenate(([line[0] - 0.5], line[1:])), usable, noise)
    assert broken is not None
    assert broken.below < 1e-6


def test_what_is_left_out_of_the_past_teaches_nothing() -> None:
    values = np.tile([1.0, 1.1], 20)
    odd = values.copy()
    odd[5:8] = 50
    usable = np.ones(40, dtype=np.bool_)
    usable[5:8] = False
    noise = np.full(40, 1e-6)
    plain, without = look_ahead(values, usable, noise), look_ahead(odd, usable, noise)
    assert plain == without
    assert look_ahead(values, usable & (np.arange(40) < 9), noise) is None
