"""The report: figures of complete months as published by a day, beside those published now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from pipelines.serving.as_of import Reporter, open_as_published
from pipelines.serving.calendar_periods import CalendarPeriod
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.metrics.boundaries import named_units
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.publish import HEADLINES, network_hash, rules_hash
from pipelines.serving.restatement.cause import Cause, Rules
from pipelines.serving.restatement.split import KEYS, PARTS, split_differences
from pipelines.serving.restatement.wording import say_restated
from pipelines.serving.snapshot import Snapshot, current_snapshot
from pipelines.settings import Settings
from pipelines.warehouse.as_of import Moment
from pipelines.warehouse.lock import WarehouseError, writer_lock
from pipelines.warehouse.tables import connect_writer

_SAID = """
select metric, definition, period, unit_code, unit_valid_from, numerator, denominator
from log.published_figure where form is null and published_at < $1
qualify row_number() over (
    partition by metric, definition, period, unit_code, unit_valid_from
    order by published_at desc, snapshot desc) = 1
"""
_LAST = """
select published_at, rules_hash, network_hash from log.published_figure
where form is null and published_at < $1
order by published_at desc, snapshot desc limit 1
"""
_RULES = "select key, value from motcua.meta where key in ('rules_hash', 'network_hash')"
_UNITS = "select unit_key, unit_code, unit_valid_from, unit_name_vi from motcua.dim_unit"


class RestatementError(WarehouseError):
    """There is nothing to compare, or it cannot be compared; one line that says why."""


@dataclass(frozen=True)
class Restatement:
    """What differs between the figures published by `published_at` and those of `snapshot`.

    `rows` has unit, metric, definition, period, `then`, `now`, `difference`, its parts
    (`late_data` and one of the causes) and a sentence in `vi` and `en`.
    """

    published_at: datetime
    snapshot: str
    as_of: date
    cause: Cause
    rows: pl.DataFrame


def restate(
    config: Settings,
    since: date,
    *,
    units: Sequence[str] = (),
    metrics: Sequence[str] = (),
    period: CalendarPeriod | None = None,
    report: Reporter,
) -> Restatement:
    """What changed since a day in the months that were complete when published by then.

    `units` are codes or keys (`code@first day`); empty means every one, so do `metrics`. Raises
    `RestatementError`, `NothingKnownError`, `NoSnapshotError`.
    """
    foreign = sorted(set(metrics) - set(HEADLINES))
    if foreign:
        raise RestatementError(
            f"{foreign[0]}: is not among the figures kept of each publication:"
            f" {', '.join(HEADLINES)}"
        )
    current = current_snapshot(config.serving_dir)
    today = Rules(rules_hash(), network_hash())
    with closing(SealedSnapshot(current.file)) as sealed:
        under = dict(sealed.run(_RULES).iter_rows())
        known = sealed.run(_UNITS)
    if Rules(under.get("rules_hash", ""), under.get("network_hash")) != today:
        raise RestatementError(
            "the rules have changed since the last publication: run `motcua run` first"
        )
    published_at, before, then = _read_said(config, since)
    cause = before.changed_to(today)
    held = open_as_published(config, Moment.of_publication(published_at), report)
    between, complete = _ask(held)
    now, as_of = _ask(current)
    rows = split_differences(then, between, now, cause)
    last_day = pl.col("period").str.to_date("%Y-%m", strict=False).dt.month_end()
    chosen = rows.filter(last_day <= complete)
    if period is not None:
        chosen = chosen.filter(last_day.is_between(period.first_on, period.last_on))
    if metrics:
        chosen = chosen.filter(pl.col("metric").is_in(metrics))
    if units:
        named = named_units(units, known).select("unit_code", "unit_valid_from")
        on = ["unit_code", "unit_valid_from"]
        chosen = chosen.join(named, on=on, how="semi", nulls_equal=True)
    return Restatement(published_at, current.version, as_of, cause, _say(chosen, current, known))


def _read_said(config: Settings, since: date) -> tuple[datetime, Rules, pl.DataFrame]:
    """When something was last published by the end of a day, its rules, and what stood then."""
    file = config.warehouse_file
    if not file.exists():
        raise RestatementError("there is no warehouse: nothing of what was published is known")
    with writer_lock(file, "reading what was published"):
        connection = connect_writer(file)
        try:
            end = since + timedelta(days=1)
            last = connection.execute(_LAST, [end]).fetchall()
            if not last:
                raise RestatementError(f"nothing had been published by the end of {since}")
            published_at, rules, network = last[0]
            said = connection.sql(_SAID, params=[end]).pl()
        finally:
            connection.close()
    return published_at, Rules(rules, network), said.filter(pl.col("metric").is_in(HEADLINES))


def _ask(snapshot: Snapshot) -> tuple[pl.DataFrame, date]:
    """The headline figures of a snapshot by unit and month, and the last day it speaks of."""
    with closing(MetricLayer.open(snapshot.file)) as layer:
        rows = layer.query(MetricQuery(HEADLINES, by=("unit", "month")))
        figures = rows.rename({"month": "period"}).select(*KEYS, "numerator", "denominator")
        return figures, layer.as_of


def _say(rows: pl.DataFrame, current: Snapshot, known: pl.DataFrame) -> pl.DataFrame:
    with closing(MetricLayer.open(current.file)) as layer:
        specs = layer.registry()
    keys = ["unit_code", "unit_valid_from"]
    named = rows.join(known.drop("unit_key"), on=keys, how="left", nulls_equal=True)
    words = [
        say_restated(
            row,
            str(row["unit_name_vi"] or row["unit_code"]),
            (specs[row["metric"]].label_vi, specs[row["metric"]].label_en),
            is_share=row["metric"].endswith("_rate"),
        )
        for row in named.iter_rows(named=True)
    ]
    sentences = pl.DataFrame(words, schema={"vi": pl.String, "en": pl.String}, orient="row")
    return pl.concat([named, sentences], how="horizontal").select(
        "unit_code", "unit_valid_from", "unit_name_vi", "metric", "definition", "period",
        then_numerator="numerator", then_denominator="denominator", then="then",
        now_numerator="numerator_now", now_denominator="denominator_now", now="now",
        difference="difference", **{name: pl.col(name) for name in PARTS},
        vi="vi", en="en",
    )  # fmt: skip
