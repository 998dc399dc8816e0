"""What is chosen, in words: for the bar, for files, for the wall."""

from __future__ import annotations

import polars as pl

from dashboard.components.words import (
    name_boundaries,
    name_channel,
    name_level,
)
from dashboard.filters import AS_WAS, DEFAULT_DEFINITION, Filters
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from dashboard.scopes import name_units


def name_choices(
    reader: SnapshotReader, language: Language, filters: Filters
) -> dict[str, tuple[str, str]]:
    """Label and value of every choice that is not the default, by its name in the address."""
    definition = reader.definitions.get(filters.definition)
    named = {
        "level": (
            language.say("Cấp"),
            filters.level and name_level(language, filters.level),
        ),
        "unit": (
            language.say("Đơn vị"),
            filters.unit and name_units(language, reader.about.units)[filters.unit],
        ),
        "field": (language.say("Lĩnh vực"), filters.field and reader.fields[filters.field]),
        "procedure": (
            language.say("Thủ tục"),
            filters.procedure and _name_procedure(reader, filters.procedure),
        ),
        "channel": (
            language.say("Hình thức nộp"),
            filters.channel and name_channel(language, filters.channel),
        ),
        "boundaries": (
            language.say("Địa giới"),
            None
            if filters.boundaries == AS_WAS
            else name_boundaries(language, filters.boundaries, reader.about),
        ),
        "definition": (
            language.say("Cách tính đúng hạn"),
            None
            if filters.definition == DEFAULT_DEFINITION or definition is None
            else language.label(definition),
        ),
    }
    return {key: (label, value) for key, (label, value) in named.items() if value}


def name_days(language: Language, filters: Filters) -> str:
    """The days chosen: `01/01/2026 – 30/06/2026`."""
    period, numbers = filters.period, language.numbers
    return f"{numbers.day(period.first_on)} – {numbers.day(period.last_on)}"


def _name_procedure(reader: SnapshotReader, code: str) -> str:
    row = reader.procedures.row(by_predicate=pl.col("procedure_code") == code, named=True)
    return f"{code} {row['procedure_name_vi'] or ''}".strip()
