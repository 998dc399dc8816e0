"""The switch of a situation: `name`, `name:none` or `name:key=value,key=value`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.simulator.situations.model import Situation, Value

HISTORY_FROM, HISTORY_TO = date(2021, 1, 1), date(2026, 6, 30)
ALL_UNITS, LARGEST_UNIT = "all", "largest"
STEPS = ("transferred", "appraised", "approved", "closed", "returned")
_MAY_BE_NONE = ("merger_effect",)
_SIZES = ("late", "hours", "online")


@dataclass(frozen=True)
class Key:
    """One key of a situation: how its text is read (`ValueError` says the rule), its default."""

    read: Callable[[str], Value]
    default: Value


def _number(low: float, high: float, rule: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(rule) from None
        if not low <= value <= high:
            raise ValueError(rule)
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _choice(*options: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if text not in options:
            raise ValueError(f"must be one of {', '.join(options)}")
        return text

    return read


def _day(text: str) -> Value:
    rule = f"must be a day from {HISTORY_FROM} to {HISTORY_TO}, written YYYY-MM-DD"
    try:
        value = date.fromisoformat(text)
    except ValueError:
        raise ValueError(rule) from None
    if len(text) != len("YYYY-MM-DD") or not HISTORY_FROM <= value <= HISTORY_TO:
        raise ValueError(rule)
    return value


def _unit(text: str) -> Value:
    if text not in (ALL_UNITS, LARGEST_UNIT) and not re.fullmatch(r"[0-9]{2,5}", text):
        raise ValueError(f"must be a unit code of 2 to 5 digits, {ALL_UNITS} or {LARGEST_UNIT}")
    return text


def _field(text: str) -> Value:
    if not re.fullmatch(r"[A-Z0-9]{1,10}", text):
        raise ValueError("must be a field code in capital letters")
    return text


_SHARE = _number(0, 1, "must be a share from 0 to 1")
_POINTS = _number(-1, 1, "must be a difference of shares from -1 to 1")
_HOURS = _number(-400, 400, "must be working hours from -400 to 400")
_SOME_HOURS = _number(0.1, 400, "must be working hours from 0.1 to 400")


def _window(first: date, last: date) -> dict[str, Key]:
    return {"from": Key(_day, first), "to": Key(_day, last)}


def _managed(share: float) -> dict[str, Key]:
    """The keys of all ways to manage a KPI: where, when, and the share of fit dossiers."""
    return {
        "unit": Key(_unit, LARGEST_UNIT),
        **_window(date(2024, 1, 1), date(2025, 6, 30)),
        "share": Key(_SHARE, share),
    }


def _effect(late: float) -> dict[str, Key]:
    """The sizes of an effect: points of the share of late, working hours, points of online."""
    return {
        "late": Key(_POINTS, late),
        "hours": Key(_HOURS, 0.0),
        "online": Key(_POINTS, 0.0),
    }


_LATER = _window(date(2025, 3, 1), HISTORY_TO)
KEYS: dict[str, dict[str, Key]] = {
    "merger_effect": {
        "change": Key(_choice("shop", "network", "both"), "both"),
        **_effect(0.05),
    },
    "common_shock": {**_LATER, **_effect(0.03)},
    "trend": {
        **_window(HISTORY_FROM, HISTORY_TO),
        "of": Key(_choice("all", "treated"), "all"),
        **_effect(0.01),
    },
    "unit_collapse": {
        "unit": Key(_unit, LARGEST_UNIT),
        **_LATER,
        "late": Key(_SHARE, 0.4),
        "hours": Key(_HOURS, 0.0),
    },
    "slow_step": {
        "field": Key(_field, "DD"),
        "step": Key(_choice(*STEPS), "approved"),
        "factor": Key(_number(0.1, 20, "must be a factor from 0.1 to 20"), 2.0),
        **_LATER,
    },
    "silent_shop": {
        "unit": Key(_unit, LARGEST_UNIT),
        **_window(date(2025, 3, 1), date(2025, 3, 31)),
    },
    "tet_dip": {
        "year": Key(_whole(HISTORY_FROM.year, HISTORY_TO.year), 2025),
        "share": Key(_SHARE, 0.5),
        "days": Key(_whole(1, 30), 10),
    },
    "noise": {
        "unit": Key(_unit, ALL_UNITS),
        **_window(HISTORY_FROM, HISTORY_TO),
        "hours": Key(_SOME_HOURS, 4.0),
    },
    "bunching": {**_managed(0.5), "hours": Key(_SOME_HOURS, 4.0)},
    "moved_due_dates": {**_managed(0.8), "days": Key(_whole(1, 60), 5)},
    "late_supplements": {**_managed(0.15), "after": Key(_SHARE, 0.9)},
    "batch_closing": {
        **_managed(0.6),
        "at": Key(_choice("day", "month"), "day"),
        "minutes": Key(_whole(1, 60), 5),
    },
    "backdated_reception": {**_managed(0.3), "days": Key(_whole(1, 20), 2)},
    "withdraw_and_reenter": _managed(0.7),
    "slow_acceptance": {
        **_managed(0.5),
        "hours": Key(_number(8.5, 400, "must be working hours from 8.5 to 400"), 24.0),
    },
}


def parse_situation(text: str) -> Situation:
    """Read a switch; keys that are not named get their defaults (`KEYS`).

    `ValueError` in one line names the situation, the key and the rule.
    """
    name, colon, rest = text.strip().partition(":")
    if name not in KEYS:
        raise ValueError(f"situation {name[:40]!r}: must be one of {', '.join(KEYS)}")
    keys = KEYS[name]
    if rest == "none":
        if name not in _MAY_BE_NONE:
            raise ValueError(f"{name}: none: only {', '.join(_MAY_BE_NONE)} can be none")
        absent = {key: 0.0 if key in _SIZES else keys[key].default for key in keys}
        return Situation(name, tuple(absent.items()), is_none=True)
    if colon and not rest:
        raise ValueError(f"{name}: after the colon there must be key=value")
    values = {key: spec.default for key, spec in keys.items()}
    given: set[str] = set()
    for item in rest.split(",") if rest else ():
        key, equals, value = (part.strip() for part in item.partition("="))
        if key not in keys:
            raise ValueError(f"{name}: {key[:40]}: must be one of {', '.join(keys)}")
        if not equals or key in given:
            raise ValueError(f"{name}: {key}: must be given once, as {key}=value")
        given.add(key)
        try:
            values[key] = keys[key].read(value)
        except ValueError as error:
            raise ValueError(f"{name}: {key}: {error}") from None
    situation = Situation(name, tuple(values.items()))
    if situation.has("from") and situation.day("from") > situation.day("to"):
        raise ValueError(f"{name}: to: must not lie before from")
    return situation
