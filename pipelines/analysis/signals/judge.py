"""Every unit, field and the province against what was expected of it, and what of it is signal.

Units first, against the others and their own past. What a unit alone did is taken out before the
fields are judged, and what a field did before the province is: a cause is named once, where it
lies. Then one family of tests, and a false discovery rate of 5 % over all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit
from scipy.stats import false_discovery_control  # pyright: ignore[reportUnknownVariableType]

from pipelines.analysis.signals.metrics import WeeklyMetric
from pipelines.analysis.signals.panel import Counts, Panel
from pipelines.analysis.signals.past import LEAST_WEEKS, Forecast, forecast_counts, forecast_shares
from pipelines.analysis.signals.standard import bounded_logit, expect_of_others, volume_of_others
from pipelines.analysis.signals.tails import count_tails, share_tails
from pipelines.analysis.signals.weeks import WEEKS, Weeks
from pipelines.analysis.signals.whole import look_ahead

FALSE_DISCOVERY = 0.05
LEAST_EXPECTED = 10.0
"""Dossiers expected in a stretch below which their number says nothing."""
_PEERS = 10  # units of a level that can measure one of them
_ROUNDS = 12
_TINY = 1e-9

SCHEMA = pl.Schema(
    {
        "subject": pl.String, "unit_key": pl.String, "level": pl.String, "field_code": pl.String,
        "metric": pl.String, "first_on": pl.Date, "last_on": pl.Date, "weeks_n": pl.Int64,
        "numerator": pl.Int64, "denominator": pl.Int64, "expected": pl.Float64,
        "p_value": pl.Float64, "status": pl.String,
    }
)  # fmt: skip

SIGNAL_SCHEMA = pl.Schema(
    SCHEMA | {"q_value": pl.Float64, "direction": pl.String, "is_signal": pl.Boolean}
)
"""All tests of a week: counts of the newest stretch, what was expected, why there is no test."""


@dataclass(frozen=True)
class Setting:
    """What is known of the units and days.

    `units`: unit_key, level, known_from (first day that is its own past), is_in_force; in the
    order of the panels. `calendar`: day_on, is_working_day, note. `least` is the denominator below
    which a share is grey.
    """

    weeks: Weeks
    units: pl.DataFrame
    calendar: pl.DataFrame
    least: int


@dataclass(frozen=True)
class _Tested:
    """By subject: counts of the newest stretch, the forecast, tails, why there is no test."""

    x: Counts
    n: Counts
    mean: Counts
    below: Counts
    above: Counts
    status: npt.NDArray[np.str_]

    @property
    def p_value(self) -> Counts:
        """Two-sided, 1 at most; NaN where nothing was tested."""
        both = np.minimum(1.0, 2 * np.minimum(self.below, self.above))
        return np.where(self.status == "", both, np.nan)

    def with_left_out(self, x: Counts, n: Counts) -> _Tested:
        """The counts with those of the subjects taken out before: as they are, and expected so."""
        whole = (self.x + x, self.n + n, self.mean + x)
        return _Tested(*whole, self.below, self.above, self.status)

    def found(self) -> Counts:
        """1 for subjects that stand out among themselves."""
        p_value = self.p_value
        tested = ~np.isnan(p_value)
        found = np.zeros(p_value.size)
        if tested.any():
            found[tested] = false_discovery_control(p_value[tested]) <= FALSE_DISCOVERY
        return found


def judge(
    panels: Mapping[str, Panel], metrics: Sequence[WeeklyMetric], setting: Setting
) -> pl.DataFrame:
    """All tests of the week, in the columns of `SIGNAL_SCHEMA`."""
    rows = [_judge_metric(panels[metric.metric], metric, setting) for metric in metrics]
    return _control(pl.concat(rows), metrics)


def _judge_metric(panel: Panel, metric: WeeklyMetric, setting: Setting) -> pl.DataFrame:
    if metric.is_count:
        by_week, units = (_count_units(panel, setting, length) for length in (1, WEEKS))
        found, fields = np.maximum(units.found(), by_week.found()), None
        parts = [_unit_rows(by_week, metric, setting, 1), _unit_rows(units, metric, setting, WEEKS)]
        counts = panel.counted_by(WEEKS)[:, None]
        whole = Panel(panel.units, panel.fields, counts, np.zeros_like(counts))
    else:
        units = _share_units(panel, setting)
        found, whole = units.found(), panel
        fields = _share_fields(panel, setting, found)
        parts = [_unit_rows(units, metric, setting, WEEKS)]
        parts.append(_field_rows(fields, panel.fields, metric, setting))
    parts.append(_whole_row(whole, metric, setting, found, fields))
    return pl.concat(parts)


def _share_units(panel: Panel, setting: Setting) -> _Tested:
    x, n = panel.numerator.sum(axis=1), panel.denominator.sum(axis=1)
    known = _known(setting, WEEKS, n)

    def test(left_out: Counts) -> _Tested:
        expected = expect_of_others(panel.numerator, panel.denominator, left_out=left_out)
        return _test_shares(x, n, forecast_shares(x, n, expected, known, WEEKS), setting)

    return _in_force_only(_test_apart(test, x.shape[0]), setting)


def _share_fields(panel: Panel, setting: Setting, found: Counts) -> _Tested:
    kept = (1 - found)[:, None, None]
    x, n = ((kept * part).sum(axis=0) for part in (panel.numerator, panel.denominator))
    known = np.broadcast_to(n.sum(axis=0) > 0, n.shape).astype(np.float64)

    def test(left_out: Counts) -> _Tested:
        measure = (1 - left_out)[:, None]
        others_x = (measure * x).sum(axis=0) - measure * x
        others_n = (measure * n).sum(axis=0) - measure * n
        expected = n * (others_x + 1) / (others_n + 2)
        return _test_shares(x, n, forecast_shares(x, n, expected, known, WEEKS), setting)

    tested = _test_apart(test, x.shape[0])
    whole = [part[..., 0].sum(axis=0) for part in (panel.numerator, panel.denominator)]
    return tested.with_left_out(whole[0] - x[:, 0], whole[1] - n[:, 0])


def _count_units(panel: Panel, setting: Setting, length: int) -> _Tested:
    x = panel.counted_by(length)
    tet = setting.weeks.touch_tet(setting.calendar, length)
    lives = setting.units["is_in_force"].to_numpy()[:, None]
    known = _known(setting, length, x) * ~tet * lives
    peers = _peers(setting)

    def test(left_out: Counts) -> _Tested:
        volume = volume_of_others(x, peers, left_out=left_out)
        forecast = forecast_counts(x, volume, known, length)
        below, above = count_tails(x[:, 0], forecast.mean, forecast.rho)
        status = np.where(forecast.stretches < LEAST_WEEKS // length, "short_past", "")
        status = np.where(forecast.mean < LEAST_EXPECTED, "too_few", status)
        status = np.where(tet[0], "tet", status)
        nothing = np.zeros_like(forecast.mean)
        return _Tested(x[:, 0], nothing, forecast.mean, below, above, status)

    return _in_force_only(_test_apart(test, x.shape[0]), setting)


def _test_apart(test: Callable[[Counts], _Tested], size: int) -> _Tested:
    """Test all, each against the others that do not stand out themselves.

    The one that stands out most is taken away as a measure first, then all are looked at again:
    what looks odd beside it may be as usual.
    """
    left_out = np.zeros(size)
    tested = test(left_out)
    for round_n in range(_ROUNDS):
        p_value = np.where(tested.found() > left_out, tested.p_value, np.inf)
        if np.isinf(p_value).all():
            break
        is_last = round_n == _ROUNDS - 1
        left_out = np.where(p_value <= (1.0 if is_last else p_value.min()), 1.0, left_out)
        tested = test(left_out)
    return tested


def _test_shares(x: Counts, n: Counts, forecast: Forecast, setting: Setting) -> _Tested:
    newest = n[:, 0]
    mean = np.clip(forecast.mean / np.maximum(newest, 1), _TINY, 1 - _TINY)
    below, above = share_tails(x[:, 0], newest, mean, forecast.rho)
    status = np.where(forecast.stretches < LEAST_WEEKS // WEEKS, "short_past", "")
    status = np.where(newest < setting.least, "too_few", status)
    return _Tested(x[:, 0], newest, forecast.mean, below, above, status)


def _in_force_only(tested: _Tested, setting: Setting) -> _Tested:
    lives = setting.units["is_in_force"].to_numpy()
    status = np.where(lives, tested.status, "unit_ended")
    return _Tested(tested.x, tested.n, tested.mean, tested.below, tested.above, status)


def _known(setting: Setting, length: int, counts: Counts) -> Counts:
    """1 where a stretch is of the unit's own past: after its last change, after the data began."""
    starts = np.array(setting.weeks.starts(length), dtype="datetime64[D]")
    begun = setting.units["known_from"].to_numpy().astype("datetime64[D]")
    oldest = np.flatnonzero(counts.sum(axis=0) > 0).max(initial=0)
    return ((starts[None] >= begun[:, None]) & (np.arange(starts.size) <= oldest)).astype(
        np.float64
    )


