"""Our figures for the units and months that were reported, asked in few questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.serving.definitions import Ask
from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.metrics.registry import Definition, MetricSpec
from pipelines.serving.reconcile.reported import ReportedFigure

CLOSED = ("resolved", "withdrawn", "refused", "stopped")
"""The four endings that are closed together, as metrics and as states (domain §4)."""

_MONTH = "%Y-%m"


@dataclass(frozen=True)
class OurFigure:
    """A figure of ours; `value` is a count or a fraction 0-1, None where there is none."""

    numerator: int | None
    denominator: int | None
    value: float | None


NONE = OurFigure(None, None, None)
_Key = tuple[str, str | None, str, str]


class OurFigures:
    """Figures by metric, definition, unit and month; what was not asked for is none."""

    def __init__(self, figures: Mapping[_Key, OurFigure]) -> None:
        """Take the answers of the metric layer."""
        self._figures = figures

    def find(
        self, figure: ReportedFigure, *, definition: str | None = None, unit_key: str | None = None
    ) -> OurFigure:
        """Ours for a reported figure, or for another definition or unit."""
        return self._figures.get(
            (
                figure.metric,
                definition or figure.definition,
                unit_key or figure.unit_key,
                figure.month_on.strftime(_MONTH),
            ),
            NONE,
        )

    def find_closed(self, figure: ReportedFigure) -> int | None:
        """Everything closed in the month, however it ended."""
        month = figure.month_on.strftime(_MONTH)
        parts = [self._figures.get((name, None, figure.unit_key, month), NONE) for name in CLOSED]
        found = [part.numerator for part in parts if part.numerator is not None]
        return sum(found) if found else None


def ask_ours(
    ask: Ask,
    metrics: Mapping[str, MetricSpec],
    definitions: Mapping[str, Definition],
    figures: Sequence[ReportedFigure],
    unit_keys: Iterable[str],
) -> OurFigures:
    """Ask for the reported metrics of those units by month, under every definition.

    Raises `MetricQueryError` for a unit that the snapshot does not know.
    """
    if not figures:
        return OurFigures({})
    names = dict.fromkeys(figure.metric for figure in figures)
    bound = tuple(name for name in names if metrics[name].has_definition)
    free = tuple(dict.fromkeys([*(n for n in names if n not in bound), *CLOSED]))
    first = next(iter(definitions))
    questions = [(free, first), *((bound, name) for name in definitions if bound)]
    keys = tuple(sorted(set(unit_keys)))
    found = dict[_Key, OurFigure]()
    for asked, definition in questions:
        answer = ask(
            MetricQuery(
                asked,
                by=("unit", "month"),
                units=keys,
                date_from=min(figure.month_on for figure in figures),
                date_to=max(figure.month_ends_on for figure in figures),
                definition=definition,
            )
        )
        for row in answer.iter_rows(named=True):
            valid_from = row["unit_valid_from"]
            key = f"{row['unit_code']}@{valid_from.isoformat() if valid_from else ''}"
            found[row["metric"], row["definition"], key, row["month"]] = OurFigure(
                row["numerator"], row["denominator"], row["value"]
            )
    return OurFigures(found)
