"""Shop mergers as comparisons: a counter folded into another, beside counters that were not.

The union of a merger is the folded shop with its receiver. It is compared with the district
shops that took nobody in, each with the shop of its district's seat: the same two kinds of
counter, the same procedures, no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipelines.analysis.impact.comparisons import Comparison, Network, Stack, Union, fit_window
from pipelines.analysis.impact.months import Around, Window, first_day
from pipelines.analysis.impact.parameters import ImpactParameters

GROUP = "shop-mergers"
_TOWNS = ("phuong", "thi_tran")


def compare_shop_mergers(
    network: Network, panel: pl.DataFrame, data: tuple[int, int], parameters: ImpactParameters
) -> list[Comparison]:
    """One comparison for each union of merged shops, and one for all that can be estimated."""
    mergers = network.changes.filter(kind="shop_merger").sort("effective_on", "change_id")
    receivers = set(mergers["to_key"].to_list()) | set(mergers["from_key"].to_list())
    singles = [
        _compare_one(network, panel, rows, receivers, data, parameters)
        for _, rows in mergers.group_by("to_key", "effective_on", maintain_order=True)
    ]
    usable = [single for single in singles if single.status == "ok"]
    return singles + ([_compare_group(usable)] if len(usable) > 1 else [])


def _compare_one(
    network: Network,
    panel: pl.DataFrame,
    rows: pl.DataFrame,
    receivers: set[str],
    data: tuple[int, int],
    parameters: ImpactParameters,
) -> Comparison:
    first = rows.row(0, named=True)
    day: date = first["effective_on"]
    around = Around.of(day)
    own = frozenset[str](rows["change_id"].to_list())
    keys = frozenset[str]([*rows["from_key"].to_list(), first["to_key"]])
    folded = ", ".join(rows["name_vi"].to_list())
    union = Union(f"{folded} → {first['to_name_vi']}", keys, 1.0)
    longest = (parameters.before_months, parameters.after_months, parameters.history_months)
    window = fit_window([(around, network.touches(keys, own))], data, longest)
    controls = _find_controls(network, panel, first["to_key"], receivers, around, window)
    return Comparison(
        impact_id=first["change_id"],
        kind="shop_merger",
        effective_on=day,
        date_is_assumed=bool(rows["date_is_assumed"].any()),
        name_vi=union.label,
        name_en=f"{folded} into {first['to_name_vi']}",
        stacks=(Stack(around, (union,), controls),),
        window=window,
        status=window_status(around, window, data, parameters),
    )


def _compare_group(singles: Sequence[Comparison]) -> Comparison:
    """All unions together; those of one day stand in one stack."""
    stacks: dict[Around, list[Stack]] = {}
    for single in singles:
        stacks.setdefault(single.stacks[0].around, []).append(single.stacks[0])
    windows = [single.window for single in singles]
    shared = set[str].intersection(
        *({union.label for union in single.controls} for single in singles)
    )
    return Comparison(
        impact_id=GROUP,
        kind="shop_merger_group",
        effective_on=min(single.effective_on for single in singles),
        date_is_assumed=any(single.date_is_assumed for single in singles),
        name_vi=f"{len(singles)} lần gộp bộ phận một cửa, tính chung",
        name_en=f"{len(singles)} shop mergers taken together",
        stacks=tuple(
            Stack(
                around,
                tuple(stack.treated[0] for stack in parts),
                tuple(union for union in parts[0].controls if union.label in shared),
            )
            for around, parts in stacks.items()
        ),
        window=Window(
            min(window.before for window in windows),
            min(window.after for window in windows),
            min(window.history for window in windows),
        ),
    )


def window_status(
    around: Around, window: Window, data: tuple[int, int], parameters: ImpactParameters
) -> str:
    """Whether the months suffice; a length cut by a later change is short for good."""
    if data[1] < data[0]:
        return "no_data"
    if window.before < parameters.least_before:
        return "too_short_before"
    if window.after >= parameters.least_after:
        return "ok"
    is_cut = data[1] - around.first_after + 1 >= parameters.least_after
    return "too_short_after" if is_cut else "too_early"


def _find_controls(
    network: Network,
    panel: pl.DataFrame,
    receiver: str,
    receivers: set[str],
    around: Around,
    window: Window,
) -> tuple[Union, ...]:
    """Units of the receiver's level without any change in the window, with their seats."""
    day = first_day(around.first_after) - timedelta(days=1)
    units = network.in_force(day)
    level = network.units.filter(unit_key=receiver)["level"].to_list()
    span = (first_day(around.month(-max(window.history, 1))), _end(around, window))
    heads = units.filter(pl.col("level").is_in(level) & ~pl.col("unit_key").is_in(receivers))
    seats = _find_seats(units, panel, heads, receivers, span[0], day)
    found: list[Union] = []
    for key, name in heads.sort("unit_code").select("unit_key", "unit_name_vi").iter_rows():
        keys = frozenset([key, *seats.get(key, ())])
        if not any(span[0] < changed < span[1] for changed in network.touches(keys)):
            found.append(Union(name, keys, 0.0))
    return tuple(found)


def _find_seats(
    units: pl.DataFrame,
    panel: pl.DataFrame,
    heads: pl.DataFrame,
    receivers: set[str],
    first_on: date,
    last_on: date,
) -> dict[str, list[str]]:
    """The busiest ward or town below each unit (else its busiest unit), by what came before."""
    below = units.filter(~pl.col("unit_key").is_in(receivers)).join(
        heads.select(head="unit_key", parent_code="unit_code"), on="parent_code"
    )
    received = (
        panel.filter(pl.col("month_on").is_between(first_on, last_on))
        .group_by("unit_key")
        .agg(pl.col("received_n").sum())
    )
    seats = (
        below.join(received, on="unit_key", how="left")
        .with_columns(is_town=pl.col("unit_type").is_in(_TOWNS))
        .sort(["head", "is_town", "received_n", "unit_key"],
              descending=[False, True, True, False], nulls_last=True)
        .unique("head", keep="first", maintain_order=True)
    )  # fmt: skip
    return {head: [key] for head, key in seats.select("head", "unit_key").iter_rows()}


def _end(around: Around, window: Window) -> date:
    return first_day(around.month(max(window.after, 1)))
