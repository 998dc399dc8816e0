"""What the estimators are given, read from the warehouse or from a snapshot in the same words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from pipelines.effects.costs import add_costs
from pipelines.network.units import BEGINNING, END, SHOP_LEVELS
from pipelines.serving.metrics.snapshot import Value

Ask = Callable[[str, dict[str, Value]], pl.DataFrame]
"""Runs one statement on the catalog `motcua` with variables set for it alone."""

# in an order of its own, so that sums of floating numbers come out alike
_PANEL = """
select * from motcua.imp_panel
where month_on <= getvariable('mc_to')
order by month_on, unit_key, level, procedure_code
"""
_CHANGES = """
select change_id, kind, effective_on, date_is_assumed, from_key, to_key, share,
    former.unit_name_vi as name_vi, latter.unit_name_vi as to_name_vi
from motcua.dim_unit_change as change
inner join motcua.dim_unit as former on change.from_key = former.unit_key
inner join motcua.dim_unit as latter on change.to_key = latter.unit_key
order by effective_on, change_id
"""
_UNITS = """
select unit_key, unit_code, unit_valid_from, unit_valid_to, unit_name_vi, level, unit_type,
    parent_code, district_code, district_name_vi
from motcua.dim_unit
order by unit_key
"""
_WORKING_DAYS = """
select day_on from motcua.dim_calendar
where is_working_day and day_on between getvariable('mc_from') and getvariable('mc_to')
order by day_on
"""
_TIMES = """
select count(*) as timed_n, quantile_cont(working_minutes / full_day_minutes, {levels}) as days
from motcua.fct_dossier
where state = 'resolved' and working_minutes is not null and full_day_minutes > 0
    and finished_at >= getvariable('mc_from')
    and finished_at < getvariable('mc_to') + interval 1 day
    and unit_key in (select unnest(getvariable('mc_units')))
"""


@dataclass(frozen=True)
class Given:
    """The frames of an estimate: see `pipelines.analysis.estimate_impacts`.

    `calendar` (working days) and `costs` make the shops by month, which depend on the changes.
    """

    panel: pl.DataFrame
    changes: pl.DataFrame
    unit_rows: pl.DataFrame
    calendar: pl.DataFrame
    costs: pl.DataFrame
    as_of: date

    @property
    def units(self) -> pl.DataFrame:
        """The units with `shop_folded_on`, the day on which a shop merger took their counter."""
        folded = (
            self.changes.filter(pl.col("kind") == "shop_merger")
            .group_by(unit_key="from_key")
            .agg(shop_folded_on=pl.col("effective_on").min())
        )
        return self.unit_rows.join(folded, on="unit_key", how="left", maintain_order="left")

    @property
    def shops(self) -> pl.DataFrame:
        """One row per month and unit with a counter of its own: unit_key, month_on, open_days_n
        (working days on which it had it), cost (of the month, null where none is said)."""
        own = self.units.filter(pl.col("level").is_in(SHOP_LEVELS)).with_columns(
            opens_on=pl.col("unit_valid_from").fill_null(BEGINNING),
            closes_on=pl.min_horizontal(
                pl.col("unit_valid_to").fill_null(END),
                pl.col("shop_folded_on").dt.offset_by("-1d"),
            ),
        )
        days = own.join_where(
            self.calendar,
            pl.col("day_on") >= pl.col("opens_on"),
            pl.col("day_on") <= pl.col("closes_on"),
        )
        by_month = days.group_by(
            "unit_key", "unit_code", "level", month_on=pl.col("day_on").dt.truncate("1mo")
        ).agg(open_days_n=pl.len().cast(pl.Int64))
        costed = add_costs(by_month.sort("unit_key", "month_on"), self.costs)
        return costed.select("unit_key", "month_on", "open_days_n", "cost")


def ask_of(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Ask the warehouse that is open as `motcua`."""

    def ask(sql: str, variables: dict[str, Value]) -> pl.DataFrame:
        cursor = connection.cursor()
        try:
            for name, value in variables.items():
                cursor.execute(f"set variable {name} = ?", [value])
            return pl.DataFrame(cursor.sql(sql).to_arrow_table())
        finally:
            cursor.close()

    return ask


def read_given(ask: Ask, costs: pl.DataFrame, as_of: date) -> Given:
    """Everything but the quantiles, up to the day that the data speaks of."""
    panel = ask(_PANEL, {"mc_to": as_of})
    first = panel["month_on"].min()
    calendar = ask(
        _WORKING_DAYS, {"mc_from": first if isinstance(first, date) else as_of, "mc_to": as_of}
    )
    return Given(panel, ask(_CHANGES, {}), ask(_UNITS, {}), calendar, costs, as_of)


@dataclass(frozen=True)
class Times:
    """Quantiles of the working days to finish, asked of the dossiers themselves."""

    ask: Ask

    def __call__(
        self, unit_keys: Sequence[str], first_on: date, last_on: date, levels: Sequence[float]
    ) -> tuple[int, list[float]]:
        """How many dossiers of these units were resolved on these inclusive days with a known
        working time, and the quantiles of their days at `levels`; (0, []) where there is none."""
        listed = ", ".join(f"{float(level)!r}" for level in levels)
        row = self.ask(
            _TIMES.format(levels=f"[{listed}]"),
            {"mc_units": list(unit_keys), "mc_from": first_on, "mc_to": last_on},
        ).row(0)
        return int(row[0]), list(row[1] or ())
