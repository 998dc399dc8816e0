"""How the province changes over the years: shares between dated points, straight lines between.

The points near published figures of the province lead near them (`published_figures.csv`);
`quotas` and `centre` then meet them to the dossier. All other points are invented.
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
    ("2021-01-01", 0.04), ("2022-01-01", 0.18), ("2023-01-01", 0.42), ("2024-01-01", 0.68),
    ("2024-12-31", 0.85), ("2025-02-28", 0.89), ("2025-04-01", 0.945), ("2026-06-30", 0.965),
)  # fmt: skip
E_RESULT: Points = (
    ("2021-01-01", 0.03), ("2022-01-01", 0.14), ("2023-01-01", 0.38), ("2024-01-01", 0.62),
    ("2024-12-31", 0.81), ("2025-02-28", 0.87), ("2025-04-01", 0.95), ("2026-06-30", 0.97),
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
