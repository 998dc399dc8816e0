"""How the province changes over the years: shares between dated points, straight lines between.

The points near published figures of the province follow them (`published_figures.csv`: online
81 % in 2024, digitization 75 % in 2024 and 92 % in mid 2025, e-results 84 % in 02/2025 and
92 % in mid 2025, late 0.3 % at the centre in 2025); all others are invented.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipelines.worktime.vectorised import Moments

Floats = npt.NDArray[np.float64]
Points = tuple[tuple[str, float], ...]

ONLINE: Points = (
    ("2021-01-01", 0.15), ("2022-01-01", 0.30), ("2023-01-01", 0.52), ("2023-12-01", 0.76),
    ("2024-06-01", 0.80), ("2024-12-01", 0.82), ("2026-06-30", 0.88),
)  # fmt: skip
DIGITIZED: Points = (
    ("2021-01-01", 0.04), ("2022-01-01", 0.18), ("2023-01-01", 0.42), ("2024-01-01", 0.66),
    ("2024-12-31", 0.84), ("2025-02-28", 0.87), ("2025-06-14", 0.92), ("2026-06-30", 0.95),
)  # fmt: skip
E_RESULT: Points = (
    ("2021-01-01", 0.03), ("2022-01-01", 0.14), ("2023-01-01", 0.38), ("2024-01-01", 0.62),
    ("2024-12-31", 0.80), ("2025-02-28", 0.84), ("2025-06-14", 0.92), ("2026-06-30", 0.95),
)  # fmt: skip
LATE: Points = (
    ("2021-01-01", 0.015), ("2023-01-01", 0.010), ("2024-06-01", 0.006), ("2025-03-01", 0.003),
    ("2025-07-15", 0.009), ("2025-12-01", 0.004), ("2026-06-30", 0.003),
)  # fmt: skip
ON_THE_DAY: Points = (
    ("2021-01-01", 0.012), ("2023-01-01", 0.007), ("2025-01-01", 0.002), ("2026-06-30", 0.002),
)  # fmt: skip
PAID_ONLINE: Points = (
    ("2021-01-01", 0.05), ("2023-01-01", 0.40), ("2024-09-30", 0.895), ("2026-06-30", 0.93),
)  # fmt: skip
REUSED: Points = (("2021-01-01", 0.02), ("2024-01-01", 0.20), ("2026-06-30", 0.50))
FROM_STORE: Points = (("2021-01-01", 0.0), ("2024-01-01", 0.02), ("2026-06-30", 0.25))
VNEID: Points = (("2021-01-01", 0.0), ("2023-01-01", 0.25), ("2026-06-30", 0.95))


def share_at(points: Points, moments: Moments) -> Floats:
    """The share (0-1) at each moment."""
    when = np.array([day for day, _ in points], dtype="datetime64[s]").astype(np.int64)
    values = np.array([value for _, value in points])
    return np.interp(moments.astype("datetime64[s]").astype(np.int64), when, values)


def shifted(share: Floats, effect: Floats) -> Floats:
    """Shares moved by `effect` on the logit scale: a shop that does better stays within 0-1."""
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return 1 / (1 + np.exp(-(np.log(inside / (1 - inside)) + effect)))
