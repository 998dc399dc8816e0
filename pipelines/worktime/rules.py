"""Parameters of the clock and of the classes, `data/reference/rules.csv`: checked before use."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.settings import settings

ALLOWED = {
    "headline_digitization": r"digitization_(full_|item_)?rate",
    "wait_rule": r"pause|restart",
    "same_day_until": r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d",
    "calendar_term_moves_to_working_day": r"true|false",
    "due_time": r"close|same_hour",
    "shift_sent_due_by_waits": r"true|false",
    "acceptance_hours": r"[1-9]\d?",
    "d766_late_from_supplement_requests": r"[1-9]\d?",
    "report_quarter_last_day": r"calendar|[1-9]|1\d|2[0-8]",
    "min_denominator": r"\d+",
    "rebase_limits": r"[a-z0-9_]+",
}
"""Every rule that is read, with what its value may be."""

_FIELDS = ("rule", "value", "valid_from", "source", "note")


def check_rules(file: Path | None = None) -> None:
    """Check the table of rules (rule, value, valid_from, source, note; one row per value).

    Raises `ValueError` with one line that names the row, the field and what is wrong: a rule that
    nobody reads, a value that it cannot have, a day that is none, two values from the same day,
    a rule without a value from the beginning (an empty valid_from).
    """
    frame = pl.read_csv(file or settings().reference_dir / "rules.csv", infer_schema=False)
    begun: set[tuple[str, str]] = set()
    for line, row in enumerate(frame.select(_FIELDS).iter_rows(named=True), 2):
        rule, value, valid_from = row["rule"], row["value"] or "", row["valid_from"] or ""
        if rule not in ALLOWED:
            raise _fault(line, "rule", f"{rule} is read by nobody")
        if not re.fullmatch(ALLOWED[rule], value):
            raise _fault(line, "value", f"{rule} cannot be '{value}'")
        if valid_from and not _is_day(valid_from):
            raise _fault(line, "valid_from", f"'{valid_from}' is no day")
        if (rule, valid_from) in begun:
            raise _fault(line, "valid_from", f"{rule} has two values from the same day")
        begun.add((rule, valid_from))
    lacking = [rule for rule in ALLOWED if (rule, "") not in begun]
    if lacking:
        raise ValueError(f"rules.csv: {lacking[0]} has no value from the beginning")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fault(line: int, field: str, why: str) -> ValueError:
    return ValueError(f"rules.csv row {line}, {field}: {why}")
