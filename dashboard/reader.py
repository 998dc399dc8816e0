"""One snapshot opened for reading, with the answers it already gave."""

from __future__ import annotations

import contextlib
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from dashboard.about import About, read_about
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
    def data_from(self) -> date:
        """The first day of the first month with data; the data's own day where there is none."""
        first = self.ask(MetricQuery(("received", "open"), by=("month",)))["month"].min()
        return self.about.as_of if first is None else date.fromisoformat(f"{first}-01")

    @cached_property
    def fields(self) -> dict[str, str]:
        """Names of fields by code, in the order of their names."""
        rows = self._read("select field_code, field_name_vi from motcua.dim_field order by 2, 1")
        return dict(rows.iter_rows())

    @cached_property
    def procedures(self) -> pl.DataFrame:
        """The catalogue: procedure_code, procedure_name_vi, field_code, level; by name."""
        return self._read(
            "select procedure_code, procedure_name_vi, field_code, level"
            " from motcua.dim_procedure order by 2, 1"
        )

    @cached_property
    def published(self) -> tuple[PublishedFigure, ...]:
        """What the province published; empty in a snapshot made before that was kept."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_published(snapshot)

    @cached_property
    def score_parameters(self) -> ScoreParameters:
        """Items and bands of the score. Raises `SnapshotError` where there are none yet."""
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return read_score_parameters(snapshot)

    def _read(self, sql: str) -> pl.DataFrame:
        with contextlib.closing(SealedSnapshot(self._file)) as snapshot:
            return snapshot.run(sql)

    def close(self) -> None:
        """Let the snapshot go."""
        self._layer.close()
