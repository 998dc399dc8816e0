"""The score of Decision 766: points of each item from the metric layer's shares, never a figure
of its own.

Points are exact fractions until they are shown: a share is compared with its target unrounded
and a total is rounded once (domain §6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

import polars as pl

from pipelines.serving.calendar_periods import CalendarPeriod
from pipelines.serving.metrics.boundaries import Boundaries
from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.score_parameters import ScoreBand, ScoreItem, ScoreParameters

Ask = Callable[[MetricQuery], pl.DataFrame]
By = Literal["unit", "level"]
Status = Literal[
    "measured",
    "measured_over_nothing",
    "no_feed",
    "not_in_snapshot",
    "nothing_to_count",
    "unit_ended",
    "nothing_known",
]
"""Why an item has points or none: `no_feed` waits for a feed, `not_in_snapshot` for a newer
snapshot, `nothing_to_count` had no dossiers, `measured_over_nothing` gives what its rule says."""

_PLAIN = "ii06a"  # any definition does for a metric that depends on none
_Key = tuple[str | None, date | None, str | None]
_Shares = Mapping[tuple[str, str | None], "_Share"]


class ScoreError(ValueError):
    """A score that cannot be drawn up; one sentence."""


@dataclass(frozen=True)
class _Share:
    numerator: int | None
    denominator: int | None
    status: str | None


_NO_SHARE = _Share(0, 0, None)


@dataclass(frozen=True)
class ItemScore:
    """One item of one score; `exact` points are None where the item is not measured."""

    item: ScoreItem
    numerator: int | None
    denominator: int | None
    exact: Fraction | None
    status: Status

    @property
    def ratio(self) -> Fraction | None:
        """The share, unrounded; None over nothing."""
        if self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def share(self) -> Fraction | None:
        """Points as a share of the most points."""
        return None if self.exact is None else self.exact / Fraction(self.item.max_points)

    @property
    def points(self) -> Decimal | None:
        """Points to two decimals, halves up."""
        return None if self.exact is None else round_points(self.exact)


@dataclass(frozen=True)
class Score:
    """The score of the province, a level or a unit; a unit is its code with its first day.

    Without a single measured item there are no points. `band` is None below the measurable
    points a band asks for.
    """

    unit_code: str | None
    unit_valid_from: date | None
    level: str | None
    items: tuple[ItemScore, ...]
    bands: tuple[ScoreBand, ...]

    @property
    def exact(self) -> Fraction | None:
        """Points of the measured items, unrounded."""
        measured = [item.exact for item in self.items if item.exact is not None]
        return sum(measured, Fraction(0)) if measured else None

    @property
    def points(self) -> Decimal | None:
        """Points to two decimals, halves up, rounded once."""
        return None if self.exact is None else round_points(self.exact)

    @property
    def measurable_points(self) -> Decimal:
        """Most points of the items that are measured."""
        return _most(item.item for item in self.items if item.exact is not None)

    @property
    def max_points(self) -> Decimal:
        """Most points of all items in force."""
        return _most(item.item for item in self.items)

    @property
    def share(self) -> Fraction | None:
        """Points as a share of the measurable ones, unrounded; what a band is judged by."""
        return None if self.exact is None else self.exact / Fraction(self.measurable_points)

    @property
    def band(self) -> ScoreBand | None:
        """The best band whose share of the measurable points is reached."""
        share, measurable = self.share, self.measurable_points
        if share is None:
            return None
        reached = (band for band in self.bands if share >= Fraction(band.least_share))
        return next((band for band in reached if measurable >= band.least_measurable_points), None)


def add_points(items: Iterable[ItemScore]) -> tuple[Decimal | None, Decimal]:
    """Points of the measured ones among some items, rounded once, and their most points."""
    measured = [one for one in items if one.exact is not None]
    exact = sum((one.exact or Fraction(0) for one in measured), Fraction(0))
    return (round_points(exact) if measured else None), _most(one.item for one in measured)


def round_points(exact: Fraction) -> Decimal:
    """Two decimals, halves up."""
    return Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)


def score_item(
    item: ScoreItem, numerator: int | None, denominator: int | None, reason: str | None = None
) -> ItemScore:
    """Points of one item for a share; `reason` is the metric layer's, where it has no answer."""
    most = Fraction(item.max_points)
    if reason is not None or numerator is None or denominator is None:
        status: Status = "unit_ended" if reason == "unit_ended" else "nothing_known"
        return ItemScore(item, numerator, denominator, None, status)
    if denominator == 0:
        if item.zero_denominator == "not_measured":
            return ItemScore(item, numerator, denominator, None, "nothing_to_count")
        given = most if item.zero_denominator == "full" else Fraction(0)
        return ItemScore(item, numerator, denominator, given, "measured_over_nothing")
    ratio = Fraction(numerator, denominator)
    if item.rule == "product":
        exact = most * ratio
    elif item.target is None:
        raise ScoreError(f"score766.csv, {item.item}: the rule linear needs a target")
    else:
        exact = most * min(Fraction(1), ratio / Fraction(item.target))
    return ItemScore(item, numerator, denominator, exact, "measured")


