"""Whose figures a page shows, by name: the province, a level, or a unit in force in a period."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard.about import About
from dashboard.components.words import name_level
from dashboard.filters import LEVELS, OPEN_LOG, TODAY, Filters, units_of_today
from dashboard.i18n import Language
from dashboard.periods import Period

WHOLE = "all"
_RANKS = (*LEVELS, "area", OPEN_LOG)


def list_scopes(
    language: Language, about: About, filters: Filters, *, has_levels: bool, has_units: bool
) -> dict[str, str]:
    """The choices of a page, as level or key of a unit → name; the whole comes first."""
    units = _offered(about.units, filters)
    # a dossier has the level of the shop that received it, also where its unit has ended
    present = set(LEVELS) if filters.boundaries == TODAY else set(units["level"].to_list())
    scopes = {WHOLE: name_whole(language, about)}
    if has_levels:
        scopes |= {level: name_level(language, level) for level in LEVELS if level in present}
    if has_units:
        scopes |= name_units(language, units)
    return scopes


def name_whole(language: Language, about: About) -> str:
    """What all that the viewer may see is called together."""
    if about.own_vi:
        (first, *others) = about.own_vi
        return language.say("Các đơn vị của tôi") if others else first
    return language.say("Toàn tỉnh") if about.province_vi else language.say("Tất cả đơn vị")


def name_units(language: Language, units: pl.DataFrame) -> Mapping[str, str]:
    """Names by key in the order of levels and codes; a name that occurs twice gets its code."""
    rank = {level: place for place, level in enumerate(_RANKS)}
    ordered = units.with_columns(
        is_twice=pl.len().over("unit_name_vi") > 1,
        rank=pl.col("level").replace_strict(rank, return_dtype=pl.Int64),
    ).sort("rank", "unit_code", "unit_valid_from", nulls_last=False)
    names = dict[str, str]()
    for row in ordered.iter_rows(named=True):
        name = str(row["unit_name_vi"])
        if row["is_twice"]:
            name = language.say("{name} (mã {code})", name=name, code=row["unit_code"])
        names[row["unit_key"]] = name
    return names


def _offered(units: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    """The units in force in the period, and the one that is chosen in any case."""
    if filters.boundaries == TODAY:
        offered = units_of_today(units)
    else:
        offered = _in_force(units, filters.period)
    chosen = units.filter(pl.col("unit_key").is_in([filters.unit]))
    return pl.concat([offered, chosen]).unique("unit_key")


def _in_force(units: pl.DataFrame, period: Period) -> pl.DataFrame:
    begun = pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= period.last_on)
    lasts = pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= period.first_on)
    return units.filter(begun & lasts & pl.col("level").is_in([*LEVELS, OPEN_LOG]))
