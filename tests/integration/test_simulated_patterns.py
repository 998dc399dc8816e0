"""A pattern in a fifth of what a system tells is found through the whole pipeline, no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.simulator.traps.patterns import PATTERNS
from tests.conftest import RunMotcua
from tests.integration.truth import make_province

DOSSIERS = 6_000
# what the system does → what the product calls it, the system that does it, how often
PLANTED = {
    "constant_vneid": ("constant_flag", "centre", 0.25),
    "constant_payment": ("constant_flag", "vi-xuyen-district", 0.2),
    "reception_equals_submission": ("reception_equals_submission", "bac-quang-district", 0.2),
    "day_month_swap": ("day_month_swap", "dong-van-district", 0.2),
    "days_never_exceed_12": ("day_month_swap", "meo-vac-district", 1.0),
    "hours_never_exceed_12": ("hours_never_exceed_12", "yen-minh-district", 0.2),
    "midnight_only": ("midnight_only", "hoang-su-phi-district", 0.2),
}


@pytest.fixture(scope="module")
def spoilt(
    drawn_seeds: list[int], tmp_path_factory: pytest.TempPathFactory, run_motcua: RunMotcua
) -> Path:
    home = tmp_path_factory.mktemp("spoilt")
    options = [
        option
        for name, (_, system, share) in PLANTED.items()
        for option in ("--pattern", f"{system}={name}:{share}")
    ]
    print(f"seed {drawn_seeds[0]}")
    make_province(
        home, run_motcua, "--dossiers", str(DOSSIERS), "--seed", str(drawn_seeds[0]), *options
    )  # fmt: skip
    return home


@pytest.mark.long
def test_every_pattern_planted_is_found_and_no_clean_source_is_named(
    spoilt: Path, run_motcua: RunMotcua
) -> None:
    done = run_motcua(spoilt, "sources", "patterns", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    found = {(row["source"], row["pattern"]) for row in rows}
    assert found == {(system, pattern) for pattern, system, _ in PLANTED.values()}


def test_all_patterns_of_the_simulator_are_planted() -> None:
    assert set(PLANTED) == set(PATTERNS)


def test_a_clean_province_has_no_finding(published_home: Path, run_motcua: RunMotcua) -> None:
    done = run_motcua(published_home, "sources", "patterns", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == []
