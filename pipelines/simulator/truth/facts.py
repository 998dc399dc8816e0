"""What is true of each dossier, as flags: the plan's codes read once, for all figures."""

from __future__ import annotations

import polars as pl

from pipelines.simulator.course import ONLINE, RESOLVED
from pipelines.simulator.plan import (
    DIGITS_ALL,
    DIGITS_DELETED,
    DIGITS_FIRST,
    ELECTRONIC,
    NO_PAYMENT,
    VIA_GATEWAY,
    VIA_PORTAL,
    Province,
)


def gather_facts(plan: pl.DataFrame, province: Province) -> pl.DataFrame:
    """The plan with the flags of its dossiers.

    is_accepted, is_resolved, is_online, is_procedure_unknown, is_told_by_day, bears_result,
    digitized, reused, stored, components, components_digitized, has_fee, paid_online,
    electronic. A shop without an API lists no components: nobody can know of it which came from
    the citizen's store, nor how many there were. The first component is the one that is reused
    or stored, and where it was deleted, neither counts.
    """
    catalogue, units = province.catalogue, province.units
    here = plan.select("unit", "procedure")
    due = catalogue["components_due"].cast(pl.Int64)[here["procedure"]].alias("components_due")
    bears = catalogue["yields_result"].cast(pl.Boolean)[here["procedure"]].alias("bears_result")
    lists = units["shop"].is_null()[here["unit"]].alias("lists_components")
    added = [name for name in ("is_procedure_unknown", "is_told_by_day") if name not in plan]
    digits, stands = pl.col("digits"), pl.col("digits") != DIGITS_DELETED
    return plan.with_columns(
        due, bears, lists, *(pl.lit(value=False).alias(name) for name in added)
    ).with_columns(
        is_accepted=pl.col("accepted").is_not_null(),
        is_resolved=(pl.col("outcome") == RESOLVED) & pl.col("closed").is_not_null(),
        is_online=pl.col("channel") == ONLINE,
        digitized=digits.is_in([DIGITS_ALL, DIGITS_FIRST]),
        reused=(pl.col("reused") > 0) & stands,
        stored=(pl.col("from_store") == 1) & stands & pl.col("lists_components"),
        components=pl.when("lists_components")
        .then(pl.col("components_due") - (~stands).cast(pl.Int64))
        .otherwise(0),
        components_digitized=pl.when("lists_components")
        .then(
            pl.when(digits == DIGITS_ALL)
            .then("components_due")
            .otherwise((digits == DIGITS_FIRST).cast(pl.Int64))
        )
        .otherwise(0),
        has_fee=pl.col("payment") != NO_PAYMENT,
        paid_online=pl.col("payment").is_in([VIA_PORTAL, VIA_GATEWAY]),
        electronic=pl.col("result") == ELECTRONIC,
    )
