"""One snapshot opened for reading, with the answers it already gave."""

from __future__ import annotations

import contextlib
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from dashboard.about import About, read_about
from pipelines.serving.impact import ImpactTables, read_impact_tables, read_unit_changes
from pipelines.serving.metrics import MetricLayer, MetricQuery, MetricSpec
from pipelines.serving.metrics.registry import Definition
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.published import PublishedFigure, read_published
from pipelines.serving.score_parameters import ScoreParameters, read_score_parameters

_ANSWERS_KEPT = 512


class SnapshotReader:
    """The facts and figures of one version. A snapshot never changes, so answers are kept."""

    def __init__(self, snapshot_file: Path) -> None:
        """Open the file. Raises `SnapshotError` where it is no snapshot."""
        self._file = snapshot_file
        self.about: About = read_about(snapshot_file)
        self._layer = MetricLayer.open(snapshot_file)
        self.metrics: dict[str, MetricSpec] = self._layer.registry()
        self.definitions: dict[str, Definition] = self._layer.definitions
        self._answers = lru_cache(maxsize=_ANSWERS_KEPT)(self._layer.query)

    def ask(self, query: MetricQuery) -> pl.DataFrame:
        """The metric layer's answer in long form. Raises `MetricQueryError`."""
        return self._answers(query)

    @cached_property
    def published(self) -> tuple[PublishedFigure, ...]:
        """What the province published; empty in a snapshot made before that was kept."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_published(snapshot)

    @cached_property
    def unit_changes(self) -> pl.DataFrame:
        """Which unit or shop was handed over to which; empty in a snapshot made before that."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_unit_changes(snapshot)

    @cached_property
    def impacts(self) -> ImpactTables:
        """What mergers did; empty tables in a snapshot made before effects were estimated."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_impact_tables(snapshot)

    @cached_property
    def score_parameters(self) -> ScoreParameters:
        """Items and bands of the score. Raises `SnapshotError` where there are none yet."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_score_parameters(snapshot)

    def close(self) -> None:
        """Let the snapshot go."""
        self._layer.close()
