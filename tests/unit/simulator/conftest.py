"""A small province, written once for the tests of this folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.simulator.province import write_province


@pytest.fixture(scope="session")
def small_province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 dossiers of seed 7 up to 15/09/2025."""
    out = tmp_path_factory.mktemp("province")
    write_province(out, dossiers=2_000, seed=7, until=date(2025, 9, 15))
    return out
