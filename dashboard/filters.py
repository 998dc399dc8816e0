"""What a reader has chosen: read from the address, held against the snapshot, put as a question.

The address is the one truth. A value that the snapshot does not know means the default, so that any
address opens. A page names what it uses; what it does not use stays in the address for the next
page and narrows nothing here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from dashboard.i18n import LANGUAGES
from dashboard.periods import (
    DEFAULT_PERIOD,
    PERIODS,
    Period,
    find_period,
    named_months,
    whole_period,
)
from dashboard.reader import SnapshotReader
from pipelines.serving.calendar_periods import GRAINS, CalendarPeriod, Grain, period_at
from pipelines.serving.metrics import MetricQuery
from pipelines.serving.metrics.boundaries import BOUNDARIES, Boundaries
from pipelines.serving.metrics.query import CHANNELS

Use = Literal[
    "period", "level", "unit", "field", "procedure", "channel", "boundaries", "definition"
]

DEFAULT_DEFINITION = "ii06a"
LEVELS = ("province", "district", "commune")
OPEN_LOG = "open"
"""Level of the units that a log of another place brings."""

AS_WAS, TODAY = BOUNDARIES

_LONGEST = 80  # letters of a value that could be known


@dataclass(frozen=True)
class Filters:
    """One choice of everything; None and `()` mean all.

    `period` are the days shown, up to the data's day; `whole` are all days of the period, of which
    a definition by periods is asked. `unit` is a unit's key. `kept` is every valid choice as the
    address has it, defaults left out: what a link to another page takes along.
    """

    period: Period
    whole: Period | None = None
    period_name: str = DEFAULT_PERIOD
    unit: str | None = None
    level: str | None = None
    field: str | None = None
    procedure: str | None = None
    channel: str | None = None
    boundaries: Boundaries = AS_WAS
    definition: str = DEFAULT_DEFINITION
    is_by_period: bool = False
    kept: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])

    def query(self, metrics: tuple[str, ...], by: tuple[str, ...] = ()) -> MetricQuery:
        """The question for the days chosen."""
        asked = self.whole if self.is_by_period and self.whole else self.period
        return self.query_of(asked, metrics, by)

    def query_of(
        self, period: Period | None, metrics: tuple[str, ...], by: tuple[str, ...] = ()
    ) -> MetricQuery:
        """The question for other days than those chosen; None asks for all there are."""
        return MetricQuery(
            metrics,
            by=by,
            units=_only(self.unit),
            level=self.level,
            date_from=period and period.first_on,
            date_to=period and period.last_on,
            definition=self.definition,
            fields=_only(self.field),
            procedures=_only(self.procedure),
            channels=_only(self.channel),
            boundaries=self.boundaries,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but period, boundaries and definition is chosen."""
        narrowing = (self.unit, self.level, self.field, self.procedure, self.channel)
        return any(value is not None for value in narrowing)


def read_filters(
    reader: SnapshotReader, address: Mapping[str, str], uses: Collection[Use]
) -> Filters:
    """What an address chooses of what a page uses. Never fails: unknown values are left out."""
    as_of = reader.about.as_of
    kept = {key: value for key, value in address.items() if _is_known(reader, key, value)}
    if "boundaries" in kept and "boundaries" in uses and kept.get("unit") not in _today(reader):
        kept.pop("unit", None)
    if "unit" in kept:
        kept.pop("level", None)
    if not _is_of_field(reader, kept.get("procedure"), kept.get("field")):
        kept.pop("procedure")
    used = {key: kept.get(key) for key in uses}
    name = used.get("period") or DEFAULT_PERIOD
    whole = whole_period(name, as_of)
    definition = used.get("definition") or DEFAULT_DEFINITION
    is_by_period = bool(reader.definitions[definition].periods) if used.get("definition") else False
    if is_by_period and _grain(whole) is None:
        definition, is_by_period = DEFAULT_DEFINITION, False
    return Filters(
        period=find_period(name, as_of),
        whole=whole,
        period_name=name,
        unit=used.get("unit"),
        level=used.get("level"),
        field=used.get("field"),
        procedure=used.get("procedure"),
        channel=used.get("channel"),
        boundaries=TODAY if used.get("boundaries") == TODAY else AS_WAS,
        definition=definition,
        is_by_period=is_by_period,
        kept=kept,
    )


def has_boundaries(reader: SnapshotReader) -> bool:
    """Whether there are two readings of the units; the own units of somebody are as they are."""
    about = reader.about
    is_told = about.province_vi is not None and about.boundaries_from is not None
    return is_told and not reader.is_narrowed


def units_of_today(units: pl.DataFrame) -> pl.DataFrame:
    """The units that have not ended, the areas of former districts among them."""
    return units.filter(pl.col("unit_valid_to").is_null())


def calendar_period(filters: Filters) -> CalendarPeriod | None:
    """The period as one of the calendar; None where none was chosen or it is a stretch of days."""
    grain = filters.whole and _grain(filters.whole)
    if grain is None or "period" not in filters.kept:
        return None
    return period_at(grain, filters.period.first_on)


def _is_known(reader: SnapshotReader, key: str, value: str) -> bool:
    """Whether a choice is one that the snapshot offers, and not the default."""
    if len(value) > _LONGEST:
        return False
    match key:
        case "lang":
            return value in LANGUAGES[1:]
        case "period":
            return value != DEFAULT_PERIOD and _is_period(reader, value)
        case "unit":
            return value in reader.about.units["unit_key"]
        case "level":
            return value in LEVELS and value in reader.about.units["level"]
        case "field":
            return value in reader.fields
        case "procedure":
            return value in reader.procedures["procedure_code"]
        case "channel":
            return value in CHANNELS
        case "boundaries":
            return value == TODAY and has_boundaries(reader)
        case "definition":
            return value != DEFAULT_DEFINITION and value in reader.definitions
        case _:
            return False


def _today(reader: SnapshotReader) -> list[str]:
    return units_of_today(reader.about.units)["unit_key"].to_list()


def _is_period(reader: SnapshotReader, name: str) -> bool:
    if name in PERIODS:
        return True
    days = named_months(name)
    return days is not None and (
        days.first_on <= reader.about.as_of and days.last_on >= reader.data_from
    )


def _is_of_field(reader: SnapshotReader, procedure: str | None, field: str | None) -> bool:
    if procedure is None or field is None:
        return True
    known = reader.procedures.filter(procedure_code=procedure, field_code=field)
    return not known.is_empty()


def _grain(period: Period) -> Grain | None:
    """The kind of calendar period that the days are exactly."""
    found = (period_at(grain, period.first_on) for grain in GRAINS)
    days = (period.first_on, period.last_on)
    return next((p.grain for p in found if (p.first_on, p.last_on) == days), None)


def _only(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
