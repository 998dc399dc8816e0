"""What a reader chooses on more than one page."""

from __future__ import annotations

from typing import cast

from dashboard.about import About
from dashboard.address import choose_segment
from dashboard.components.words import name_boundaries, name_period
from dashboard.i18n import Language
from dashboard.periods import DEFAULT_PERIOD, PERIODS
from pipelines.serving.metrics.boundaries import BOUNDARIES, Boundaries


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


def choose_boundaries(language: Language, about: About) -> Boundaries:
    """The reading of the units, bound to the address; as they were where nothing ever changed."""
    if about.province_vi is None or about.boundaries_from is None:
        return BOUNDARIES[0]
    chosen = choose_segment(
        language,
        "boundaries",
        BOUNDARIES,
        BOUNDARIES[0],
        label=language.say("Địa giới"),
        name_option=lambda language, option: name_boundaries(language, option, about),
    )
    return cast("Boundaries", chosen)
