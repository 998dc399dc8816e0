"""How the estimators ask for quantiles, which no panel of sums can hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class Quantiles(Protocol):
    """Quantiles of working days over the dossiers of some units finished in a stretch."""

    def __call__(
        self, unit_keys: Sequence[str], first_on: date, last_on: date, levels: Sequence[float]
    ) -> tuple[int, list[float]]:
        """The number of timed dossiers and one quantile for each level; (0, []) without any.

        Days are inclusive, levels within 0-1, values in working days, interpolated between two
        dossiers.
        """
        ...
