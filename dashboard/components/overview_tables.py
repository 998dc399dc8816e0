"""The two tables of the overview: by level and by district or its area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.components.tables import TableRow, figure_table
from dashboard.components.words import name_level
from dashboard.figures import Figure, ask_groups, ask_own_units, district_codes
from dashboard.filters import LEVELS, OPEN_LOG, TODAY, Filters
from dashboard.i18n import Language
from dashboard.links import link_here
from dashboard.periods import Period
from dashboard.reader import SnapshotReader
from pipelines.serving.ground import FORMER_PROVINCE_ENDED_ON

_ENDED = Figure(None, None, None, "unit_ended")


def level_table(
    language: Language, reader: SnapshotReader, filters: Filters, total: Mapping[str, Figure]
) -> str:
    """Province, district, commune and the whole, as HTML. An ended level keeps its tail."""
    groups = ask_groups(reader, filters, "level")
    period = filters.period
    rows = [
        TableRow(
            _level_name(language, level),
            groups[level],
            absent=_absent(level, period),
            link=link_here(filters, level=level),
        )
        for level in LEVELS
        if level in groups
    ]
    return figure_table(
        language,
        reader.metrics,
        [*rows, _total_row(language, total)],
        caption=language.say("Chỉ tiêu theo cấp"),
        first_column=language.say("Cấp"),
    )


def district_table(language: Language, reader: SnapshotReader, rows: Sequence[TableRow]) -> str:
    """The rows of `district_rows` as HTML."""
    return figure_table(
        language,
        reader.metrics,
        rows,
        caption=language.say("Chỉ tiêu theo địa bàn"),
        first_column=language.say("Địa bàn"),
    )


def district_rows(
    language: Language, reader: SnapshotReader, filters: Filters, total: Mapping[str, Figure]
) -> list[TableRow]:
    """Districts up to 30/06/2025, their areas after it, what belongs to none, and the whole.

    On today's boundaries the areas have it all.
    """
    groups = ask_groups(reader, filters, "district")
    period = filters.period
    districts: list[TableRow] = []
    areas: list[TableRow] = []
    for code, name, valid_to in district_codes(reader):
        if code not in groups:
            continue
        if valid_to is None:
            areas.append(TableRow(name, groups[code]))
        else:
            districts.append(TableRow(name, groups[code], absent=_absent("district", period)))
    is_after = period.first_on > FORMER_PROVINCE_ENDED_ON
    ended = language.numbers.day(FORMER_PROVINCE_ENDED_ON)
    old_title = (
        language.say("Hồ sơ còn lại của huyện, thành phố đã kết thúc ngày {day}", day=ended)
        if is_after
        else language.say("Huyện, thành phố, gồm các xã trên địa bàn (đến {day})", day=ended)
    )
    new_title = (
        language.say("Khu vực huyện cũ, gồm các xã, phường trên địa bàn từ trước đến nay")
        if filters.boundaries == TODAY
        else language.say("Khu vực huyện cũ, gồm các xã, phường (sau {day})", day=ended)
    )
    old, new = _section(old_title, districts), _section(new_title, areas)
    rows = [*new, *old] if is_after else [*old, *new]
    rest = (
        [TableRow(language.say("Cấp tỉnh, không thuộc địa bàn huyện nào"), groups[None])]
        if None in groups
        else []
    )
    return [*rest, *rows, _total_row(language, total)]


def unit_table(
    language: Language, reader: SnapshotReader, filters: Filters, total: Mapping[str, Figure]
) -> str:
    """The units that a log of another place brings, and the whole, as HTML."""
    groups = ask_groups(reader, filters, "unit")
    units = reader.about.units.filter(level=OPEN_LOG).select("unit_code", "unit_key")
    keys = dict(units.iter_rows())
    return figure_table(
        language,
        reader.metrics,
        [
            *(
                TableRow(code or "", figures, link=link_here(filters, unit=keys.get(code)))
                for code, figures in groups.items()
            ),
            _total_row(language, total),
        ],
        caption=language.say("Chỉ tiêu theo đơn vị"),
        first_column=language.say("Đơn vị"),
    )


def own_unit_table(
    language: Language, reader: SnapshotReader, filters: Filters, total: Mapping[str, Figure]
) -> str:
    """The units that a reader is narrowed to, and all of them together, as HTML."""
    names = dict(reader.about.units.select("unit_key", "unit_name_vi").iter_rows())
    groups = ask_own_units(reader, filters)
    return figure_table(
        language,
        reader.metrics,
        [
            *(
                TableRow(names[key], figures, link=link_here(filters, unit=key))
                for key, figures in groups.items()
            ),
            _total_row(language, total),
        ],
        caption=language.say("Chỉ tiêu theo đơn vị"),
        first_column=language.say("Đơn vị"),
    )


def _section(title: str, rows: list[TableRow]) -> list[TableRow]:
    return [TableRow(title, {}, is_heading=True), *rows] if rows else []


def _total_row(language: Language, total: Mapping[str, Figure]) -> TableRow:
    return TableRow(language.say("Tổng cộng"), total, is_total=True)


def _level_name(language: Language, level: str) -> str:
    name = name_level(language, level)
    if level != "district":
        return name
    day = language.numbers.day(FORMER_PROVINCE_ENDED_ON)
    return language.say("{level} (đến {day})", level=name, day=day)


def _absent(level: str, period: Period) -> Figure:
    is_ended = level == "district" and period.first_on > FORMER_PROVINCE_ENDED_ON
    return _ENDED if is_ended else Figure(None, None, None, None)
