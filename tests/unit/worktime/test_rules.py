"""The table of rules is read as it stands, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.settings import settings
from pipelines.worktime.rules import check_rules

DELIVERED = (settings().reference_dir / "rules.csv").read_text(encoding="utf-8")


def test_the_delivered_rules_are_rules() -> None:
    check_rules()


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("wait_rule,pause", "wait_rule,stop", "value: wait_rule cannot be 'stop'"),
        ("same_day_until,15:00:00", "same_day_until,25:00:00", "cannot be '25:00:00'"),
        ("due_time,close,,", "due_time,close,soon,", "valid_from: 'soon' is no day"),
        ("due_time,close,,", "due_time,close,2025-01-01,", "no value from the beginning"),
        ("due_time,close", "due_hour,close", "rule: due_hour is read by nobody"),
        ("min_denominator,30", "due_time,close", "has two values from the same"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_in_one_line(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in DELIVERED
    file = tmp_path / "rules.csv"
    file.write_text(DELIVERED.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ValueError, match=message) as refused:
        check_rules(file)
    assert "\n" not in str(refused.value)


def test_a_rule_may_change_on_a_day(tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(DELIVERED + "wait_rule,restart,2026-01-01,parameter,\n", encoding="utf-8")
    check_rules(file)
