"""Parameters of the score of Decision 766 as a snapshot carries them: items and bands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

import duckdb

from pipelines.serving.metrics import SnapshotError
from pipelines.serving.metrics.snapshot import SealedSnapshot

Rule = Literal["product", "linear"]
ZeroDenominator = Literal["not_measured", "full", "zero"]

_ITEMS = """
select item, item_group as "group", position, max_points, metric, definition, target, rule,
    zero_denominator, feed, valid_from, label_vi, label_en, needs_vi, needs_en, source, note
from motcua.dim_score_item order by position, item, valid_from
"""
_BANDS = """
select band, least_share, least_measurable_points, valid_from, label_vi, label_en
from motcua.dim_score_band order by least_share desc, band, valid_from
"""


@dataclass(frozen=True)
class ScoreItem:
    """One item: its points, the share it is measured by and how the share gives points.

    `metric` is None while nothing here measures it; `needs_*` and `feed` then say what lacks.
    `rule`: `product` gives most points × share; `linear` most points × share / target, all of
    them from the target on. `zero_denominator` says what a share over nothing gives.
    """

    item: str
    group: str
    position: int
    max_points: Decimal
    metric: str | None
    definition: str | None
    target: Decimal | None
    rule: Rule
    zero_denominator: ZeroDenominator
    feed: str | None
    valid_from: date
    label_vi: str
    label_en: str
    needs_vi: str | None
    needs_en: str | None
    source: str
    note: str | None


@dataclass(frozen=True)
class ScoreBand:
    """A band, reached from a share of the measurable points on, given enough of these."""

    band: str
    least_share: Decimal
    least_measurable_points: Decimal
    valid_from: date
    label_vi: str
    label_en: str


@dataclass(frozen=True)
class ScoreParameters:
    """Items by position and bands from the best down; of all versions, or of those in force."""

    items: tuple[ScoreItem, ...]
    bands: tuple[ScoreBand, ...]

    def in_force(self, day: date) -> ScoreParameters:
        """The newest version of each item and band not after `day`.

        An item whose newest version gives 0 points is out of force.
        """
        items = _newest(((item.item, item) for item in self.items), day)
        bands = _newest(((band.band, band) for band in self.bands), day)
        return ScoreParameters(
            tuple(sorted((i for i in items if i.max_points > 0), key=lambda i: i.position)),
            tuple(sorted(bands, key=lambda band: -band.least_share)),
        )


def read_score_parameters(snapshot: SealedSnapshot) -> ScoreParameters:
    """The parameters of a snapshot, every version.

    Raises `SnapshotError` for a snapshot made before they were kept.
    """
    try:
        items = snapshot.run(_ITEMS).iter_rows(named=True)
        bands = snapshot.run(_BANDS).iter_rows(named=True)
    except duckdb.CatalogException as error:
        raise SnapshotError(
            f"{snapshot.file.name} was published before the items of the score were kept: "
            "run `motcua run`"
        ) from error
    return ScoreParameters(
        tuple(ScoreItem(**row) for row in items), tuple(ScoreBand(**row) for row in bands)
    )


_Version = TypeVar("_Version", ScoreItem, ScoreBand)


def _newest(versions: Iterable[tuple[str, _Version]], day: date) -> list[_Version]:
    found: dict[str, _Version] = {}
    for name, version in versions:
        known = found.get(name)
        is_newer = known is None or known.valid_from < version.valid_from
        if version.valid_from <= day and is_newer:
            found[name] = version
    return list(found.values())
