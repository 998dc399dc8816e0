"""What the tests on whole provinces share."""

from __future__ import annotations

import os
import random

import pytest


@pytest.fixture(scope="session")
def drawn_seeds() -> list[int]:
    """Three seeds, drawn anew every time; MOTCUA_TEST_SEEDS=1,2,3 repeats a run."""
    given = os.environ.get("MOTCUA_TEST_SEEDS")
    if given:
        return [int(seed) for seed in given.split(",")]
    return random.SystemRandom().sample(range(1, 2**31), 3)
