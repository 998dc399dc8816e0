"""The metric layer of one snapshot: ask, and get every group asked for in long form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from pipelines.serving.metrics import computed
from pipelines.serving.metrics.balances import ask_balances
from pipelines.serving.metrics.boundaries import (
    Boundaries,
    last_change_on,
    list_units,
    named_units,
)
from pipelines.serving.metrics.cells import list_cells
from pipelines.serving.metrics.engine import FILTERS, Shape, compiler_of
from pipelines.serving.metrics.groups import group_columns, list_groups
from pipelines.serving.metrics.quantiles import ask_quantiles, complete_quantile
from pipelines.serving.metrics.query import MetricQuery, check_query
from pipelines.serving.metrics.registry import Definition, MetricSpec, Registry, read_registry
from pipelines.serving.metrics.snapshot import SealedSnapshot, Value

_NEVER = date.max
_EVER = date(1, 1, 1)
_UNIT = "unit_key"
_ENGINE_NAMES = {
    "unit": ("unit", _UNIT),
    "level": ("level", "level"),
    "district": ("unit__district_code", "district_code"),
    "field": ("field", "field_code"),
    "procedure": ("procedure", "procedure_code"),
    "channel": ("channel", "channel"),
    "class_from": ("class_from", "class_from"),
    "class_to": ("class_to", "class_to"),
}
_ENGINE_NAMES_TODAY = _ENGINE_NAMES | {
    "unit": ("today_unit", _UNIT),
    "district": ("today_unit__district_code", "district_code"),
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
        self._compiler = compiler_of(manifest)
        self._dimensions = snapshot.read_dimensions()
        self._kept = frozenset(self._dimensions.balance_days)
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
    def definitions(self) -> dict[str, Definition]:
        """The deadline definitions this snapshot has, by id, the one of the form first."""
        return self._registry.definitions

    @property
    def as_of(self) -> date:
        """The last day the data speaks of."""
        return self._dimensions.as_of

    def list_units(self, boundaries: Boundaries) -> pl.DataFrame:
        """The units a series may be asked of, as `boundaries.list_units` gives them."""
        return list_units(boundaries, self._dimensions)

    @property
    def boundaries_from(self) -> date | None:
        """The day from which today's boundaries are in force; after `as_of` they are planned."""
        return last_change_on(self._dimensions.successors)

    def query(self, q: MetricQuery) -> pl.DataFrame:
        """Answer in long form, metrics in the order asked, groups sorted.

        Columns: metric, definition (null where it does not matter), those of `q.by`,
        numerator and denominator (int64; denominator null for counts), value (float: a count,
        or a fraction 0-1, null over nothing), status. A group without rows is 0, or null with
        the reason: `unit_ended`, `nothing_known` (before the data begins), `not_in_definition`
        (a class the definition does not have) or `period_incomplete` (a definition by periods,
        asked for a part of one). Raises `MetricQueryError`.
        """
        check_query(q, self._registry, self._dimensions)
        specs = [self._registry.specs[name] for name in dict.fromkeys(q.metrics)]
        cells = list_cells(q, self._dimensions)
        found = {
            source: self._ask(q, [s for s in specs if s.source == source], cells)
            for source in dict.fromkeys(spec.source for spec in specs)
        }
        keys = [*group_columns(q), "start"]
        seen = [frame.select(keys) for frame in found.values()]
        due = list_groups(q, cells, self._dimensions, seen).select(*keys, "status").lazy()
        blanks = self._list_blanks(q, cells)
        parts = [
            complete_quantile(q, spec, found[spec.source].lazy(), due)
            if spec.quantile is not None
            else _complete(q, spec, found[spec.source].lazy(), due, keys).pipe(
                _blank, spec, q.definition, blanks
            )
            for spec in specs
        ]
        return _lay_out(q, pl.concat(parts), cells.lazy()).collect()

    def _list_blanks(self, q: MetricQuery, cells: pl.DataFrame) -> list[date]:
        """The cells in which a definition by periods has no value: they are not whole."""
        if not self._registry.definitions[q.definition].periods or q.grain is None:
            return []
        return cells.filter(~pl.col("is_whole"))["start"].to_list()

    def _ask(self, q: MetricQuery, specs: list[MetricSpec], cells: pl.DataFrame) -> pl.DataFrame:
        """The groups of one semantic model that have rows: group columns, start, metrics."""
        if specs[0].quantile is not None:
            return ask_quantiles(self._snapshot, q, specs, cells, self._set_filters(q))
        names = {s.name for s in specs} | {s.numerator for s in specs}
        names |= {s.denominator for s in specs if s.denominator is not None}
        time = None if q.grain is None else f"metric_time__{q.grain}"
        if specs[0].is_balance:
            answer = self._ask_balances(q, sorted(names), cells)
        else:
            first_on = "start" if specs[0].has_periods else "first_on"
            answer = self._run(
                q,
                sorted(names),
                time,
                {
                    "mc_definition": self._name_definition(q, specs[0]),
                    "mc_from": cast("date | None", cells[first_on].min()) or _NEVER,
                    "mc_to": cast("date | None", cells["last_on"].max()) or _NEVER,
                },
            )
            start = pl.lit(cells["start"].min()) if time is None else pl.col("day")
            answer = answer.with_columns(start.cast(pl.Date).alias("start")).select(
                pl.exclude("day")
            )
        if "unit" in q.by:
            answer = answer.join(self._unit_names, on=_UNIT, how="left")
        return answer.filter(pl.any_horizontal(pl.col(sorted(names)).is_not_null()))

    def _name_definition(self, q: MetricQuery, spec: MetricSpec) -> str:
        """The rows of a mart that a definition means: one series for each length of period."""
        has_periods = spec.has_periods and self._registry.definitions[q.definition].periods
        return f"{q.definition}_{q.period}" if has_periods else q.definition

    def _ask_balances(self, q: MetricQuery, names: list[str], cells: pl.DataFrame) -> pl.DataFrame:
        def ask_ends(days: list[date]) -> pl.DataFrame:
            return self._run(q, names, "metric_time__day", {"mc_ends": days or [_NEVER]})

        def ask_changes(last: date) -> pl.DataFrame:
            changes = [f"{name}_change" for name in names]
            period: dict[str, Value] = {"mc_from": _EVER, "mc_to": last}
            answer = self._run(q, changes, "metric_time__day", period)
            return answer.rename(dict(zip(changes, names, strict=True)))

        groups = list(_engine_groups(q).values())
        return ask_balances(
            cells,
            self._kept,
            groups,
            names,
            ask_ends=ask_ends,
            ask_changes=ask_changes,
        )

    def _run(
        self, q: MetricQuery, names: list[str], time: str | None, variables: dict[str, Value]
    ) -> pl.DataFrame:
        """Compile and run: group columns under our names, `day` where time is asked, metrics."""
        variables = variables | self._set_filters(q)
        groups = _engine_groups(q)
        shape = Shape(
            metrics=tuple(names),
            group_by=(*sorted(groups), *([] if time is None else [time])),
            filters=_list_filters(variables),
        )
        answer = self._snapshot.run(self._compiler.compile(shape), variables)
        return answer.select(
            *(pl.col(name).alias(column) for name, column in groups.items()),
            *([] if time is None else [pl.col(time).cast(pl.Date).alias("day")]),
            *names,
        )

    def _set_filters(self, q: MetricQuery) -> dict[str, Value]:
        variables: dict[str, Value] = {}
        if q.units:
            mine = named_units(q.units, list_units(q.boundaries, self._dimensions))
            name = "mc_today_units" if q.boundaries == "today" else "mc_units"
            variables[name] = cast("list[str]", mine[_UNIT].unique(maintain_order=True).to_list())
        if q.level is not None:
            variables["mc_level"] = q.level
        asked = {"mc_fields": q.fields, "mc_procedures": q.procedures, "mc_channels": q.channels}
        return variables | {name: list(values) for name, values in asked.items() if values}


