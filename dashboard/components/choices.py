"""What a reader chooses on more than one page."""

from __future__ import annotations

from dashboard.address import choose_segment
from dashboard.components.words import name_period
from dashboard.i18n import Language
from dashboard.periods import DEFAULT_PERIOD, PERIODS


def choose_period(language: Language) -> str:
    """The name of a period, bound to the address."""
    return choose_segment(
        language,
        "period",
        PERIODS,
        DEFAULT_PERIOD,
        label=language.say("Kỳ số liệu"),
        name_option=name_period,
    )
