"""The traps of single records: what is done, to which dossiers, how often, what must come of it.

The list follows what real one-stop-shop systems send (domain, section 2, "Traps seen in real
systems") and the rules of quarantine (section 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipelines.simulator.course import NOT_ACCEPTED, RESOLVED, STOPPED
from pipelines.simulator.plan import DIGITS_DELETED, IN_PERSON, NO_PAYMENT
from pipelines.simulator.timeline import QUICK_RETURN

Outcome = Literal["repaired", "quarantined", "flagged"]
Since = Literal["always", "accepted", "waiting", "closed", "stopped", "last"]
_USUAL = 0.004


@dataclass(frozen=True)
class Trap:
    """One trap.

    `rate` is the share of the dossiers that can fall into it (`able`, over plan columns) and
    do; `since` says from which event on their records carry it. `outcome` is what the reader
    must make of a record: `rule` names the quarantine rule, `flag` the column that shows it.
    """

    name: str
    outcome: Outcome
    since: Since
    able: pl.Expr
    rate: float = _USUAL
    rule: str | None = None
    flag: str | None = None


def _all() -> pl.Expr:
    return pl.lit(value=True)


def _accepted() -> pl.Expr:
    return pl.col("accepted").is_not_null()


def _resolved() -> pl.Expr:
    return (pl.col("outcome") == RESOLVED) & pl.col("closed").is_not_null()


def _plain() -> pl.Expr:
    """Resolved without waits, a day or more after reception, not on the due day."""
    closed, due = pl.col("closed").dt.date(), pl.col("due_last").dt.date()
    return _resolved() & (pl.col("wait1") == 0) & (closed != due).fill_null(value=False)


def _due_at_close() -> pl.Expr:
    at_five = (pl.col("due_last").dt.hour() == 17) & (pl.col("due_last").dt.minute() == 0)
    return at_five.fill_null(value=False)


def _told_once() -> pl.Expr:
    quick = pl.col("returned") - pl.col("closed") <= QUICK_RETURN
    return _resolved() & quick.fill_null(value=False)


def _wait_over() -> pl.Expr:
    """The last wait begun is over."""
    second = pl.col("wait2") > 0
    end = pl.when(second).then("wait2_to").otherwise("wait1_to")
    return (pl.col("wait1") > 0) & end.is_not_null()


def _ever_accepted() -> pl.Expr:
    return pl.col("outcome") != NOT_ACCEPTED


TRAPS: tuple[Trap, ...] = (
    Trap("resent", "repaired", "always", _all()),
    Trap("resent_later", "repaired", "last", _accepted()),
    Trap("long_procedure_code", "repaired", "always", _all()),
    Trap("decomposed_text_and_blanks", "repaired", "always", _all()),
    Trap("iso_times", "repaired", "always", _all()),
    Trap("zero_dates", "repaired", "always", _all()),
    Trap("fake_identity", "repaired", "always", _all()),
    Trap("digitized_flag_wrong", "repaired", "accepted",
         _accepted() & (pl.col("digits") != DIGITS_DELETED)),
    Trap("status_8_as_9", "repaired", "stopped",
         (pl.col("outcome") == STOPPED) & pl.col("closed").is_not_null(), 0.3),
    Trap("status_5_or_6_as_9", "quarantined", "waiting", _wait_over(), 0.06,
         rule="finished_without_time"),
    Trap("code_collision", "quarantined", "always",
         _plain() & (pl.col("channel") == IN_PERSON), 0.02, rule="dossier_code_collision"),
    Trap("impossible_date", "quarantined", "accepted", _accepted(), rule="impossible_date"),
    Trap("twelve_hour_clock_in_words", "quarantined", "accepted", _accepted(),
         rule="impossible_date"),
    Trap("far_due_date", "quarantined", "accepted",
         _accepted() & pl.col("due").is_not_null(), rule="due_too_far"),
    Trap("reception_lost", "quarantined", "accepted", _resolved(),
         rule="accepted_without_reception"),
    Trap("negative_fee", "quarantined", "accepted",
         _accepted() & (pl.col("payment") != NO_PAYMENT), 0.012, rule="bad_fee"),
    Trap("finish_in_future", "quarantined", "closed", _resolved(), rule="event_in_future"),
    Trap("finish_before_reception", "quarantined", "closed", _resolved(),
         rule="finish_before_reception"),
    Trap("finish_lost", "quarantined", "closed", _resolved(), rule="finished_without_time"),
    Trap("unknown_status", "quarantined", "closed", _resolved(), rule="unknown_code"),
    Trap("unknown_channel", "quarantined", "always", _all(), rule="unknown_code"),
    Trap("unknown_unit", "quarantined", "always", _all(), rule="unknown_unit"),
    Trap("no_code", "quarantined", "always", _all(), rule="no_code"),
    Trap("code_is_na", "quarantined", "always", _all(), rule="no_code"),
    Trap("empty_channel", "flagged", "always", pl.col("channel") == IN_PERSON, 0.01,
         flag="is_channel_assumed"),
    Trap("other_unit_name", "flagged", "always", _all(), flag="is_unit_name_different"),
    Trap("home_made_procedure_code", "flagged", "always", _ever_accepted(),
         flag="is_procedure_unknown"),
    Trap("times_at_midnight", "flagged", "always", _plain() & _due_at_close(),
         flag="is_received_at_day"),
    Trap("finish_only_as_return", "flagged", "closed", _told_once(),
         flag="is_finish_from_return"),
)  # fmt: skip

NO_TRAP = 0
COPIES = ("resent", "resent_later")  # the record is right, it only comes again


def number_of(name: str) -> int:
    """The number under which a trap stands in the plan's column `trap` (0 = none)."""
    return [trap.name for trap in TRAPS].index(name) + 1