def score(
    ask: Ask,
    parameters: ScoreParameters,
    period: CalendarPeriod,
    *,
    known_metrics: Collection[str],
    as_of: date,
    by: By | None = None,
    units: tuple[str, ...] = (),
    boundaries: Boundaries = "as_was",
) -> list[Score]:
    """Scores of a period: one of the whole, or one per unit or level, by code.

    `units` are codes as the metric layer takes them; they are always scored one by one. The
    parameters are those in force on the period's last day. A period that is not over is scored
    on what is known. Raises `ScoreError` for a period without parameters or after the data,
    and `MetricQueryError` for what the metric layer refuses.
    """
    in_force = parameters.in_force(period.last_on)
    if not in_force.items:
        raise ScoreError(f"no item of the score is in force on {period.last_on}")
    if period.first_on > as_of:
        raise ScoreError(f"{period.name} begins after the data's last day, {as_of}")
    if units:
        by = "unit"
    answers: dict[_Key, dict[tuple[str, str | None], _Share]] = {}
    asked = [item for item in in_force.items if item.metric in known_metrics]
    for definition in dict.fromkeys(item.definition for item in asked):
        metrics = dict.fromkeys(i.metric for i in asked if i.metric and i.definition == definition)
        query = MetricQuery(
            tuple(metrics),
            by=("unit", "level") if by == "unit" else () if by is None else (by,),
            units=units,
            date_from=period.first_on,
            date_to=period.last_on,
            definition=definition or _PLAIN,
            boundaries=boundaries,
        )
        for row in ask(query).iter_rows(named=True):
            key = (row.get("unit_code"), row.get("unit_valid_from"), row.get("level"))
            share = _Share(row["numerator"], row["denominator"], row["status"])
            answers.setdefault(key, {})[row["metric"], definition] = share
    if by is None and not answers:
        answers[None, None, None] = {}
    return [
        Score(
            *key,
            tuple(_find_score(item, shares, known_metrics) for item in in_force.items),
            in_force.bands,
        )
        for key, shares in sorted(answers.items(), key=_order)
    ]


def _order(answer: tuple[_Key, object]) -> tuple[str, date, str]:
    (code, valid_from, level), _ = answer
    return code or "", valid_from or date.min, level or ""


def _find_score(item: ScoreItem, shares: _Shares, known_metrics: Collection[str]) -> ItemScore:
    if item.metric is None:
        return ItemScore(item, None, None, None, "no_feed")
    if item.metric not in known_metrics:
        return ItemScore(item, None, None, None, "not_in_snapshot")
    share = shares.get((item.metric, item.definition), _NO_SHARE)
    return score_item(item, share.numerator, share.denominator, share.status)


def _most(items: Iterable[ScoreItem]) -> Decimal:
    return sum((item.max_points for item in items), Decimal(0))
