"""The province of the incumbents' mistakes, as the models make it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.compiled import Mistake, Models
from tests.models.incumbents.province import DOSSIERS, REFERENCE

Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Make a warehouse of the dozen dossiers, with mistakes and changes of reference."""

    def make(*mistakes: Mistake, reference: tuple[str, ...] = ()) -> Path:
        file = tmp_path_factory.mktemp("province") / "motcua.duckdb"
        models.build(file, DOSSIERS, mistakes, (*REFERENCE, *reference))
        return file

    return make


@pytest.fixture(scope="session")
def right(build: Build) -> Path:
    """The warehouse as the delivered models make it."""
    return build()


@pytest.fixture(scope="session")
def published(models: Models, right: Path) -> Path:
    """Its snapshot."""
    return models.publish(right)
