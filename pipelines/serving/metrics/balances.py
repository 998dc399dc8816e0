"""Balances at the end of any day: those the marts keep, else the ledger summed up to the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

AskEnds = Callable[[list[date]], pl.DataFrame]
AskChanges = Callable[[date], pl.DataFrame]


def ask_balances(
    cells: pl.DataFrame,
    kept: frozenset[date],
    groups: list[str],
    names: list[str],
    *,
    ask_ends: AskEnds,
    ask_changes: AskChanges,
) -> pl.DataFrame:
    """The balances at the last day of every cell: `groups`, start, and a column for each name.

    `cells` has start, first_on and last_on. `ask_ends` answers for days that are kept,
    `ask_changes` with the changes of every day up to one; both give `groups`, day and the names.
    A group without rows has nothing left.
    """
    ends = cells.filter(pl.col("first_on") <= pl.col("last_on")).select("start", day="last_on")
    days: list[date] = ends["day"].to_list()
    parts = list[pl.DataFrame]()
    if stored := [day for day in days if day in kept]:
        parts.append(ask_ends(stored))
    if others := [day for day in days if day not in kept]:
        parts.append(_sum_up(ask_changes(max(others)), others, groups, names))
    if not parts:
        parts.append(ask_ends([]))
    answer = pl.concat(
        [part.select(*groups, "day", *(pl.col(n).cast(pl.Int64) for n in names)) for part in parts]
    )
    return answer.join(ends, on="day").select(*groups, "start", *names)


def _sum_up(
    changes: pl.DataFrame, days: list[date], groups: list[str], names: list[str]
) -> pl.DataFrame:
    """The running sum of changes at each of the days, for every group."""
    asked = pl.DataFrame({"day": sorted(days)}, schema={"day": pl.Date})
    members = changes.select(groups).unique() if groups else pl.DataFrame({"all": [1]})
    members = members.with_row_index("group_n")
    keyed = (
        changes.join(members, on=groups, nulls_equal=True)
        if groups
        else changes.join(members, how="cross")
    )
    running = (
        keyed.sort("day")
        .with_columns(pl.col(name).cast(pl.Int64).fill_null(0) for name in names)
        .with_columns(pl.col(name).cum_sum().over("group_n") for name in names)
    )
    return (
        members.join(asked, how="cross")
        .sort("day")
        .join_asof(
            running.select("group_n", "day", *names), on="day", by="group_n", check_sortedness=False
        )
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
    )
