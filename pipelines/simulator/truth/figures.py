"""All figures of a part of the plan, one list after the other.

Balances stand at the end of the month's last day, in the last month at the end of the simulated
time, with what is known then. Rows in which everything is 0 are absent.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.simulator.plan import Province
from pipelines.simulator.truth.balances import balance_rows
from pipelines.simulator.truth.classes import class_rows
from pipelines.simulator.truth.d766 import d766_rows
from pipelines.simulator.truth.facts import gather_facts
from pipelines.simulator.truth.received import received_rows
from pipelines.simulator.truth.resolved import closed_rows, resolved_rows, returned_rows
from pipelines.simulator.truth.submitted import submitted_rows


def true_rows(plan: pl.DataFrame, province: Province, until: date) -> pl.DataFrame:
    """metric, definition, unit, month (number), numerator, denominator of a part of the plan.

    `plan` is what can be known (`plan_as_told`, `knowable`): columns of `draw_plan`, and those
    that `knowable` adds.
    """
    facts = gather_facts(plan, province)
    accepted = facts.filter("is_accepted")
    resolved = accepted.filter("is_resolved")
    return pl.concat(
        [
            *submitted_rows(facts, province.clock, until),
            *received_rows(accepted),
            *resolved_rows(resolved),
            *returned_rows(resolved),
            *closed_rows(accepted),
            *class_rows(accepted, province.clock),
            *d766_rows(accepted, province, until),
            *balance_rows(accepted, until),
        ]
    )
