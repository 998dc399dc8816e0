"""The access log: what of an address is written down, and who is who."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.scanner import find
from pipelines.serving.visits import (
    LOG,
    STRUCK_OUT,
    Visit,
    keep_choices,
    record_visit,
    viewer_pseudonym,
)


def visit(parameters: dict[str, str]) -> Visit:
    return Visit(
        at=datetime(2026, 7, 1), event="view", who="0123456789abcdef", role="leader",
        page="overview", parameters=parameters, snapshot="motcua-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "2025", "2025Q1", "2025-03", "all", "early_or_on_time_rate", "00691@2025-07-01", "024@",
        "1.013225", "H22", "vi",
    ],
)  # fmt: skip
def test_a_choice_of_ours_is_written_down(value: str) -> None:
    assert keep_choices({"scope": value}) == {"scope": value}


@pytest.mark.parametrize(
    "value",
    [
        "lan@example.org", "0912345678", "001085012345", "Nguyễn Văn An", "a b", "x" * 41, "",
        "091 234 5678", "<b>", "\n",
    ],
)  # fmt: skip
def test_what_may_be_somebodys_is_struck_out(value: str) -> None:
    assert keep_choices({"scope": value}) == {"scope": STRUCK_OUT}


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_a_name_that_is_no_parameter_is_left_out(parameters: dict[str, str]) -> None:
    kept = keep_choices(parameters)
    assert kept.keys() <= parameters.keys()
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in kept)


def test_the_scanner_finds_nothing_in_the_log_and_a_planted_number(tmp_path: Path) -> None:
    nasty = {"scope": "0912345678", "unit": "lan@example.org", "period": "2025Q1"}
    record_visit(visit(keep_choices(nasty)), tmp_path)
    assert list(find(tmp_path)) == []
    record_visit(visit(nasty), tmp_path)
    assert {finding.kind for finding in find(tmp_path)} == {"phone", "email"}


def test_lines_are_appended_for_their_owner_alone(tmp_path: Path) -> None:
    for page in ("2024", "2025"):
        record_visit(visit({"period": page}), tmp_path / "dashboard")
    file = tmp_path / "dashboard" / LOG
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["parameters"]["period"] for line in lines] == ["2024", "2025"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / LOG).mkdir()
    record_visit(visit({}), tmp_path)


def test_a_pseudonym_is_one_persons_under_one_secret() -> None:
    assert viewer_pseudonym("Lan@example.org", "s") == viewer_pseudonym("lan@example.org", "s")
    assert viewer_pseudonym("lan@example.org", "s") != viewer_pseudonym("an@example.org", "s")
    assert viewer_pseudonym("lan@example.org", "s") != viewer_pseudonym("lan@example.org", "t")
