"""Signals and questions of a snapshot: kept before it is published, read from it.

What belongs here: the tables `srv_signal`, `srv_ask`, `srv_spc`, `srv_funnel`, and reading them for
whoever may see which rows. What does not: how anything is judged (`pipelines.analysis.signals`).
"""

from pipelines.serving.signals.read import (
    Asked,
    UnknownUnitError,
    find_units,
    read_charts,
    read_comparisons,
    read_questions,
    read_signals,
)

__all__ = [
    "Asked",
    "UnknownUnitError",
    "find_units",
    "read_charts",
    "read_comparisons",
    "read_questions",
    "read_signals",
]
