"""The worked examples of the rule, computed by hand (default parameters, domain §3).

The table serves the reference, the columns and the SQL alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.worktime.reference import TermUnit, Wait, WaitRule


@dataclass(frozen=True)
class Example:
    """A dossier accepted at a moment, its term and waits, and when it is due."""

    accepted: datetime
    term: int
    unit: TermUnit
    due: datetime
    waits: tuple[Wait, ...] = ()
    rule: WaitRule = "pause"

    def __str__(self) -> str:
        waiting = f", {len(self.waits)} wait, {self.rule}" if self.waits else ""
        return f"{self.accepted:%a %Y-%m-%d %H:%M} + {self.term} {self.unit}{waiting}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_WITHOUT_WAITS: list[tuple[str, int, TermUnit, str]] = [
    ("2025-04-28 09:00", 3, "working_day", "2025-05-06 17:00"),
    ("2024-05-03 16:59", 1, "working_day", "2024-05-04 17:00"),
    ("2024-05-03 17:05", 1, "working_day", "2024-05-06 17:00"),
    ("2024-05-11 09:00", 2, "working_day", "2024-05-15 17:00"),
    ("2024-02-07 10:00", 5, "working_day", "2024-02-21 17:00"),
    ("2025-01-24 08:00", 1, "working_day", "2025-02-03 17:00"),
    ("2025-04-25 14:00", 2, "working_day", "2025-04-28 17:00"),
    ("2025-12-31 10:00", 1, "working_day", "2026-01-05 17:00"),
    ("2026-01-08 09:00", 2, "working_day", "2026-01-10 17:00"),
    ("2026-08-21 15:30", 1, "working_day", "2026-08-22 17:00"),
    ("2025-03-03 10:00", 5, "calendar_day", "2025-03-10 17:00"),
    ("2025-04-21 10:00", 10, "calendar_day", "2025-05-05 17:00"),
    ("2024-07-31 09:00", 2, "month", "2024-09-30 17:00"),
    ("2025-03-31 09:00", 1, "month", "2025-05-05 17:00"),
    ("2025-03-10 10:00", 4, "hour", "2025-03-10 15:30"),
    ("2025-03-14 16:00", 4, "hour", "2025-03-17 10:30"),
    ("2025-03-10 12:10", 2, "hour", "2025-03-10 15:00"),
    ("2025-03-10 06:50", 1, "hour", "2025-03-10 08:30"),
    ("2025-03-11 15:20", 0, "working_day", "2025-03-12 17:00"),
    # 15:00:00 and 17:00:00 still count for the day
    ("2025-03-11 15:00", 0, "working_day", "2025-03-11 17:00"),
    ("2025-03-11 17:00", 1, "working_day", "2025-03-12 17:00"),
]
_WAIT: Wait = (moment("2025-03-12 10:00"), moment("2025-03-14 10:00"))
_WAITED: list[tuple[WaitRule, str]] = [
    # 960 working minutes = 2 days after Mon 17/3
    ("pause", "2025-03-19 17:00"),
    # 5 working days after Fri 14/3
    ("restart", "2025-03-21 17:00"),
]

EXAMPLES: list[Example] = [
    *(
        Example(moment(accepted), term, unit, moment(due))
        for accepted, term, unit, due in _WITHOUT_WAITS
    ),
    *(
        Example(moment("2025-03-10 08:00"), 5, "working_day", moment(due), (_WAIT,), rule)
        for rule, due in _WAITED
    ),
]

WORKED_FROM, WORKED_UNTIL = moment("2025-03-14 16:00"), moment("2025-03-17 08:30")
WORKED_MINUTES = 120
WORKED_DAYS = 0.25
