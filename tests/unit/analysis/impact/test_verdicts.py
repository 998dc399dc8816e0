"""What may be claimed, and its words."""

from __future__ import annotations

import re

import pytest

from pipelines.analysis.impact.outcomes import RATIOS, RECEIVED
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.verdicts import REASONS, Figures, judge, say

PARAMETERS = ImpactParameters()
OUTCOMES = {outcome.name: outcome for outcome in RATIOS}
CASES = ("effect", "no_effect", "wide", "trend", "pooled", "pooled_bare", "volume",
         "dose_effect", "its", "check", "check_bare")  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "low", "high", "passes", "verdict", "case"),
    [
        ("working_days_mean", -1.1, -0.5, True, "better", "effect"),
        ("working_days_mean", 0.5, 1.1, True, "worse", "effect"),
        ("online_rate", 0.01, 0.05, True, "better", "effect"),
        ("online_rate", -0.05, -0.01, True, "worse", "effect"),
        ("late_rate", -0.05, -0.01, True, "better", "effect"),
        ("working_days_mean", -0.4, 0.3, True, "no_effect_found", "no_effect"),
        ("working_days_mean", -0.6, 0.3, True, "undetermined", "wide"),
        ("online_rate", -0.02, 0.02, True, "no_effect_found", "no_effect"),
        ("online_rate", -0.02, 0.021, True, "undetermined", "wide"),
        ("working_days_mean", -1.1, -0.5, False, "undetermined", "trend"),
        ("working_days_mean", -0.1, 0.1, False, "undetermined", "trend"),
        ("working_days_mean", -1.1, -0.5, None, "undetermined", "unchecked"),
    ],
)
def test_an_effect_is_claimed_only_where_nothing_speaks_against_it(
    outcome: str, low: float, high: float, passes: bool | None, verdict: str, case: str
) -> None:
    assert judge(OUTCOMES[outcome], low, high, passes, PARAMETERS) == (verdict, case)


def test_an_effect_is_told_in_its_own_unit_and_language() -> None:
    days = Figures(OUTCOMES["working_days_mean"], -0.8213, -1.1, -0.5, 0.95, 5.4, 4.6, 4, 7)
    in_vi, in_en = say("effect", days, PARAMETERS)
    assert in_vi.startswith("Thời gian giải quyết trung bình giảm 0,82 ngày làm việc so với")
    assert "(khoảng tin cậy 95 %: −1,10 đến −0,50; 4 nơi gộp, 7 nơi đối chứng)" in in_vi
    assert in_en.startswith("Mean processing time fell by 0.82 working days compared with")
    share = Figures(OUTCOMES["online_rate"], 0.0312, 0.01, 0.05, 0.95)
    assert "tăng 3,12 điểm phần trăm" in say("effect", share, PARAMETERS)[0]
    assert "rose by 3.12 percentage points" in say("effect", share, PARAMETERS)[1]


def test_no_effect_says_what_is_ruled_out() -> None:
    days = Figures(OUTCOMES["working_days_mean"], 0.04, -0.3, 0.4, 0.95)
    assert "0,50 ngày làm việc" in say("no_effect", days, PARAMETERS)[0]
    assert "more than 0.50 working days is ruled out" in say("no_effect", days, PARAMETERS)[1]


def test_a_description_is_never_called_an_effect() -> None:
    figures = Figures(RECEIVED, 73.75, 24.85, 122.6, 0.95, 430.75, 504.5)
    in_vi, in_en = say("pooled", figures, PARAMETERS)
    assert "không phải tác động" in in_vi
    assert "no effect of the change" in in_en
    assert "430,8 hồ sơ" in in_vi
    assert "430.8 dossiers" in in_en


@pytest.mark.parametrize("case", [*CASES, "unchecked"])
def test_every_sentence_is_whole_in_both_languages(case: str) -> None:
    figures = Figures(OUTCOMES["late_rate"], 0.01, 0.0, 0.02, 0.95, 0.02, 0.03, 4, 7)
    for sentence in say(case, figures, PARAMETERS):
        assert sentence.endswith(".")
        assert not re.search(r"[{}]|None|nan|  |\( |: ;", sentence)


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(vi.endswith(".") and en.endswith(".") and vi != en for vi, en in REASONS.values())
