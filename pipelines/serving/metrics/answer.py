"""The metric layer of one snapshot: ask, and get every group asked for in long form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from pipelines.serving.metrics import computed
from pipelines.serving.metrics.cells import list_cells
from pipelines.serving.metrics.engine import Shape, ShapeCompiler
from pipelines.serving.metrics.groups import group_columns, list_groups
from pipelines.serving.metrics.quantiles import ask_quantiles, complete_quantile
from pipelines.serving.metrics.query import MetricQuery, check_query
from pipelines.serving.metrics.registry import MetricSpec, Registry, read_registry
from pipelines.serving.metrics.snapshot import SealedSnapshot, Value

_NEVER = date.max
_UNIT = "unit_key"
_ENGINE_NAMES = {
    "unit": ("unit", _UNIT),
    "level": ("level", "level"),
    "district": ("unit__district_code", "district_code"),
    "field": ("field", "field_code"),
    "procedure": ("procedure", "procedure_code"),
    "channel": ("channel", "channel"),
}


class MetricLayer:
    """Answers questions on one snapshot. Safe to share between threads; close it when done."""

    def __init__(self, snapshot: SealedSnapshot) -> None:
        """Read the definitions and dimensions that the snapshot carries."""
        manifest = snapshot.read_document("semantic_manifest")
        self._snapshot = snapshot
        self._registry: Registry = read_registry(
            manifest, snapshot.find_document(computed.DOCUMENT) or computed.NONE
        )
        self._compiler = ShapeCompiler(manifest)
        self._dimensions = snapshot.read_dimensions()
        self._unit_names = self._dimensions.units.select(_UNIT, "unit_code", "unit_valid_from")

    @classmethod
    def open(cls, snapshot_file: Path) -> MetricLayer:
        """Open a published snapshot read-only, sealed off from everything else.

        Raises `SnapshotError` where the file is no snapshot.
        """
        snapshot = SealedSnapshot(snapshot_file)
        try:
            return cls(snapshot)
        except Exception:
            snapshot.close()
            raise

    def close(self) -> None:
        """Let the snapshot go."""
        self._snapshot.close()

    def registry(self) -> dict[str, MetricSpec]:
        """The metrics that may be asked for, by name."""
        return self._registry.published

    @property
    def definitions(self) -> tuple[str, ...]:
        """The deadline definitions this snapshot has."""
        return self._registry.definitions

    @property
    def as_of(self) -> date:
        """The last day the data speaks of."""
        return self._dimensions.as_of

    def query(self, q: MetricQuery) -> pl.DataFrame:
        """Answer in long form, metrics in the order asked, groups sorted.

        Columns: metric, definition (null where it does not matter), those of `q.by`,
        numerator and denominator (int64; denominator null for counts), value (float: a count,
        or a fraction 0-1, null over nothing), status. A group without rows is 0, or null with
        the reason: `unit_ended`, `not_kept` (no balance was kept on any day of the cell) or
        `nothing_known` (before the data begins). Raises `MetricQueryError`.
        """
        check_query(q, self._registry, self._dimensions)
        specs = [self._registry.specs[name] for name in dict.fromkeys(q.metrics)]
        cells = list_cells(q, self._dimensions)
        flow_cells = cells.with_columns(is_kept=pl.lit(value=True))
        balance_cells = cells.with_columns(
            first_on=pl.coalesce("balance_on", "first_on"),
            last_on=pl.coalesce("balance_on", "last_on"),
            is_kept=pl.col("balance_on").is_not_null(),
        )
        found = {
            source: self._ask(q, [s for s in specs if s.source == source], cells)
            for source in dict.fromkeys(spec.source for spec in specs)
        }
        keys = [*group_columns(q), "start"]
        seen = [frame.select(keys) for frame in found.values()]
        due = {
            is_balance: list_groups(
                q, balance_cells if is_balance else flow_cells, self._dimensions, seen
            ).select(*keys, "status")
            for is_balance in {spec.is_balance for spec in specs}
        }
        parts = [
            complete_quantile(q, spec, found[spec.source].lazy(), due[False].lazy())
            if spec.quantile is not None
            else _complete(q, spec, found[spec.source].lazy(), due[spec.is_balance].lazy(), keys)
            for spec in specs
        ]
        return _lay_out(q, pl.concat(parts), cells.lazy()).collect()

    def _ask(self, q: MetricQuery, specs: list[MetricSpec], cells: pl.DataFrame) -> pl.DataFrame:
        """The groups of one semantic model that have rows: group columns, start, metrics."""
        if specs[0].quantile is not None:
            variables = self._set_variables(q, cells, is_balance=False)
            return ask_quantiles(self._snapshot, q, specs, variables)
        names = {s.name for s in specs} | {s.numerator for s in specs}
        names |= {s.denominator for s in specs if s.denominator is not None}
        time = None if q.grain is None else f"metric_time__{q.grain}"
        groups = [_ENGINE_NAMES[name] for name in q.by if name in _ENGINE_NAMES]
        variables = self._set_variables(q, cells, is_balance=specs[0].is_balance)
        shape = Shape(
            metrics=tuple(sorted(names)),
            group_by=(*sorted(name for name, _ in groups), *([] if time is None else [time])),
            filters=_list_filters(variables),
        )
        answer = self._snapshot.run(self._compiler.compile(shape), variables)
        start = pl.lit(cells["start"].min()) if time is None else pl.col(time)
        answer = answer.select(
            *(pl.col(engine_name).alias(column) for engine_name, column in groups),
            start.cast(pl.Date).alias("start"),
            *sorted(names),
        )
        if "unit" in q.by:
            answer = answer.join(self._unit_names, on=_UNIT, how="left")
        return answer.filter(pl.any_horizontal(pl.col(sorted(names)).is_not_null()))

    def _set_variables(
        self, q: MetricQuery, cells: pl.DataFrame, *, is_balance: bool
    ) -> dict[str, Value]:
        variables: dict[str, Value] = {"mc_definition": q.definition}
        if is_balance:
            ends = cast("list[date]", cells["balance_on"].drop_nulls().to_list())
            variables["mc_ends"] = ends or [_NEVER]
        else:
            variables["mc_from"] = cast("date | None", cells["first_on"].min()) or _NEVER
            variables["mc_to"] = cast("date | None", cells["last_on"].max()) or _NEVER
        if q.units:
            mine = self._dimensions.units.filter(pl.col("unit_code").is_in(q.units))
            variables["mc_units"] = cast("list[str]", mine[_UNIT].to_list())
        if q.level is not None:
            variables["mc_level"] = q.level
        asked = {"mc_fields": q.fields, "mc_procedures": q.procedures, "mc_channels": q.channels}
        return variables | {name: list(values) for name, values in asked.items() if values}


def _list_filters(variables: dict[str, Value]) -> tuple[str, ...]:
    """The conditions that go with the variables set."""
    period = "mc_period" if "mc_from" in variables else "mc_ends"
    optional = ("mc_units", "mc_level", "mc_fields", "mc_procedures", "mc_channels")
    return (period, *(name for name in optional if name in variables))


def _complete(
    q: MetricQuery, spec: MetricSpec, found: pl.LazyFrame, due: pl.LazyFrame, keys: list[str]
) -> pl.LazyFrame:
    """One metric for every group due and every group with rows."""
    denominator = (
        pl.lit(None, dtype=pl.Int64)
        if spec.denominator is None
        else pl.col(spec.denominator).cast(pl.Int64)
    )
    rows = found.select(
        *keys,
        numerator=pl.col(spec.numerator).cast(pl.Int64),
        denominator=denominator,
        value=pl.col(spec.name).cast(pl.Float64),
        is_found=pl.lit(value=True),
    ).filter(pl.col("numerator").is_not_null())
    whole = due.join(rows, on=keys, how="full", coalesce=True, nulls_equal=True)
    is_zero = pl.col("is_found").is_null() & pl.col("status").is_null()
    zero = pl.when(is_zero).then(0)
    return whole.select(
        pl.lit(spec.name).alias("metric"),
        pl.lit(q.definition if spec.has_definition else None, dtype=pl.String).alias("definition"),
        *keys,
        numerator=pl.coalesce("numerator", zero).cast(pl.Int64),
        denominator=(
            pl.col("denominator")
            if spec.denominator is None
            else pl.coalesce("denominator", zero).cast(pl.Int64)
        ),
        value=(
            pl.coalesce("value", zero).cast(pl.Float64)
            if spec.denominator is None
            else pl.col("value")
        ),
        status=pl.when(pl.col("is_found").is_null()).then(pl.col("status")),
    )


def _lay_out(q: MetricQuery, answer: pl.LazyFrame, cells: pl.LazyFrame) -> pl.LazyFrame:
    """Name the cells, order rows and columns."""
    columns = list[str]()
    for name in q.by:
        columns += [name] if name == q.grain else group_columns(q, only=(name,))
    labels = cells.select("start", pl.col("label").alias(q.grain or "label"))
    order = {name: position for position, name in enumerate(dict.fromkeys(q.metrics))}
    rank = pl.col("metric").replace_strict(order, return_dtype=pl.Int64)
    return (
        answer.join(labels, on="start", how="left")
        .sort(rank, *columns, nulls_last=True)
        .select("metric", "definition", *columns, "numerator", "denominator", "value", "status")
    )
