"""From the shape of a question to SQL: MetricFlow in process, on the manifest of a snapshot."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NoReturn

from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.sql.sql_bind_parameters import SqlBindParameterSet

for _chatty in ("metricflow", "metricflow_semantics"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)

# MetricFlow numbers its subqueries by a counter of the process: one compile at a time.
_compiling = Lock()

_NO_VALUES = SqlBindParameterSet()

_TODAY_UNIT = "{{ Entity('today_unit') }}"
_DAY = "{{ TimeDimension('metric_time', 'day') }}"
FILTERS = {
    "mc_period": f"{_DAY} between getvariable('mc_from') and getvariable('mc_to')",
    "mc_ends": f"{_DAY} in (select unnest(getvariable('mc_ends')))",
    "mc_units": "{{ Entity('unit') }} in (select unnest(getvariable('mc_units')))",
    "mc_today_units": f"{_TODAY_UNIT} in (select unnest(getvariable('mc_today_units')))",
    "mc_level": "{{ Entity('level') }} = getvariable('mc_level')",
    "mc_fields": "{{ Entity('field') }} in (select unnest(getvariable('mc_fields')))",
    "mc_procedures": "{{ Entity('procedure') }} in (select unnest(getvariable('mc_procedures')))",
    "mc_channels": "{{ Entity('channel') }} in (select unnest(getvariable('mc_channels')))",
}
"""Conditions a shape may hold. Values travel by `SET VARIABLE`, never inside the SQL."""


@dataclass(frozen=True)
class Shape:
    """A question without its values: metric names, MetricFlow group-by names, `FILTERS` keys."""

    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    filters: tuple[str, ...]


class DuckDbDialect:
    """The `SqlClient` MetricFlow asks for its dialect; it never runs a statement."""

    @property
    def sql_engine_type(self) -> SqlEngine:
        """The dialect."""
        return SqlEngine.DUCKDB

    @property
    def sql_plan_renderer(self) -> SqlPlanRenderer:
        """The renderer of the dialect."""
        return DuckDbSqlPlanRenderer()

    def query(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_VALUES
    ) -> MetricFlowDataTable:
        """Refuse: compiled SQL runs on a cursor of the snapshot."""
        self._refuse()

    def execute(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_VALUES) -> None:
        """Refuse, as `query` does."""
        self._refuse()

    def dry_run(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_VALUES) -> None:
        """Refuse, as `query` does."""
        self._refuse()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """Refuse: values are DuckDB variables."""
        self._refuse()

    def close(self) -> None:
        """Nothing is held."""

    def _refuse(self) -> NoReturn:
        raise RuntimeError("the metric engine compiles SQL and runs none")


@lru_cache(maxsize=4)
def compiler_of(manifest_json: str) -> ShapeCompiler:
    """The compiler of a manifest: versions with the same definitions share one, and its SQL."""
    return ShapeCompiler(manifest_json)


class ShapeCompiler:
    """Compiles shapes for one manifest and keeps their SQL. Safe to share between threads."""

    def __init__(self, manifest_json: str) -> None:
        """Build the engine from the text of a `semantic_manifest.json`."""
        with _compiling:
            manifest = parse_manifest_from_dbt_generated_manifest(manifest_json)
            self._engine = MetricFlowEngine(SemanticManifestLookup(manifest), DuckDbDialect())
        self._sql: dict[Shape, str] = {}

    def compile(self, shape: Shape) -> str:
        """The SQL of a shape: one row per group that has rows, one column per metric."""
        known = self._sql.get(shape)
        if known is not None:
            return known
        with _compiling:
            if shape not in self._sql:
                self._sql[shape] = self._explain(shape)
            return self._sql[shape]

    def _explain(self, shape: Shape) -> str:
        conditions: Sequence[str] = [FILTERS[name] for name in shape.filters]
        request = MetricFlowQueryRequest.create(
            metric_names=shape.metrics,
            group_by_names=shape.group_by or None,
            where_constraints=conditions or None,
        )
        return self._engine.explain(request).sql_statement.sql
