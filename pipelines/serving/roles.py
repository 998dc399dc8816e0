"""The roles that read (domain §9) and what they may ask for, by name.

What a role may see is said in `access`.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the province."""

    leader = "leader"
    unit_leader = "unit_leader"
    operator = "operator"
    analyst = "analyst"


class State(StrEnum):
    """Which dossiers are asked for. `open` includes those that wait; the rest is as published."""

    all = "all"
    open = "open"
    waiting = "waiting"
    overdue = "overdue"
    resolved = "resolved"
