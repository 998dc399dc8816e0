"""Who is compared with whom: unions of merged units, and the units that no change touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from pipelines.analysis.impact.months import Around, Window

Kind = Literal["shop_merger", "shop_merger_group", "network"]


@dataclass(frozen=True)
class Union:
    """Units taken together, so that before and after the same citizens are served.

    `dose` is 1 for the union of a shop merger and 0 for one that no change touches; in a
    reorganisation it is the number of old units to a new one, less one.
    """

    label: str
    keys: frozenset[str]
    dose: float


@dataclass(frozen=True)
class Stack:
    """Unions that changed on one day, beside the controls of that day."""

    around: Around
    treated: tuple[Union, ...]
    controls: tuple[Union, ...]


@dataclass(frozen=True)
class Comparison:
    """One change, or several together, with what it is compared with.

    Several days make several stacks: each union is compared with the controls over its own
    months, so that a union that changed earlier is never a control of a later one
    (Goodman-Bacon 2021). `procedures` are those compared, None for all; `whole_keys` the units of
    a reorganisation, for the interrupted series of the whole.
    """

    impact_id: str
    kind: Kind
    effective_on: date
    date_is_assumed: bool
    name_vi: str
    name_en: str
    stacks: tuple[Stack, ...]
    window: Window
    status: str = "ok"
    procedures: frozenset[str] | None = field(default=None, repr=False)
    whole_keys: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def treated(self) -> tuple[Union, ...]:
        """The unions that changed."""
        return tuple(union for stack in self.stacks for union in stack.treated)

    @property
    def controls(self) -> tuple[Union, ...]:
        """The unions that did not, each once."""
        found = {union.label: union for stack in self.stacks for union in stack.controls}
        return tuple(found.values())

    @property
    def treated_keys(self) -> list[str]:
        """Every unit of the treated unions, before and after."""
        return sorted(self.whole_keys.union(*(union.keys for union in self.treated)))


class Network:
    """Units and changes, asked by key.

    `units` has unit_key, unit_code, unit_valid_from, unit_valid_to, level, unit_type and
    parent_code; `changes` has change_id, kind, effective_on, from_key, to_key and share. A
    change of share 0 hands nothing over and is left out.
    """

    def __init__(self, units: pl.DataFrame, changes: pl.DataFrame) -> None:
        """Read both once."""
        self.units = units
        self.changes = changes.filter(pl.col("share").fill_null(1.0) > 0)
        self._touched: dict[str, list[tuple[date, str]]] = {}
        for row in self.changes.select("effective_on", "change_id", "from_key", "to_key").rows():
            for key in row[2:]:
                self._touched.setdefault(key, []).append((row[0], row[1]))

    def touches(self, keys: Iterable[str], own: frozenset[str] = frozenset()) -> list[date]:
        """Days of changes that touch any of the units, other than the `own` ones."""
        days = {
            day
            for key in keys
            for day, change_id in self._touched.get(key, ())
            if change_id not in own
        }
        return sorted(days)

    def in_force(self, day: date) -> pl.DataFrame:
        """The units in force on a day."""
        return self.units.filter(
            pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= day),
            pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= day),
        )


def fit_window(
    stacks: Sequence[tuple[Around, list[date]]],
    data: tuple[int, int],
    longest: tuple[int, int, int],
) -> Window:
    """The longest window that every stack has, cut at the data and at other changes.

    `stacks` are the months around each change with the days of the other changes that touch its
    units, `data` the first and the last whole month known, `longest` the months wanted before,
    after and of history. A length may be zero or less: then there is none.
    """
    before, after, history = longest
    for around, others in stacks:
        months = [Around.of(day) for day in others]
        earlier = [each.first_after for each in months if each.last_before < around.last_before]
        later = [each.last_before for each in months if each.last_before >= around.first_after]
        same = any(each.last_before == around.last_before for each in months)
        start, end = max([data[0], *earlier]), min([data[1], *later])
        history = 0 if same else min(history, around.last_before - start + 1)
        after = min(after, end - around.first_after + 1)
    return Window(min(before, history), after, history)
