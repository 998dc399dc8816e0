"""The deadline definitions side by side: the same dossiers under each, and why they differ.

What belongs here: asking the metric layer under every definition, the moves between classes and
the words for them. What does not: the rules themselves (the models have them), and any drawing.
"""

from pipelines.serving.definitions.compare import (
    Ask,
    ComparedDefinition,
    Share,
    compare_definitions,
    is_defined_for,
)
from pipelines.serving.definitions.reasons import Move, name_move

__all__ = [
    "Ask",
    "ComparedDefinition",
    "Move",
    "Share",
    "compare_definitions",
    "is_defined_for",
    "name_move",
]
