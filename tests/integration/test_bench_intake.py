"""The bench of the intake goes the product's way from files to the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunMotcua


def test_the_answer_adds_up_and_the_exit_status_says_whether_the_limits_hold(
    tmp_path: Path, run_motcua: RunMotcua
) -> None:
    done = run_motcua(tmp_path, "bench", "intake", "--records", "3000", "--format", "json")
    answer = json.loads(done.stdout)
    assert {name: answer[name] for name in ("bench", "records", "limit", "peak_limit_bytes")} == {
        "bench": "intake", "records": 3000, "limit": 4.0, "peak_limit_bytes": 4 * 2**30,
    }  # fmt: skip
    assert answer["seconds"] == pytest.approx(sum(answer["parts"].values()), abs=0.02)
    assert 1100 < answer["bytes"] / answer["records"] < 1400
    assert 0 < answer["peak_bytes"] < answer["peak_limit_bytes"]
    assert done.returncode == (1 if answer["ratio"] > answer["limit"] else 0), done.stderr
