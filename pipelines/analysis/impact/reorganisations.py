"""A reorganisation of all units as a comparison of doses: no unit is untouched by it.

The new units are compared with each other by how many old units went into them. Old and new
units that hang together (a split one ties its successors) are one union, so that before and
after the same citizens are served. Only procedures are compared that the old units had: what
the abolished districts handed down has no before in them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.analysis.impact.arrays import tie
from pipelines.analysis.impact.comparisons import Comparison, Network, Stack, Union, fit_window
from pipelines.analysis.impact.months import Around, Window, first_day
from pipelines.analysis.impact.parameters import ImpactParameters
from pipelines.analysis.impact.shop_mergers import window_status

_OF_UNITS = ("unit_merger", "unit_split")


def compare_reorganisations(
    network: Network, panel: pl.DataFrame, data: tuple[int, int], parameters: ImpactParameters
) -> list[Comparison]:
    """One comparison for each day on which units were merged."""
    changes = network.changes.filter(pl.col("kind") != "shop_merger").sort("change_id")
    return [
        _compare_day(network, panel, rows, data, parameters)
        for _, rows in changes.sort("effective_on").group_by("effective_on", maintain_order=True)
        if rows["kind"].is_in(_OF_UNITS).any()
    ]


def _compare_day(
    network: Network,
    panel: pl.DataFrame,
    rows: pl.DataFrame,
    data: tuple[int, int],
    parameters: ImpactParameters,
) -> Comparison:
    day: date = rows["effective_on"][0]
    around = Around.of(day)
    own = frozenset[str](network.changes.filter(effective_on=day)["change_id"].to_list())
    unions = _tie(_of_one_level(network, rows))
    longest = (parameters.before_months, parameters.after_months, parameters.history_months)
    window = fit_window([(around, [])], data, longest)
    # a union with a change of its own in these months would tell of that one too
    span = (
        first_day(around.month(-max(window.history, 1))),
        first_day(around.month(max(window.after, 1))),
    )
    quiet = tuple(
        union
        for union in unions
        if not any(span[0] < changed < span[1] for changed in network.touches(union.keys, own))
    )
    return Comparison(
        impact_id=f"network-{day.isoformat()}",
        kind="network",
        effective_on=day,
        date_is_assumed=bool(rows["date_is_assumed"].any()),
        name_vi=f"Sắp xếp đơn vị hành chính ngày {day:%d/%m/%Y}",
        name_en=f"Reorganisation of administrative units on {day:%d/%m/%Y}",
        stacks=(Stack(around, quiet, ()),),
        window=window,
        status=window_status(around, window, data, parameters),
        procedures=_procedures(panel, _of_one_level(network, rows), around, window),
        whole_keys=frozenset[str]([*rows["from_key"].to_list(), *rows["to_key"].to_list()]),
    )


def _of_one_level(network: Network, rows: pl.DataFrame) -> pl.DataFrame:
    """The mergers and splits of the level that most of them concern (the communes)."""
    levels = network.units.select(from_key="unit_key", level="level")
    listed = rows.filter(pl.col("kind").is_in(_OF_UNITS)).join(
        levels, on="from_key", how="left", maintain_order="left"
    )
    usual = listed["level"].value_counts().sort("count", "level", descending=True)["level"][0]
    return listed.filter(pl.col("level").eq_missing(usual))


def _tie(rows: pl.DataFrame) -> list[Union]:
    """Old and new units that hang together by a change, with the dose of each union."""
    links = rows.select("from_key", "to_key", "to_name_vi").unique(maintain_order=True)
    keys = sorted({*links["from_key"].to_list(), *links["to_key"].to_list()})
    place = {key: number for number, key in enumerate(keys)}
    old = np.array([place[key] for key in links["from_key"].to_list()])
    new = np.array([place[key] for key in links["to_key"].to_list()])
    part = tie(old, new, len(keys))
    tied = links.with_columns(part=part[old]).group_by("part").agg(
        pl.col("from_key").unique(),
        pl.col("to_key").unique(),
        pl.col("to_name_vi").unique().sort().str.join(", "),
    )  # fmt: skip
    unions = [
        Union(name, frozenset([*olds, *news]), len(olds) / len(news) - 1)
        for olds, news, name in tied.select("from_key", "to_key", "to_name_vi").iter_rows()
    ]
    return sorted(unions, key=lambda union: (union.label, min(union.keys)))


def _procedures(
    panel: pl.DataFrame, rows: pl.DataFrame, around: Around, window: Window
) -> frozenset[str]:
    first_on = first_day(around.month(-max(window.history, 1)))
    former = rows["from_key"].unique()
    found = panel.filter(
        pl.col("unit_key").is_in(former.to_list()),
        pl.col("month_on").is_between(first_on, first_day(around.last_before)),
        pl.col("received_n") > 0,
    )
    return frozenset[str](found["procedure_code"].unique().to_list())
