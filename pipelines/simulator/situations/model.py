"""What a planted situation is, and what `truth.json` says of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

Value = str | float | int | date
Counts = dict[str, int]
Document = dict[str, object]

# shares of a measured group: name → (numerator, denominator), all counts of `measure.measure`
_SHARES = {
    "online_share": ("received_online", "accepted"),
    "late_share": ("late", "resolved_with_due"),
    "finished_in_last_hours_share": ("finished_in_last_hours", "resolved_with_due"),
    "finished_in_last_minutes_share": ("finished_in_last_minutes", "resolved"),
    "answered_late_share": ("answered_late", "answered_online"),
}
_HOUR = 3600


@dataclass(frozen=True)
class Situation:
    """One situation asked for: its name and every parameter, defaults filled in.

    `is_none` is set for an effect that is explicitly absent (`merger_effect:none`).
    """

    name: str
    parameters: tuple[tuple[str, Value], ...]
    is_none: bool = False

    def number(self, key: str) -> float:
        """The value of a numeric key."""
        value = self._value(key)
        if not isinstance(value, int | float):
            raise TypeError(f"{self.name}: {key} is no number")
        return value

    def text(self, key: str) -> str:
        """The value of a key as text."""
        return str(self._value(key))

    def day(self, key: str) -> date:
        """The value of a key that is a day."""
        value = self._value(key)
        if not isinstance(value, date):
            raise TypeError(f"{self.name}: {key} is no day")
        return value

    def has(self, key: str) -> bool:
        """Whether the situation knows this key."""
        return any(name == key for name, _ in self.parameters)

    def _value(self, key: str) -> Value:
        return dict(self.parameters)[key]


@dataclass(frozen=True)
class PlantedUnit:
    """A unit in which a situation was planted; `dose` multiplies the size of the effect."""

    unit_code: str
    valid_from: str | None
    dose: int = 1


@dataclass(frozen=True)
class Planted:
    """What was planted: counts add up over the parts of a province, shares are made of them.

    `before` and `after` count the dossiers in scope as drawn and as changed (`measure`);
    `touched` are those changed by the situation, `doses` the sum of their units' doses over the
    dossiers in scope (an effect of a size at every dose is size times mean dose in all). No
    units: the situation is everywhere.
    """

    situation: Situation
    units: tuple[PlantedUnit, ...]
    first_day: date
    last_day: date
    touched: int
    doses: int
    before: Counts
    after: Counts

    def document(self) -> Document:
        """The entry of `truth.json`: parameters in force, where and when, the effect found."""
        before, after = _described(self.before), _described(self.after)
        return {
            "name": self.situation.name,
            "is_none": self.situation.is_none,
            "parameters": {
                key: value.isoformat() if isinstance(value, date) else value
                for key, value in self.situation.parameters
            },
            "units": [
                {"unit_code": unit.unit_code, "unit_valid_from": unit.valid_from, "dose": unit.dose}
                for unit in self.units
            ],
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "dossiers_in_scope": self.before["dossiers"],
            "dossiers_touched": self.touched,
            "mean_dose": _ratio(self.doses, self.before["dossiers"]),
            "before": before,
            "after": after,
            "effect": {name: _difference(before[name], after[name]) for name in before},
        }


def merge_planted(parts: Iterable[Iterable[Planted]]) -> list[Planted]:
    """The situations of a province from those of its parts, in the order they were asked for.

    Every part is asked for the same situations; `ValueError` where two parts differ.
    """
    merged: list[Planted] = []
    for number, part in enumerate(parts):
        entries = list(part)
        if number == 0:
            merged = entries
            continue
        if [entry.situation for entry in entries] != [entry.situation for entry in merged]:
            raise ValueError("the parts of a province were not given the same situations")
        merged = [
            replace(
                total,
                touched=total.touched + entry.touched,
                doses=total.doses + entry.doses,
                before=_sum(total.before, entry.before),
                after=_sum(total.after, entry.after),
            )
            for total, entry in zip(merged, entries, strict=True)
        ]
    return merged


def _sum(one: Counts, other: Counts) -> Counts:
    return {name: one[name] + other[name] for name in one}


def _described(counts: Counts) -> dict[str, float | None]:
    """Counts, shares and mean hours; a share over nothing is null."""
    described: dict[str, float | None] = {
        name: number for name, number in counts.items() if not name.endswith("_seconds")
    }
    for name, (part, whole) in _SHARES.items():
        described[name] = _ratio(counts[part], counts[whole])
    described["mean_working_hours_to_finish"] = _ratio(
        counts["finish_seconds"], counts["resolved"] * _HOUR
    )
    described["mean_working_hours_to_answer"] = _ratio(
        counts["answer_seconds"], counts["answered_online"] * _HOUR
    )
    return described


def _ratio(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 6)


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(after - before, 6)
