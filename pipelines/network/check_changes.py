"""Whether the changes of units contradict themselves, one another or the units."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import polars as pl

from pipelines.network.changes import with_sides
from pipelines.network.faults import (
    FILE,
    NAME,
    ROW,
    Fault,
    as_day,
    expect_days,
    expect_words,
    faults_where,
)
from pipelines.network.units import SHOP_LEVELS, in_force, unit_key

SHOP_MERGER = "shop_merger"
LEVELS = {
    SHOP_MERGER: [(giver, taker) for giver in SHOP_LEVELS for taker in SHOP_LEVELS],
    "unit_merger": [("commune", "commune"), ("province", "province")],
    "unit_split": [("commune", "commune")],
    "unit_abolished": [("district", "area")],
}
"""The kinds of change, with the levels that the unit that gives and the one that takes may have."""
_ROUNDING = 1e-6
_YES = pl.lit(value=True)


def check_cells(changes: pl.DataFrame) -> Iterator[Fault]:
    """What a cell says by itself: `changes` as text, with the place of each row."""
    for column in ("change_id", "from_code", "to_code"):
        yield from faults_where(changes, pl.col(column).is_null(), column, "must not be empty")
    twice = pl.col("change_id").is_duplicated() & ~pl.col("change_id").is_first_distinct()
    yield from faults_where(changes, twice, "change_id", "stands twice")
    yield from expect_words(changes, "kind", LEVELS)
    yield from expect_days(changes, "effective_date", may_be_empty=False)
    share = pl.col("share").cast(pl.Float64, strict=False)
    said = pl.format("must be from 0 to 1, not {}", pl.col("share").fill_null("empty"))
    outside = ~share.is_between(0, 1).fill_null(value=False)
    yield from faults_where(changes, outside, "share", said)
    for column in ("date_is_assumed", "share_is_assumed", "is_default"):
        yield from expect_words(changes, column, ("true", "false"))


def check_relations(changes: pl.DataFrame, units: pl.DataFrame) -> Iterator[Fault]:
    """What changes say together and of units, once every cell can be read.

    `units` with unit_valid_from/to as days. A row is told of by the first rule it breaks of
    those on its sides; sums are told of at the first row of the unit that gives.
    """
    typed = changes.with_columns(
        effective_on=as_day("effective_date"),
        share=pl.col("share").cast(pl.Float64),
        is_default=pl.col("is_default") == "true",
        is_shop=pl.col("kind") == SHOP_MERGER,
    )
    sided = with_sides(typed, units)
    yield from _check_sides(typed, sided, units)
    yield from _check_pairs(sided)
    yield from _check_sums(typed)
    yield from _check_shops(sided)
    yield from _check_ended(typed, units)


def _check_sides(typed: pl.DataFrame, sided: pl.DataFrame, units: pl.DataFrame) -> Iterator[Fault]:
    """Both sides are units of their days and of the levels of the kind; who merges, ends."""
    known = units.select(key=unit_key(), level="level", ends_on="unit_valid_to")
    day_before = pl.col("effective_on").dt.offset_by("-1d")
    for column, day, word in (
        ("from_code", day_before, "the day before"),
        ("to_code", pl.col("effective_on"), "that day"),
    ):
        found = typed.join(units, left_on=column, right_on="unit_code").filter(in_force(day))
        lost = ~pl.col(NAME).is_in(found[NAME].implode())
        said = pl.format(f"{{}} is no unit in force on {word} ({{}})", pl.col(column), day)
        yield from faults_where(typed, lost, column, said)
    both = sided.join(known, left_on="from_key", right_on="key", maintain_order="left").join(
        known, left_on="to_key", right_on="key", suffix="_to", maintain_order="left"
    )
    for kind, pairs in LEVELS.items():
        fits = [
            (pl.col("level") == giver) & (pl.col("level_to") == taker) for giver, taker in pairs
        ]
        wrong = (pl.col("kind") == kind) & ~pl.any_horizontal(fits)
        said = pl.format("no {} of a {} into a {}", "kind", "level", "level_to")
        yield from faults_where(both, wrong, "to_code", said)
    goes_on = ~pl.col("is_shop") & (pl.col("ends_on") != day_before).fill_null(value=True)
    said = pl.format("the unit goes on after {}", day_before)
    yield from faults_where(both, goes_on, "from_code", said)


def _check_pairs(sided: pl.DataFrame) -> Iterator[Fault]:
    pair = ("is_shop", "from_key", "to_key")
    first = sided.group_by(pair, maintain_order=True).agg(first=pl.first(NAME))
    again = sided.join(first, on=pair, maintain_order="left").filter(
        pl.col(NAME) != pl.col("first")
    )
    yield from faults_where(again, _YES, "to_code", pl.format("the same pair as {}", "first"))


def _check_sums(typed: pl.DataFrame) -> Iterator[Fault]:
    """Of what a unit gives on a day the shares make one whole, and one taker is the default."""
    given = typed.group_by("is_shop", "from_code", "effective_on", maintain_order=True).agg(
        pl.first(FILE),
        pl.first(ROW),
        pl.first(NAME),
        pl.col("share").sum(),
        takers=pl.len(),
        defaults=pl.col("is_default").sum(),
    )
    said = pl.format(
        "the shares of {} on {} add up to {}, not 1",
        "from_code", "effective_on", pl.col("share").round(6),
    )  # fmt: skip
    yield from faults_where(given, (pl.col("share") - 1).abs() > _ROUNDING, "share", said)
    said = pl.format(
        "{} of {} on {} are the default, not 1", "defaults", "from_code", "effective_on"
    )
    yield from faults_where(given, pl.col("defaults") != 1, "is_default", said)
    many = pl.col("is_shop") & (pl.col("takers") > 1)
    yield from faults_where(given, many, "to_code", "a shop is folded into one shop alone")


def _check_shops(sided: pl.DataFrame) -> Iterator[Fault]:
    """A shop is folded once, and into one that is open then."""
    shops = sided.filter("is_shop")
    itself = pl.col("from_key") == pl.col("to_key")
    yield from faults_where(shops, itself, "to_code", "a shop cannot be folded into itself")
    shops = shops.filter(~itself)
    cycles, in_cycle = _cycles(shops)
    yield from cycles
    twice = ~pl.col("from_key").is_first_distinct()
    yield from faults_where(shops, twice, "from_code", "the shop is folded already")
    folded = shops.unique("from_key", keep="first", maintain_order=True).select(
        to_key="from_key", gone_on="effective_on"
    )
    into = shops.filter(~pl.col(NAME).is_in(in_cycle)).join(
        folded, on="to_key", maintain_order="left"
    )
    said = pl.format("the shop of {} is itself folded on {}", "to_code", "gone_on")
    yield from faults_where(into, pl.col("gone_on") <= pl.col("effective_on"), "to_code", said)


def _cycles(shops: pl.DataFrame) -> tuple[list[Fault], list[str]]:
    """A fault for each ring of shops that are folded into one another, and the changes in one."""
    left, faults, names = shops, list[Fault](), list[str]()
    while True:
        graph = TopologicalSorter[str]()
        for giver, taker in left.select("from_key", "to_key").iter_rows():
            graph.add(giver, taker)
        try:
            graph.prepare()
        except CycleError as error:
            ring: list[str] = error.args[1]
            inside = left.filter(pl.col("from_key").is_in(ring), pl.col("to_key").is_in(ring))
            codes = " and ".join(sorted(inside["from_code"].unique()))
            said = f"a cycle: the shops of {codes} are folded into one another"
            faults += faults_where(inside.head(1), _YES, "to_code", said)
            names += inside[NAME].to_list()
            left = left.filter(~pl.col(NAME).is_in(inside[NAME].implode()))
        else:
            return faults, names


def _check_ended(typed: pl.DataFrame, units: pl.DataFrame) -> Iterator[Fault]:
    """A unit that ended was taken over by another on the next day."""
    given = typed.filter(~pl.col("is_shop")).select(
        unit_code="from_code", unit_valid_to=pl.col("effective_on").dt.offset_by("-1d")
    )
    ended = units.filter(pl.col("unit_valid_to").is_not_null(), pl.col("level").is_in(SHOP_LEVELS))
    lost = ended.join(given, on=["unit_code", "unit_valid_to"], how="anti", maintain_order="left")
    said = pl.format("ended on {} and no change says who took it over", "unit_valid_to")
    yield from faults_where(lost, _YES, "valid_to", said)
