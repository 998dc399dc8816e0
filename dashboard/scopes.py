"""Whose figures a page shows: the province, a level, or one unit in force in a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard.about import About
from dashboard.components.words import name_level
from dashboard.i18n import Language
from dashboard.periods import Period

WHOLE = "all"
_LEVELS = ("province", "district", "commune")
_OPEN_LOG = "open"  # level of the units that a log of another place brings


@dataclass(frozen=True)
class Scope:
    """What to ask the metric layer for: unit keys and a level, nothing for the whole."""

    units: tuple[str, ...] = ()
    level: str | None = None


def list_scopes(language: Language, about: About, period: Period) -> dict[str, str]:
    """The choices in a period, as address → name: the whole, its levels, then every unit."""
    units = _in_force(about.units, period)
    present = set(units["level"].to_list())
    whole = name_whole(language, about)
    levels = {level: name_level(language, level) for level in _LEVELS if level in present}
    return {WHOLE: whole, **levels, **_name_units(language, units)}


def name_whole(language: Language, about: About) -> str:
    """What all that the viewer may see is called together."""
    if about.own_vi:
        (first, *others) = about.own_vi
        return language.say("Các đơn vị của tôi") if others else first
    return language.say("Toàn tỉnh") if about.province_vi else language.say("Tất cả đơn vị")


def read_scope(chosen: str) -> Scope:
    """The scope an address names."""
    if chosen == WHOLE:
        return Scope()
    return Scope(level=chosen) if chosen in _LEVELS else Scope(units=(chosen,))


def _in_force(units: pl.DataFrame, period: Period) -> pl.DataFrame:
    begun = pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= period.last_on)
    lasts = pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= period.first_on)
    return units.filter(begun & lasts & pl.col("level").is_in([*_LEVELS, _OPEN_LOG]))


def _name_units(language: Language, units: pl.DataFrame) -> Mapping[str, str]:
    """Names by key in the order of levels and codes; a name that occurs twice gets its code."""
    rank = {level: place for place, level in enumerate((*_LEVELS, _OPEN_LOG))}
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
