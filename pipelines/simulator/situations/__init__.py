"""Situations planted in a province on purpose, so that later findings can be judged.

Belongs here: the switches (`parse_situation`), the changes to a plan (`apply_situations`), those
to the telling (`tell_situations`, `plan_as_told`), and what `truth.json` says of them (`Planted`).
Does not: how a plan is drawn, how dirt gets into records, how a server behaves.
"""

from pipelines.simulator.situations.apply import apply_situations
from pipelines.simulator.situations.model import Planted, PlantedUnit, Situation, merge_planted
from pipelines.simulator.situations.parse import parse_situation
from pipelines.simulator.situations.telling import plan_as_told, tell_situations

__all__ = [
    "Planted",
    "PlantedUnit",
    "Situation",
    "apply_situations",
    "merge_planted",
    "parse_situation",
    "plan_as_told",
    "tell_situations",
]
