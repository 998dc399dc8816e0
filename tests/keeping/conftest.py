"""One small province, and a home that was run once in the middle of its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import MadeOnce, RunMotcua
from tests.keeping.province import EARLY, Province, Serving, run_up_to, served


@pytest.fixture(scope="session")
def province(
    tmp_path_factory: pytest.TempPathFactory, serving: Serving, find_port: Callable[[], int]
) -> Iterator[Province]:
    out = tmp_path_factory.mktemp("province") / "out"
    with served(out, 250, 23, serving, find_port) as province:
        yield province


@pytest.fixture(scope="session")
def early_home(province: Province, made_once: MadeOnce, run_motcua: RunMotcua) -> Path:
    """A home run on the night after `EARLY`. Read it, never write to it."""
    return made_once("early-home", lambda home: run_up_to(EARLY, province, home, run_motcua))