def _peers(setting: Setting) -> Counts:
    """unit × unit: those of the same level, or all where a level has few."""
    levels = setting.units["level"].to_numpy()
    same = levels[:, None] == levels[None]
    lives = setting.units["is_in_force"].to_numpy()
    many = (same & lives[None]).sum(axis=1) >= _PEERS
    return np.where(many[:, None], same, True).astype(np.float64)


def _whole_row(
    panel: Panel, metric: WeeklyMetric, setting: Setting, found: Counts, fields: _Tested | None
) -> pl.DataFrame:
    kept = (1 - found)[:, None, None]
    if fields is not None:
        kept = kept * (1 - fields.found())[None, :, None]
    x, n = ((kept * part).sum(axis=(0, 1)) for part in (panel.numerator, panel.denominator))
    tet = setting.weeks.touch_tet(setting.calendar, WEEKS)
    days = setting.weeks.working_days(setting.calendar, WEEKS)
    base = days if metric.is_count else n
    usable = (base >= (1 if metric.is_count else setting.least)) & ~tet
    if metric.is_count:
        usable &= x > 0
        values = np.log(np.maximum(x, 0.5) / np.maximum(base, 1))
        noise = 1 / np.maximum(x, 1)
    else:
        share = (x + 0.5) / (n + 1)
        values = bounded_logit(share)
        noise = 1 / np.maximum(n * share * (1 - share), _TINY)
    outlook = look_ahead(values, usable, noise)
    status = "" if outlook is not None else "tet" if tet[0] else "short_past"
    expected = np.nan
    if outlook is not None:
        back = np.exp(outlook.expected) if metric.is_count else expit(outlook.expected)
        expected = float(back * base[0])
    tested = _Tested(
        np.array([x[0]]),
        np.array([0.0 if metric.is_count else n[0]]),
        np.array([expected]),
        np.array([1.0 if outlook is None else outlook.below]),
        np.array([1.0 if outlook is None else outlook.above]),
        np.array([status]),
    )
    whole = [np.array([part[..., 0].sum()]) for part in (panel.numerator, panel.denominator)]
    tested = tested.with_left_out(whole[0] - tested.x, whole[1] - tested.n)
    subjects = pl.DataFrame({"subject": ["province"]})
    return _rows(tested, subjects, metric, setting, WEEKS)


