"""The effect of a change had it been on another day: estimated from a snapshot, never published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.effects.given import Given

SHOP_MERGER = "shop_merger"
GROUP = "shop-mergers"
NETWORK = "network-"


class ChangeError(ValueError):
    """A change that is not there or is not estimated by itself; one line."""


def move_change(given: Given, impact_id: str, on: date) -> tuple[Given, str]:
    """What the estimators are given if a change, the group of shop mergers, or the network's
    changes of one day had been on another day. Returns it with the id that the effect then has.

    Raises `ChangeError`.
    """
    is_meant = _is_meant(given.changes, impact_id)
    moved = given.changes.with_columns(
        effective_on=pl.when(is_meant).then(pl.lit(on)).otherwise("effective_on"),
        date_is_assumed=pl.when(is_meant).then(True).otherwise("date_is_assumed"),
    )
    name = f"{NETWORK}{on}" if impact_id.startswith(NETWORK) else impact_id
    return replace(given, changes=moved), name


def _is_meant(changes: pl.DataFrame, impact_id: str) -> pl.Expr:
    is_shop = pl.col("kind") == SHOP_MERGER
    if impact_id == GROUP:
        return is_shop
    if impact_id.startswith(NETWORK):
        day = pl.col("effective_on").dt.to_string("%Y-%m-%d")
        meant = ~is_shop & (day == impact_id.removeprefix(NETWORK))
    else:
        meant = is_shop & (pl.col("change_id") == impact_id)
    if changes.filter(meant).is_empty():
        own = changes.filter(pl.col("change_id") == impact_id)
        if own.height:
            day = own["effective_on"].item(0)
            raise ChangeError(
                f"change {impact_id}: is estimated with all changes of its day alone:"
                f" name {NETWORK}{day}"
            )
        raise ChangeError(f"change {impact_id}: there is none in this snapshot")
    return meant
