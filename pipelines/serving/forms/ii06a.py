"""Form II.06a/VPCP/KSTT: how a unit or the whole province dealt with its dossiers in a period.

Figures come from the metric layer alone; those of a signed or corrected form are the ones kept
when it was closed (domain §4, design §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.serving.forms.cells import COLUMNS, FOOTNOTED, FormError, count_cells
from pipelines.serving.forms.facts import SnapshotFacts, read_facts, read_field_names
from pipelines.serving.forms.periods import Period, read_cuts, read_period
from pipelines.serving.forms.places import (
    FormUnit,
    TodaysBoundaries,
    find_unit,
    find_unit_of_today,
    levels_in_force,
    read_boundaries,
    read_units,
)
from pipelines.serving.forms.states import PeriodState, count_changes, read_frozen, read_states
from pipelines.serving.ground import Place, describe_place
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.metrics.boundaries import Boundaries
from pipelines.serving.metrics.snapshot import SealedSnapshot

LEVELS = ("province", "district", "commune", "open")
"""The blocks of the form in their order; `open` are the units of a log of another place."""

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Form:
    """A form ready to be written down.

    `cells`: level, field_code, `COUNTS`, one row for each field with anything in it. `state` is
    draft, signed or corrected, or `current` for today's figures of a form that is closed.
    `closings` are the acts of closing so far, the oldest first. `changed_cells` says in how many
    cells today's figures differ from those kept; None for a form that was never closed. `today` is
    what there is to say of today's boundaries, None where units are as they were.
    """

    period: Period
    unit: FormUnit | None
    place: Place
    facts: SnapshotFacts
    state: str
    closings: tuple[PeriodState, ...]
    changed_cells: int | None
    levels: tuple[str, ...]
    cells: pl.DataFrame
    field_names: dict[str, str]
    today: TodaysBoundaries | None = None

    @property
    def boundaries(self) -> Boundaries:
        """The reading of the units."""
        return "as_was" if self.today is None else "today"

    @property
    def kept_by(self) -> PeriodState | None:
        """The act of closing whose figures these are; None for a draft and today's figures."""
        return self.closings[-1] if self.closings and self.state != "current" else None

    @property
    def as_of(self) -> date:
        """The last day the data of these figures speaks of."""
        return self.kept_by.data_as_of_on if self.kept_by else self.facts.as_of

    def blocks(self) -> list[dict[str, Any]]:
        """Level and rows of each block: its total first, then the fields, `unknown` last."""
        return [{"level": level, "rows": self._rows(level)} for level in self.levels]

    def footnoted(self) -> dict[str, int]:
        """How many dossiers column (9) holds by the vendor rule, by kind."""
        return {name: int(self.cells[name].sum()) for name in FOOTNOTED}

    def _rows(self, level: str) -> list[dict[str, Any]]:
        mine = self.cells.filter(pl.col("level") == level).sort(
            pl.col("field_code") == _UNKNOWN, "field_code"
        )
        total = mine.select(
            pl.lit(None, dtype=pl.String).alias("field_code"), pl.col(COLUMNS).sum()
        )
        rows = pl.concat([total, mine.select("field_code", *COLUMNS)]).to_dicts()
        names = [self.field_names.get(row["field_code"], row["field_code"]) for row in rows]
        return [
            {"field_code": row.pop("field_code"), "field_name_vi": name, **row}
            for row, name in zip(rows, names, strict=True)
        ]


def compose_form(
    snapshot: SealedSnapshot,
    layer: MetricLayer,
    *,
    period: str,
    unit: str | None = None,
    current: bool = False,
) -> Form:
    """The form of a period, for the whole province or the unit `CODE`, `CODE@` or `CODE@DAY`.

    A closed form has the figures kept when it was closed, unless `current` asks for today's.
    Raises `PeriodError`, `FormError` (an unknown unit, a period without data, an identity that
    does not hold) and `MetricQueryError`.
    """
    asked = read_period(period, read_cuts(snapshot))
    facts, units = read_facts(snapshot), read_units(snapshot)
    about = None if unit is None else find_unit(units, unit, asked)
    closings = tuple(s for s in read_states(snapshot) if s.is_about(asked.word, about))
    today = count_cells(layer, asked, unit_key=about.key if about else None)
    if closings:
        kept = read_frozen(snapshot, closings[-1])
        changed = count_changes(kept, today)
        state, cells = ("current", today) if current else (closings[-1].state, kept)
        if not current:
            asked = _as_closed(asked, closings[-1])
    else:
        state, cells, changed = "draft", today, None
    if not closings and not _is_known(layer, asked):
        raise _nothing_known(asked, facts)
    return Form(
        period=asked,
        unit=about,
        place=describe_place(units, asked.last_on),
        facts=facts,
        state=state,
        closings=closings,
        changed_cells=changed,
        levels=_list_levels(units, asked, about, cells),
        cells=cells,
        field_names=read_field_names(snapshot),
    )


def compose_form_today(
    snapshot: SealedSnapshot, layer: MetricLayer, *, period: str, unit: str | None = None
) -> Form:
    """The form of a period on today's boundaries, for the whole province or a unit of today.

    A unit has what its predecessors received, carried in and left open. Such a form is never
    signed: what is signed is said of the units as they were. Raises as `compose_form` does, and
    `MetricQueryError` for a unit that is not on today's boundaries.
    """
    asked = read_period(period, read_cuts(snapshot))
    facts, units = read_facts(snapshot), read_units(snapshot)
    answer = layer.query(
        MetricQuery(
            ("received",),
            by=("level",),
            units=() if unit is None else (unit,),
            date_from=asked.first_on,
            date_to=asked.last_on,
            boundaries="today",
        )
    )
    if set(answer["status"]) == {"nothing_known"}:
        raise _nothing_known(asked, facts)
    about = None if unit is None else find_unit_of_today(units, unit)
    today = read_boundaries(snapshot, layer.boundaries_from, facts.as_of, about)
    cells = count_cells(layer, asked, unit_key=about.key if about else None, boundaries="today")
    levels = _list_levels(units, asked, None, cells) if about is None else set(answer["level"])
    return Form(
        period=asked,
        unit=about,
        place=describe_place(units, today.since or asked.last_on),
        facts=facts,
        state="current",
        closings=(),
        changed_cells=None,
        levels=tuple(level for level in LEVELS if level in levels),
        cells=cells,
        field_names=read_field_names(snapshot),
        today=today,
    )


def _nothing_known(period: Period, facts: SnapshotFacts) -> FormError:
    return FormError(
        f"period {period.word} ({period.first_on} to {period.last_on}): the data says nothing"
        f" of it; it ends on {facts.as_of}"
    )


def _is_known(layer: MetricLayer, period: Period) -> bool:
    """Whether the period lies between the first and the last day of the data, at least in part."""
    answer = layer.query(
        MetricQuery(("received",), date_from=period.first_on, date_to=period.last_on)
    )
    return answer["status"].to_list() != ["nothing_known"]


def _as_closed(period: Period, closing: PeriodState) -> Period:
    """The period with the days it had when it was closed: the rule of quarters may change."""
    return Period(period.word, period.kind, closing.first_on, closing.last_on)


def _list_levels(
    units: pl.DataFrame, period: Period, unit: FormUnit | None, cells: pl.DataFrame
) -> tuple[str, ...]:
    """The blocks: levels with a shop in the period, and those that had dossiers left."""
    if unit is not None:
        return (unit.level,)
    present = levels_in_force(units, period) | set(cells["level"].to_list())
    return tuple(level for level in LEVELS if level in present)
