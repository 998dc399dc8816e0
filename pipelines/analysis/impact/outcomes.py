"""The outcomes that are estimated: their columns in the panel, their unit, which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["days", "share", "count", "currency"]
FULL_DAY_MINUTES = 480
"""The day in which the panel tells working minutes."""


@dataclass(frozen=True)
class Outcome:
    """A ratio of two sums of the panel; `direction` is 1 where more is better, -1 where less is,
    0 where neither: such an outcome is described, never judged.

    `scale` divides the numerator (minutes to days).
    """

    name: str
    unit: Unit
    direction: Literal[-1, 0, 1]
    numerator: str
    denominator: str
    label_vi: str
    label_en: str
    scale: int = 1

    @property
    def is_share(self) -> bool:
        """Whether the numerator counts a part of the denominator."""
        return self.unit == "share"


RATIOS = (
    Outcome("working_days_mean", "days", -1, "working_minutes_sum", "timed_n",
            "Thời gian giải quyết trung bình", "Mean processing time", FULL_DAY_MINUTES),
    Outcome("late_rate", "share", -1, "late_n", "resolved_n", "Tỷ lệ quá hạn", "Late rate"),
    Outcome("early_rate", "share", 1, "early_n", "resolved_n", "Tỷ lệ trước hạn", "Early rate"),
    Outcome("on_time_rate", "share", 0, "on_time_n", "resolved_n", "Tỷ lệ đúng hạn",
            "On-time rate"),
    Outcome("digitization_rate", "share", 1, "digitized_n", "received_n",
            "Tỷ lệ số hóa hồ sơ", "Digitization rate"),
    Outcome("e_result_rate", "share", 1, "e_result_n", "result_due_n",
            "Tỷ lệ cấp kết quả điện tử", "E-result rate"),
    Outcome("online_rate", "share", 1, "online_n", "received_n",
            "Tỷ lệ tiếp nhận trực tuyến", "Online rate"),
)  # fmt: skip
"""Estimated against units that no change touches, case mix standardised by procedure."""

RECEIVED = Outcome("received", "count", 0, "received_n", "months_n",
                   "Hồ sơ tiếp nhận một tháng", "Dossiers received a month")  # fmt: skip
PER_SHOP_DAY = Outcome("dossiers_per_shop_day", "count", 0, "received_n", "open_days_n",
                       "Hồ sơ mỗi bộ phận một cửa mỗi ngày làm việc",
                       "Dossiers per shop and working day")  # fmt: skip
COST = Outcome("cost_per_dossier", "currency", 0, "cost", "received_n",
               "Chi phí mỗi hồ sơ", "Cost per dossier")  # fmt: skip
MEDIAN = Outcome("working_days_median", "days", -1, "", "timed_n",
                 "Thời gian giải quyết trung vị", "Median processing time")  # fmt: skip
P90 = Outcome("working_days_p90", "days", -1, "", "timed_n",
              "Thời gian giải quyết, phân vị 90", "90th percentile of processing time")  # fmt: skip
QUANTILE_LEVELS = {MEDIAN: 0.5, P90: 0.9}
COUNTS = ("received_n", "online_n", "digitized_n", "resolved_n", "early_n", "on_time_n", "late_n",
          "result_due_n", "e_result_n", "timed_n", "working_minutes_sum")  # fmt: skip
"""The columns of the panel that are summed."""
