"""Published figures read against ours: asked of the metric layer, never computed here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dashboard.reader import SnapshotReader
from pipelines.network.units import shops_on
from pipelines.serving.published import ComparedFigure, compare_figure
from pipelines.settings import settings


def ask_published(reader: SnapshotReader) -> tuple[ComparedFigure, ...]:
    """Every published figure with ours, in the order of the list.

    A log of another place is not read against this province's figures: nothing is compared.
    """
    if reader.about.province_vi is None:
        return tuple(ComparedFigure(figure, reason="other_place") for figure in reader.published)
    return tuple(
        compare_figure(
            figure,
            ask=reader.ask,
            count_shops=_count_shops,
            data_from=reader.data_from,
            data_to=reader.about.as_of,
        )
        for figure in reader.published
    )


def metrics_named(figures: Iterable[ComparedFigure]) -> tuple[str, ...]:
    """The registered metrics that stand behind the figures, each once."""
    asked = (f.published for f in figures)
    return tuple(dict.fromkeys(p.metric for p in asked if p.basis == "metric" and p.metric))


def _count_shops(day: date) -> int:
    return shops_on(day, settings().reference_dir).height
