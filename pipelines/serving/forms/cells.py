"""The counts of form II.06a by level and field, asked of the metric layer, and their identities.

The columns of the form (domain §4): (3) received_total = (4) received_online +
(5) received_direct_postal + (6) carried_in; (7) resolved_total = (8) resolved_early +
(9) resolved_on_time + (10) resolved_late; (11) open_total = (12) open_within +
(13) open_overdue; and (3) = (7) + (11).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.serving.forms.periods import Period
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.metrics.boundaries import Boundaries

DEFINITION = "ii06a"
COLUMNS = (
    "received_total",
    "received_online",
    "received_direct_postal",
    "carried_in",
    "resolved_total",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "open_total",
    "open_within",
    "open_overdue",
)
"""Columns (3) to (13) of the form, in its order."""

FOOTNOTED = ("withdrawn", "refused", "stopped", "no_due_date")
"""Dossiers that the vendor rule puts in column (9); the form says how many there are."""

COUNTS = (*COLUMNS, *FOOTNOTED)
UNIT = ("unit_code", "unit_valid_from")
CELL = ("level", "field_code")

_ONLINE, _OTHER_CHANNELS = ("2",), ("1", "3")
_FLOWS = ("received", "resolved", "early", "on_time", "late", *FOOTNOTED)
_IDENTITIES = (
    ("(3) = (4) + (5) + (6)", "received_total",
     ("received_online", "received_direct_postal", "carried_in")),
    ("(7) = (8) + (9) + (10)", "resolved_total",
     ("resolved_early", "resolved_on_time", "resolved_late")),
    ("(11) = (12) + (13)", "open_total", ("open_within", "open_overdue")),
    ("(3) = (7) + (11)", "received_total", ("resolved_total", "open_total")),
)  # fmt: skip


class FormError(ValueError):
    """A form that cannot be given, or whose figures contradict each other; one sentence."""


def count_cells(
    layer: MetricLayer,
    period: Period,
    *,
    unit_key: str | None = None,
    by_unit: bool = False,
    boundaries: Boundaries = "as_was",
) -> pl.DataFrame:
    """The counts of a period by level and field, only cells with anything in them.

    Columns: unit_code and unit_valid_from (only `by_unit`), level, field_code, `COUNTS`
    (int64). `unit_key` asks for one unit exactly (`CODE@first day`); on today's boundaries it has
    what its predecessors had, also what they carried in. Balances stand at the end of
    the day before the period and at the end of its last day, or of the data's own last day
    where that is earlier. Raises `FormError` where an identity of the form does not hold.
    """
    keys = [*(UNIT if by_unit else ()), *CELL]
    by = (*(("unit",) if by_unit else ()), "level", "field")

    def ask(
        names: tuple[str, ...],
        first: date | None,
        last: date,
        channels: tuple[str, ...] = (),
        **renamed: str,
    ) -> pl.DataFrame:
        answer = layer.query(
            MetricQuery(
                names,
                by=by,
                units=() if unit_key is None else (unit_key,),
                date_from=first,
                date_to=last,
                definition=DEFINITION,
                channels=channels,
                boundaries=boundaries,
            )
        )
        wide = answer.pivot("metric", index=keys, values="numerator")
        missing = [pl.lit(0, dtype=pl.Int64).alias(n) for n in names if n not in wide.columns]
        return wide.with_columns(missing).select(*keys, *names).rename(renamed)

    end = min(period.last_on, layer.as_of)
    parts = [
        ask(_FLOWS, period.first_on, period.last_on),
        ask(("received",), period.first_on, period.last_on, _ONLINE, received="received_online"),
        ask(
            ("received",), period.first_on, period.last_on, _OTHER_CHANNELS,
            received="received_direct_postal",
        ),
        ask(("open",), None, period.day_before, open="carried_in"),
        ask(("open", "overdue"), None, end, open="open_total", overdue="open_overdue"),
    ]  # fmt: skip
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, on=keys, how="full", coalesce=True, nulls_equal=True)
    cells = _place(joined).select(*keys, *COUNTS).filter(pl.any_horizontal(pl.col(COUNTS) != 0))
    check_identities(cells, period.word)
    return cells.sort(keys, nulls_last=True)


def check_identities(cells: pl.DataFrame, period: str) -> None:
    """Raise `FormError` for the first cell whose columns contradict each other.

    The message names period, unit, level, field and identity.
    """
    checks = [
        (pl.col(total) != pl.sum_horizontal(parts), name) for name, total, parts in _IDENTITIES
    ]
    checks += [(pl.col(column) < 0, f"{column} ≥ 0") for column in COUNTS]
    for is_broken, name in checks:
        broken = cells.filter(is_broken)
        if broken.height:
            row = broken.row(0, named=True)
            unit = f"unit {row['unit_code']}, " if "unit_code" in row else ""
            raise FormError(
                f"form {DEFINITION} of {period}: {unit}level {row['level']}, field"
                f" {row['field_code']}: {name} does not hold ({broken.height} cells)"
            )


def _place(joined: pl.DataFrame) -> pl.DataFrame:
    """Put every dossier in its column by the state table of domain §4 (vendor rule for (9))."""
    counts = [name for name, dtype in joined.schema.items() if dtype == pl.Int64]
    closed_otherwise = pl.sum_horizontal("withdrawn", "refused", "stopped")
    return joined.with_columns(pl.col(counts).fill_null(0)).with_columns(
        received_total=pl.col("received") + pl.col("carried_in"),
        resolved_total=pl.col("resolved") + closed_otherwise,
        resolved_early=pl.col("early"),
        resolved_on_time=pl.col("on_time") + pl.col("no_due_date") + closed_otherwise,
        resolved_late=pl.col("late"),
        open_within=pl.col("open_total") - pl.col("open_overdue"),
    )
