"""One snapshot opened for reading, with the answers it already gave.

The one door to a snapshot: a reader narrowed to somebody's units narrows every question, so no
page can forget to. The answers that are kept are those of one version, by the question as it was
narrowed: nobody gets another's.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from dashboard.about import About, narrow_about, read_about
from pipelines.serving.access import AccessError, Reader, read_dossiers
from pipelines.serving.impact import ImpactTables, read_impact_tables, read_unit_changes
from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricSpec
from pipelines.serving.metrics.query import named_units
from pipelines.serving.metrics.registry import Definition
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.published import PublishedFigure, read_published
from pipelines.serving.roles import Role, State
from pipelines.serving.score_parameters import ScoreParameters, read_score_parameters

_ANSWERS_KEPT = 512


class SnapshotReader:
    """The facts and figures of one version. A snapshot never changes, so answers are kept."""

    def __init__(self, snapshot_file: Path) -> None:
        """Open the file. Raises `SnapshotError` where it is no snapshot."""
        self.about: About = read_about(snapshot_file)
        self._layer = MetricLayer.open(snapshot_file)
        self._sealed = SealedSnapshot(snapshot_file)
        self.metrics: dict[str, MetricSpec] = self._layer.registry()
        self.definitions: dict[str, Definition] = self._layer.definitions
        self._answers = lru_cache(maxsize=_ANSWERS_KEPT)(self._layer.query)
        self._units = self.about.units
        self._own: frozenset[str] | None = None
        self._narrowed: dict[frozenset[str], SnapshotReader] = {}

    @property
    def is_narrowed(self) -> bool:
        """Whether it answers for some units alone; `about.units` are those."""
        return self._own is not None

    def for_viewer(self, who: Reader) -> SnapshotReader:
        """The same snapshot as far as somebody may see it; it is closed with this one.

        Raises `AccessError` for a unit leader none of whose units this snapshot knows.
        """
        if who.role is not Role.unit_leader:
            return self
        own = who.units & set(self._units["unit_key"])
        if not own:
            raise AccessError("none of your units is in this snapshot")
        if own not in self._narrowed:
            self._narrowed[own] = self._narrow_to(own)
        return self._narrowed[own]

    def ask(self, query: MetricQuery) -> pl.DataFrame:
        """The metric layer's answer in long form. Raises `MetricQueryError`.

        A narrowed reader raises `AccessError` for units of others.
        """
        return self._answers(self._narrow(query))

    def dossiers(
        self, who: Reader, state: State, *, key: bytes | None = None, most: int | None = None
    ) -> pl.DataFrame:
        """Rows of dossiers by the statement of a role: `access.read_dossiers`."""
        if self._own is not None:
            who = Reader(Role.unit_leader, self._own)
        return read_dossiers(self._sealed, who, state, key=key, most=most)

    @cached_property
    def data_from(self) -> date:
        """The first day of the first month with data; the data's own day where there is none."""
        first = self.ask(MetricQuery(("received", "open"), by=("month",)))["month"].min()
        return self.about.as_of if first is None else date.fromisoformat(f"{first}-01")

    @cached_property
    def fields(self) -> dict[str, str]:
        """Names of fields by code, in the order of their names."""
        rows = self._sealed.run(
            "select field_code, field_name_vi from motcua.dim_field order by 2, 1"
        )
        return dict(rows.iter_rows())

    @cached_property
    def procedures(self) -> pl.DataFrame:
        """The catalogue: procedure_code, procedure_name_vi, field_code, level; by name."""
        return self._sealed.run(
            "select procedure_code, procedure_name_vi, field_code, level"
            " from motcua.dim_procedure order by 2, 1"
        )

    @cached_property
    def published(self) -> tuple[PublishedFigure, ...]:
        """What the province published; empty in a snapshot made before that was kept."""
        return read_published(self._sealed)

    @cached_property
    def unit_changes(self) -> pl.DataFrame:
        """Which unit or shop was handed over to which; empty in a snapshot made before that."""
        return read_unit_changes(self._sealed)

    @cached_property
    def impacts(self) -> ImpactTables:
        """What mergers did; empty tables in a snapshot made before effects were estimated."""
        return read_impact_tables(self._sealed)

    @cached_property
    def score_parameters(self) -> ScoreParameters:
        """Items and bands of the score. Raises `SnapshotError` where there are none yet."""
        return read_score_parameters(self._sealed)

    def close(self) -> None:
        """Let the snapshot go."""
        self._layer.close()
        self._sealed.close()

    def _narrow_to(self, own: frozenset[str]) -> SnapshotReader:
        narrowed = copy(self)
        # what the whole has found out already may be a figure of others
        for name, member in vars(type(self)).items():
            if isinstance(member, cached_property):
                vars(narrowed).pop(name, None)
        narrowed._own, narrowed._narrowed = own, {}
        narrowed.about = narrow_about(self.about, own)
        return narrowed

    def _narrow(self, query: MetricQuery) -> MetricQuery:
        if self._own is None:
            return query
        units = self._units
        if query.boundaries == "today":  # a unit that ended has no series there
            units = units.filter(pl.col("unit_valid_to").is_null())
        if query.units:
            units = named_units(query.units, units)
        asked = self._own & set(units["unit_key"])
        if not asked:
            raise AccessError("these are units of others")
        return replace(query, units=tuple(sorted(asked)))
