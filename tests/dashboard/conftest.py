from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
import pytest

from dashboard.about import About
from pipelines.serving.metrics import MetricSpec


@pytest.fixture
def make_spec() -> Callable[..., MetricSpec]:
    """A metric with only what a test is about said."""

    def make(name: str = "late_rate", unit: str = "ratio", direction: str = "down") -> MetricSpec:
        return MetricSpec(
            name=name,
            label_vi="Tỷ lệ quá hạn",
            label_en="Late rate",
            description="",
            unit=unit,  # pyright: ignore[reportArgumentType]
            formula_vi="Công thức",
            legal_basis="",
            direction=direction,  # pyright: ignore[reportArgumentType]
            anchor="finished_on",
            has_definition=True,
            zero_denominator="empty",
            numerator="late",
            denominator="classified" if unit == "ratio" else None,
            source="deadline_classes",
            is_balance=False,
            is_component=False,
        )

    return make


@pytest.fixture
def make_about() -> Callable[..., About]:
    """Facts of a snapshot with only what a test is about said."""

    def make(**facts: object) -> About:
        plain: dict[str, object] = {
            "version": "motcua-20260701T000000-abc",
            "published_at": datetime(2026, 7, 1, 6, 5),
            "as_of": date(2026, 6, 30),
            "code_revision": "abc",
            "rules_hash": "def",
            "is_synthetic": False,
            "province_vi": "Tỉnh Tuyên Quang",
            "former_vi": "Hà Giang",
            "communes": 73,
            "shops": 74,
            "silent": (),
            "failed": (),
            "targets": (),
            "units": pl.DataFrame(),
        }
        return About(**(plain | facts))  # pyright: ignore[reportArgumentType]

    return make
