"""The true figures, by the generator's own flags: what the product must find out by itself.

Rows of metric by definition by unit (the one that received, as it was) by month. Balances stand at
the end of the month's last day, in the last month at the end of the simulated time, with what
is known then. Rows in which everything is 0 are absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.simulator.course import ONLINE, REFUSED, RESOLVED, STOPPED, WITHDRAWN
from pipelines.simulator.plan import DIGITS_ALL, DIGITS_FIRST, ELECTRONIC

_SCHEMA = {
    "metric": pl.String,
    "definition": pl.String,
    "unit": pl.Int32,
    "month": pl.Int32,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
}


@dataclass(frozen=True)
class Told:
    """A part that is told: its true figures, what traps took of them, what was planted."""

    truth: pl.DataFrame
    lost: pl.DataFrame | None = None
    planted: pl.DataFrame | None = None


_CLASSES = ("early", "on_time", "late", "no_due_date")


def month_number(moment: pl.Expr) -> pl.Expr:
    """Months since year 0."""
    return moment.dt.year() * 12 + moment.dt.month().cast(pl.Int32) - 1


def true_rows(plan: pl.DataFrame, bears_result: pl.Series, until: date) -> pl.DataFrame:
    """metric, definition, unit, month (number), numerator, denominator of a part of the plan.

    `bears_result` says of each row of the catalogue whether its procedures yield a result.
    """
    facts = plan.filter(pl.col("accepted").is_not_null()).with_columns(
        bears=bears_result.cast(pl.Boolean)[
            plan.filter(pl.col("accepted").is_not_null())["procedure"]
        ]
    )
    digitized = pl.col("digits").is_in([DIGITS_ALL, DIGITS_FIRST])
    received = _by(facts, "accepted", {
        "received": pl.len(),
        "digitized": digitized.sum(),
        "online": (pl.col("channel") == ONLINE).sum(),
    })  # fmt: skip
    resolved = facts.filter((pl.col("outcome") == RESOLVED) & pl.col("closed").is_not_null())
    if "is_procedure_unknown" in plan.columns:  # whether a result is due is then unknown too
        resolved = resolved.with_columns(bears=pl.col("bears") & ~pl.col("is_procedure_unknown"))
    results = _by(resolved.filter("bears"), "closed", {
        "due": pl.len(), "electronic": (pl.col("result") == ELECTRONIC).sum(),
    })  # fmt: skip
    rows = [
        _row(received, "received", "received"),
        _row(received, "digitization_rate", "digitized", "received"),
        _row(received, "online_rate", "online", "received"),
        _row(_by(resolved, "closed", {"n": pl.len()}), "resolved", "n"),
        _row(results, "e_result_rate", "electronic", "due"),
    ]
    for outcome, metric in ((WITHDRAWN, "withdrawn"), (REFUSED, "refused"), (STOPPED, "stopped")):
        ended = facts.filter((pl.col("outcome") == outcome) & pl.col("closed").is_not_null())
        rows.append(_row(_by(ended, "closed", {"n": pl.len()}), metric, "n"))
    for definition, by_date in (("ii06a", True), ("instant", False)):
        rows += _class_rows(resolved, definition, by_date=by_date)
    rows += _balance_rows(facts, until)
    return pl.concat(rows)


def _by(facts: pl.DataFrame, anchor: str, counts: dict[str, pl.Expr]) -> pl.DataFrame:
    return facts.group_by("unit", month=month_number(pl.col(anchor))).agg(
        expression.cast(pl.Int64).alias(name) for name, expression in counts.items()
    )


def _row(
    counted: pl.DataFrame,
    metric: str,
    numerator: str,
    denominator: str | None = None,
    definition: str | None = None,
) -> pl.DataFrame:
    over = pl.lit(None) if denominator is None else pl.col(denominator)
    shown = pl.col(numerator) > 0 if denominator is None else pl.col(denominator) > 0
    return (
        counted.filter(shown)
        .select(
            pl.lit(metric).alias("metric"),
            pl.lit(definition, dtype=pl.String).alias("definition"),
            "unit",
            "month",
            pl.col(numerator).alias("numerator"),
            over.cast(pl.Int64).alias("denominator"),
        )
        .with_columns(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
    )


def _class_rows(resolved: pl.DataFrame, definition: str, *, by_date: bool) -> list[pl.DataFrame]:
    finish, due = pl.col("closed"), pl.col("due_last")
    if by_date:
        finish, due = finish.dt.date(), due.dt.date()
    counts = {
        "early": (finish < due).fill_null(value=False).sum(),
        "on_time": (finish == due).fill_null(value=False).sum(),
        "late": (finish > due).fill_null(value=False).sum(),
        "no_due_date": pl.col("due_last").is_null().sum(),
        "resolved": pl.len(),
    }
    counted = _by(resolved, "closed", counts).with_columns(
        early_or_on_time=pl.col("early") + pl.col("on_time")
    )
    rows = [_row(counted, name, name, definition=definition) for name in _CLASSES]
    rows += [
        _row(counted, f"{name}_rate", name, "resolved", definition)
        for name in ("early", "on_time", "late", "early_or_on_time")
    ]
    return rows


def _balance_rows(facts: pl.DataFrame, until: date) -> list[pl.DataFrame]:
    """open, waiting, overdue: months at whose end a dossier is in that state, as intervals."""
    last = until.year * 12 + until.month - 1
    never = pl.lit(last + 1, dtype=pl.Int32)
    cut = pl.lit(until + timedelta(days=1)).cast(pl.Datetime("ms"))

    def at(moment: pl.Expr) -> pl.Expr:
        return pl.when(moment < cut).then(month_number(moment)).otherwise(never).cast(pl.Int32)

    past_due = pl.col("due_last").dt.truncate("1d") + timedelta(days=1)
    lives = facts.with_columns(begin=at(pl.col("accepted")), end=at(pl.col("closed")))
    is_past_due = pl.max_horizontal("begin", at(past_due))
    changes = {
        "open": [_interval(lives, pl.col("begin"), pl.col("end"), 1)],
        "waiting": list[pl.DataFrame](),
        "overdue": [_interval(lives, is_past_due, pl.col("end"), 1)],
    }
    for number in (1, 2):
        waiting = lives.filter(pl.col(f"wait{number}") > 0)
        begin = at(pl.col(f"wait{number}_from"))
        end = pl.min_horizontal(at(pl.col(f"wait{number}_to")), pl.col("end"))
        changes["waiting"].append(_interval(waiting, begin, end, 1))
        excused = pl.max_horizontal(begin, is_past_due)
        changes["overdue"].append(_interval(waiting, excused, end, -1))
    return [_row(_running(parts, last), metric, "n") for metric, parts in changes.items()]


def _interval(lives: pl.DataFrame, begin: pl.Expr, end: pl.Expr, sign: int) -> pl.DataFrame:
    """The changes of a balance: `sign` at the month of begin, its opposite at that of end."""
    spans = lives.select("unit", begin=begin, end=end).filter(pl.col("begin") < pl.col("end"))
    return pl.concat(
        [
            spans.select("unit", pl.col("begin").alias("month"), pl.lit(sign).alias("n")),
            spans.select("unit", pl.col("end").alias("month"), pl.lit(-sign).alias("n")),
        ]
    )


def _running(parts: Iterable[pl.DataFrame], last: int) -> pl.DataFrame:
    """The running sum of changes for every unit and month up to `last`."""
    changes = pl.concat(list(parts)).group_by("unit", "month").agg(pl.col("n").cast(pl.Int64).sum())
    if changes.is_empty():
        return changes
    first = changes.select(pl.col("month").min()).item()
    months = pl.DataFrame({"month": range(first, last + 1)}, schema={"month": pl.Int32})
    return (
        changes.select(pl.col("unit").unique())
        .join(months, how="cross")
        .join(changes, on=["unit", "month"], how="left")
        .sort("unit", "month")
        .with_columns(pl.col("n").fill_null(0).cum_sum().over("unit"))
    )


def truth_document(
    told: Sequence[Told], units: pl.DataFrame, *, dossiers: int, seed: int, until: date
) -> dict[str, object]:
    """The content of `truth.json`; units seen in several parts are added up.

    `rows` are the figures of what happened; `lost` what traps took of them, to be subtracted;
    `planted` says which trap stands where.
    """
    lost = [part.lost for part in told if part.lost is not None]
    planted = [part.planted for part in told if part.planted is not None]
    return {
        "synthetic": True,
        "seed": seed,
        "dossiers": dossiers,
        "until": until.isoformat(),
        "rows": _document_rows([part.truth for part in told], units),
        "lost": _document_rows(lost, units),
        "planted": planted_rows(planted),
    }


def planted_rows(parts: Sequence[pl.DataFrame]) -> list[dict[str, object]]:
    """The planted traps as rows; moments as ISO text."""
    if not parts:
        return []
    moments = ("accepted", "due_last", "closed")
    return (
        pl.concat(parts)
        .sort("trap", "dossier_code")
        .with_columns(pl.col(*moments).dt.strftime("%Y-%m-%dT%H:%M:%S"))
        .to_dicts()
    )


def _document_rows(parts: Sequence[pl.DataFrame], units: pl.DataFrame) -> list[dict[str, object]]:
    if not parts:
        return []
    month = pl.col("month")
    return (
        pl.concat(parts)
        .group_by("metric", "definition", "unit", "month")
        .agg(
            pl.col("numerator").sum(),
            pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()),
        )
        .join(units.select(pl.col("unit").cast(pl.Int32), "unit_code", "valid_from"), on="unit")
        .sort("metric", "definition", "unit", "month", nulls_last=False)
        .select(
            "metric",
            "definition",
            "unit_code",
            pl.col("valid_from").alias("unit_valid_from"),
            pl.format(
                "{}-{}",
                (month // 12).cast(pl.String),
                (month % 12 + 1).cast(pl.String).str.zfill(2),
            ).alias("month"),
            "numerator",
            "denominator",
        )
        .to_dicts()
    )
