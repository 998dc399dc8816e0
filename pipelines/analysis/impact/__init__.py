"""What a merger did: each change of the network, estimated from the monthly panel.

What belongs here: who is compared with whom and when, the estimators, their inference and the
sentence that says what may be claimed. What does not: how the panel is made, stored or shown.
The methods and their sources are in `docs/impact.md`.
"""

from typing import TYPE_CHECKING

from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.quantiles import Quantiles
from pipelines.analysis.impact.tables import IMPACT_SCHEMAS, Impacts

if TYPE_CHECKING:
    from pipelines.analysis.impact.estimate import estimate_impacts

__all__ = ["IMPACT_SCHEMAS", "ImpactParameters", "Impacts", "Quantiles", "estimate_impacts"]


def __getattr__(name: str) -> object:
    """The entry with its libraries when it is asked for: a reader of the tables needs none."""
    if name != "estimate_impacts":
        raise AttributeError(name)
    from pipelines.analysis.impact.estimate import estimate_impacts

    return estimate_impacts