def _unit_rows(tested: _Tested, metric: WeeklyMetric, setting: Setting, weeks: int) -> pl.DataFrame:
    subjects = setting.units.select(pl.lit("unit").alias("subject"), "unit_key", "level")
    return _rows(tested, subjects, metric, setting, weeks)


def _field_rows(
    tested: _Tested, fields: Sequence[str], metric: WeeklyMetric, setting: Setting
) -> pl.DataFrame:
    subjects = pl.DataFrame({"subject": "field", "field_code": fields})
    return _rows(tested, subjects, metric, setting, WEEKS)


def _rows(
    tested: _Tested, subjects: pl.DataFrame, metric: WeeklyMetric, setting: Setting, weeks: int
) -> pl.DataFrame:
    last = setting.weeks.last_on
    whole = pl.DataFrame(
        {
            "numerator": tested.x.astype(np.int64),
            "denominator": tested.n.astype(np.int64),
            "expected": tested.mean,
            "p_value": tested.p_value,
            "status": tested.status,
        }
    )
    frame = pl.concat([subjects, whole], how="horizontal").with_columns(
        pl.lit(metric.metric).alias("metric"),
        pl.lit(last - timedelta(weeks=weeks) + timedelta(days=1)).alias("first_on"),
        pl.lit(last).alias("last_on"),
        pl.lit(weeks, dtype=pl.Int64).alias("weeks_n"),
        denominator=pl.lit(None, dtype=pl.Int64) if metric.is_count else pl.col("denominator"),
        expected=pl.col("expected").fill_nan(None),
        p_value=pl.col("p_value").fill_nan(None),
        status=pl.when(pl.col("status") != "").then("status"),
    )
    absent = [
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
        if name not in frame.columns
    ]
    return frame.with_columns(absent).select(SCHEMA.names())


def _control(rows: pl.DataFrame, metrics: Sequence[WeeklyMetric]) -> pl.DataFrame:
    """Add q-values over all tests, the side on which each lies, and whether it is a signal."""
    p_value = rows["p_value"].to_numpy()
    tested = ~np.isnan(p_value)
    q_value = np.full(p_value.size, np.nan)
    if tested.any():
        q_value[tested] = false_discovery_control(p_value[tested])
    worse_is_more = [metric.metric for metric in metrics if metric.worse_is_more]
    counts = [metric.metric for metric in metrics if metric.is_count]
    is_more = pl.col("numerator") > pl.col("expected")
    is_worse = is_more == pl.col("metric").is_in(worse_is_more)
    return rows.with_columns(
        q_value=pl.Series(q_value).fill_nan(None),
        direction=pl.when(pl.col("p_value").is_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(pl.col("metric").is_in(counts))
        .then(pl.when(is_more).then(pl.lit("more")).otherwise(pl.lit("fewer")))
        .otherwise(pl.when(is_worse).then(pl.lit("worse")).otherwise(pl.lit("better"))),
    ).with_columns(is_signal=(pl.col("q_value") <= FALSE_DISCOVERY).fill_null(value=False))
