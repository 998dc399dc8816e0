"""One call of the estimators on what was read."""

from __future__ import annotations

from pipelines.analysis.impact import ImpactParameters, Impacts
from pipelines.effects.given import Ask, Given, Times
from pipelines.logs import describe
from pipelines.serving.parameters import MIN_DENOMINATOR


class EstimateError(RuntimeError):
    """Estimates that could not be made at all; one line that says where it broke."""


def estimate(given: Given, ask: Ask, *, only: str | None = None) -> Impacts:
    """The effects of every change, of the group of shop mergers and of the network's days; or of
    the one whose id is `only`.

    Raises `EstimateError`; an outcome that fails is a row with its reason instead.
    """
    # with the libraries that only an estimate needs
    from pipelines.analysis.impact.estimate import estimate_impacts

    parameters = ImpactParameters(min_denominator=MIN_DENOMINATOR)
    try:
        return estimate_impacts(
            given.panel,
            Times(ask),
            given.changes,
            given.units,
            given.shops,
            as_of=given.as_of,
            parameters=parameters,
            only=only,
        )
    except Exception as error:
        # what a library says may hold a value of the data: the class and the place are enough
        line = describe(error).line
        raise EstimateError(f"what mergers did could not be estimated: {line}") from None
