"""Scores of Decision 766 of a period: asked of serving, named for the page, never computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dashboard.reader import SnapshotReader
from pipelines.serving.calendar_periods import CalendarPeriod, Grain, list_periods
from pipelines.serving.metrics.boundaries import Boundaries
from pipelines.serving.parameters import MIN_DENOMINATOR
from pipelines.serving.score766 import ItemScore, Score, score

WHOLE = "all"
"""The choice that means every unit together."""

SORTS = ("name", "high", "low")
Sort = Literal["name", "high", "low"]


@dataclass(frozen=True)
class ScoredUnit:
    """A unit with its score; `key` is `code@first day`, since codes are reused."""

    key: str
    name: str
    district: str | None
    level: str
    first_on: date | None
    last_on: date | None
    score: Score

    @property
    def is_small(self) -> bool:
        """Whether an item rests on too few dossiers for the score to be compared."""
        return has_small(self.score)


def has_small(score: Score) -> bool:
    """Whether a score rests on an item with too few dossiers."""
    return any(is_small(item) for item in score.items)


def is_small(item: ItemScore) -> bool:
    """Whether an item has points on too few dossiers to be read."""
    return item.exact is not None and (item.denominator or 0) < MIN_DENOMINATOR


def periods_of(reader: SnapshotReader, grain: Grain) -> tuple[CalendarPeriod, ...]:
    """Periods with data and with items in force, the newest first."""
    first = reader.data_from
    begun = min((item.valid_from for item in reader.score_parameters.items), default=first)
    as_of = reader.about.as_of
    return list_periods(grain, min(max(first, begun), as_of), as_of)


def last_whole(periods: Sequence[CalendarPeriod], as_of: date) -> CalendarPeriod:
    """The newest period that is over, else the newest."""
    return next((period for period in periods if period.last_on <= as_of), periods[0])


def ask_whole(reader: SnapshotReader, period: CalendarPeriod) -> Score:
    """The score of all units together."""
    return _ask(reader, period, None)[0]


def ask_units(
    reader: SnapshotReader, period: CalendarPeriod, boundaries: Boundaries = "as_was"
) -> tuple[ScoredUnit, ...]:
    """Every unit of the period with its score, by level and name.

    An area of today's boundaries stands at the level of the units that it followed, from ever.
    """
    units = {(u["unit_code"], u["unit_valid_from"]): u for u in reader.about.units.to_dicts()}
    districts = {
        u["unit_code"]: u["unit_name_vi"]
        for u in units.values()
        if u["level"] in ("district", "area")
    }
    found: list[ScoredUnit] = []
    for one in _ask(reader, period, "unit", boundaries):
        unit = units[one.unit_code, one.unit_valid_from]
        is_commune = unit["level"] == "commune"
        found.append(
            ScoredUnit(
                unit["unit_key"],
                unit["unit_name_vi"],
                districts.get(unit["district_code"]) if is_commune else None,
                one.level or unit["level"],
                None if boundaries == "today" else unit["unit_valid_from"],
                unit["unit_valid_to"],
                one,
            )
        )
    return tuple(sorted(found, key=lambda unit: (unit.name, unit.district or "", unit.key)))


def sort_units(units: Sequence[ScoredUnit], sort: Sort) -> list[ScoredUnit]:
    """Units by name or by points.

    By points, those that rest on few dossiers or on fewer items come after the others, and those
    without points last: only like is read beside like.
    """
    if sort == "name":
        return list(units)
    sign = -1 if sort == "high" else 1
    return sorted(
        units,
        key=lambda unit: (
            unit.score.exact is None,
            unit.is_small,
            -unit.score.measurable_points,
            sign * (unit.score.exact or 0),
        ),
    )


def _ask(
    reader: SnapshotReader,
    period: CalendarPeriod,
    by: Literal["unit"] | None,
    boundaries: Boundaries = "as_was",
) -> list[Score]:
    return score(
        reader.ask,
        reader.score_parameters,
        period,
        known_metrics=reader.metrics,
        as_of=reader.about.as_of,
        by=by,
        boundaries=boundaries,
    )