def _engine_groups(q: MetricQuery) -> dict[str, str]:
    """MetricFlow's names of the groups asked for, with ours."""
    names = _ENGINE_NAMES_TODAY if q.boundaries == "today" else _ENGINE_NAMES
    return dict(names[name] for name in q.by if name in names)


def _list_filters(variables: dict[str, Value]) -> tuple[str, ...]:
    """The conditions that go with the variables set."""
    period = "mc_period" if "mc_from" in variables else "mc_ends"
    return (period, *(name for name in FILTERS if name in variables and name != period))


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


def _blank(
    answer: pl.LazyFrame, spec: MetricSpec, definition: str, incomplete: list[date]
) -> pl.LazyFrame:
    """Take away what a definition does not say, and give the reason."""
    if not spec.has_definition:
        return answer
    reason = (
        pl.when(pl.lit(definition in spec.not_in))
        .then(pl.lit("not_in_definition"))
        .when(pl.lit(spec.has_periods) & pl.col("start").is_in(incomplete))
        .then(pl.lit("period_incomplete"))
    )
    return answer.with_columns(
        *(
            pl.when(reason.is_null()).then(pl.col(name)).alias(name)
            for name in ("numerator", "denominator", "value")
        ),
        status=pl.coalesce(reason, "status"),
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
