"""What is tested every week: counts of the marts, which way is worse, and where a reader looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down", "none"]


@dataclass(frozen=True)
class WeeklyMetric:
    """A share or a count of a mart by unit and week.

    `metric` is the name in the registry. `numerator` and `denominator` are SQL sums over the cells
    of `mart` on the days of `day`, a count has no denominator. `direction` is the registry's: where
    better lies; of a count without one a fall is asked about. `topic` holds metrics that speak of
    the same thing, the first in the list goes before, `page` shows them. A balance is counted at
    the end of the last day. `is_of_steps`: the time that steps take may explain it.
    `is_of_channel`: it is of one channel or about channels, which then explain nothing.
    """

    metric: str
    mart: str
    day: str
    numerator: str
    denominator: str | None
    direction: Direction
    topic: str
    page: str
    where: str = "true"
    is_balance: bool = False
    is_of_steps: bool = False
    is_of_channel: bool = False

    @property
    def is_count(self) -> bool:
        """Whether it is a number, no share."""
        return self.denominator is None

    @property
    def worse_is_more(self) -> bool:
        """Whether a numerator above what was expected is the worse side."""
        return self.direction == "down"


_CLASSES = ("met_deadline", "counted_on")
_RECEIVED = ("met_received", "received_on")
_STOCK = ("met_stock", "period_end_on")
_BY_DATE = "definition = 'ii06a'"

LATE = WeeklyMetric(
    "late_rate", *_CLASSES, "late_n", "classified_n", "down", "timeliness", "timeliness",
    where=_BY_DATE, is_of_steps=True,
)  # fmt: skip
KEPT = WeeklyMetric(
    "early_or_on_time_rate", *_CLASSES, "early_n + on_time_n", "classified_n", "up", "timeliness",
    "timeliness", where=_BY_DATE, is_of_steps=True,
)  # fmt: skip
OVERDUE = WeeklyMetric(
    "overdue", *_STOCK, "overdue_n", "open_n", "down", "timeliness", "timeliness",
    is_balance=True, is_of_steps=True,
)  # fmt: skip
ACCEPTED = WeeklyMetric(
    "acceptance_on_time_rate", "met_submitted", "submitted_on", "answered_in_time_n",
    "answer_due_n", "up", "acceptance", "acceptance", is_of_channel=True,
)  # fmt: skip
DIGITIZED = {
    "digitization_rate": WeeklyMetric(
        "digitization_rate", *_RECEIVED, "digitized_n", "received_n", "up", "digitization",
        "digitization",
    ),
    "digitization_item_rate": WeeklyMetric(
        "digitization_item_rate", *_RECEIVED, "digitized_components_n", "components_n", "up",
        "digitization", "digitization",
    ),
    "digitization_full_rate": WeeklyMetric(
        "digitization_full_rate", "met_resolved", "finished_on", "digitized_full_n",
        "result_known_n", "up", "digitization", "digitization",
    ),
}  # fmt: skip
"""By the metric that the word digitization stands for (rule `headline_digitization`)."""
E_RESULTS = WeeklyMetric(
    "e_result_rate", "met_resolved", "finished_on", "e_result_n", "result_due_n", "up",
    "e_result", "digitization",
)  # fmt: skip
ONLINE = WeeklyMetric(
    "online_rate", *_RECEIVED, "online_n", "received_n", "up", "online", "channels",
    is_of_channel=True,
)  # fmt: skip
AT_COUNTER = WeeklyMetric(
    "waiting_at_counter_over_7", *_STOCK, "counter_over_7_n", "counter_n", "down", "counter",
    "units", is_balance=True,
)  # fmt: skip
RECEIVED = WeeklyMetric("received", *_RECEIVED, "received_n", None, "none", "volume", "units")


def list_tested(headline_digitization: str) -> tuple[WeeklyMetric, ...]:
    """All that is tested; `headline_digitization` is the rule of that name.

    Raises `KeyError` for a digitization that is none.
    """
    return (
        LATE, KEPT, OVERDUE, ACCEPTED, DIGITIZED[headline_digitization], E_RESULTS, ONLINE,
        AT_COUNTER, RECEIVED,
    )  # fmt: skip
