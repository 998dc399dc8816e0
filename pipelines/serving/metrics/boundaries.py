"""The two readings of every series (domain §7): units as they were, or today's boundaries.

Today's are those after the last change that the reference lists hold, whatever day it is: a change
entered ahead is shown before its day, as planned.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal, cast

import polars as pl

from pipelines.serving.metrics.snapshot import Dimensions

Boundaries = Literal["as_was", "today"]
BOUNDARIES: tuple[Boundaries, ...] = ("as_was", "today")


def list_units(boundaries: Boundaries, dimensions: Dimensions) -> pl.DataFrame:
    """The units that a series may be asked of, in the columns of `Dimensions.units`.

    Today's have a row for each level of the shops whose dossiers they hold: a dossier's level is
    that of the shop that received it under both readings.
    """
    units, successors = dimensions.units, dimensions.successors
    if boundaries == "as_was" or successors is None:
        return units
    receiving = units.filter(pl.col("level") != "area").join(successors, on="unit_key", how="left")
    levels = receiving.select(
        unit_key=pl.coalesce("successor_key", "unit_key"), received_level="level"
    ).unique(maintain_order=True)
    return (
        units.filter(pl.col("unit_valid_to").is_null())
        .join(levels, on="unit_key", how="left", maintain_order="left")
        .with_columns(level=pl.coalesce("received_level", "level"))
        .drop("received_level")
    )


def named_units(names: Collection[str], units: pl.DataFrame) -> pl.DataFrame:
    """The rows of `units` meant by codes (every validity) and keys (`code@first day`)."""
    return units.filter(pl.col("unit_code").is_in(names) | pl.col("unit_key").is_in(names))


def name_successors(name: str, dimensions: Dimensions) -> list[str]:
    """The codes of the units that have the dossiers of a former unit today, in their order."""
    if dimensions.successors is None:
        return []
    former = named_units([name], dimensions.units).select("unit_key")
    today = former.join(dimensions.successors, on="unit_key").select(unit_key="successor_key")
    codes = today.join(dimensions.units, on="unit_key")["unit_code"]
    return codes.unique().sort().to_list()


def last_change_on(successors: pl.DataFrame | None) -> date | None:
    """The day from which today's boundaries are in force; None where nothing ever changed."""
    return None if successors is None else cast("date | None", successors["from_on"].max())
