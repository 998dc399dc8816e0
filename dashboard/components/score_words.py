"""What groups, reasons, periods and units of the score are called on a page."""

from __future__ import annotations

from dashboard.components.words import name_reason
from dashboard.i18n import Language
from dashboard.score import ScoredUnit
from pipelines.serving.calendar_periods import CalendarPeriod
from pipelines.serving.score766 import ItemScore
from pipelines.serving.score_parameters import ScoreItem


def name_group(language: Language, group: str) -> str:
    """A group of the decision."""
    names = {
        "transparency": language.say("Công khai, minh bạch"),
        "progress": language.say("Tiến độ giải quyết"),
        "online_services": language.say("Dịch vụ công trực tuyến"),
        "online_payment": language.say("Thanh toán trực tuyến"),
        "digitization": language.say("Số hóa hồ sơ"),
        "satisfaction": language.say("Mức độ hài lòng"),
    }
    return names.get(group, group)


def name_item(language: Language, item: ScoreItem) -> str:
    """An item of the decision."""
    return item.label_vi if language.code == "vi" else item.label_en


def name_lack(language: Language, scored: ItemScore) -> str:
    """Why an item has no points, or what it needs before it can have any."""
    item = scored.item
    if scored.status == "no_feed":
        needs = item.needs_vi if language.code == "vi" else item.needs_en
        return language.say("Cần: {needs}", needs=needs or item.feed or "–")
    if scored.status == "not_in_snapshot":
        return language.say("Bản số liệu này chưa có chỉ tiêu")
    return name_reason(language, scored.status)


def name_rule(language: Language, item: ScoreItem) -> str:
    """How a share gives points."""
    most = language.numbers.whole_score(item.max_points)
    if item.rule == "product" or item.target is None:
        return language.say("{most} điểm × tỷ lệ", most=most)
    target = language.numbers.percent(float(item.target), 0)
    return language.say("đủ {most} điểm từ {target}, dưới đó theo tỷ lệ", most=most, target=target)


def name_grain(language: Language, grain: str) -> str:
    """A length of period."""
    names = {
        "month": language.say("Tháng"),
        "quarter": language.say("Quý"),
        "year": language.say("Năm"),
    }
    return names[grain]


def name_score_period(language: Language, period: CalendarPeriod) -> str:
    """A period: `Quý II/2025`, `Tháng 3/2025`, `Năm 2025`."""
    year, month = period.first_on.year, period.first_on.month
    if period.grain == "month":
        return language.numbers.month(period.first_on)
    if period.grain == "quarter":
        quarter = ("I", "II", "III", "IV")[(month - 1) // 3]
        return language.say("Quý {quarter}/{year}", quarter=quarter, year=year)
    return language.say("Năm {year}", year=year)


def name_sort(language: Language, sort: str) -> str:
    """An order of the units."""
    names = {
        "name": language.say("Theo tên"),
        "high": language.say("Điểm cao trước"),
        "low": language.say("Điểm thấp trước"),
    }
    return names[sort]


def name_unit(language: Language, unit: ScoredUnit, period: CalendarPeriod) -> str:
    """A unit with its district, and with its days where it did not stand the whole period."""
    return " · ".join([unit.name, *unit_facts(language, unit, period)])


def unit_facts(language: Language, unit: ScoredUnit, period: CalendarPeriod) -> list[str]:
    """District and days of a unit, as far as they tell it from others."""
    facts = [] if unit.district is None else [unit.district]
    day = language.numbers.day
    if unit.last_on is not None and unit.last_on < period.last_on:
        facts.append(language.say("đến {day}", day=day(unit.last_on)))
    if unit.first_on is not None and unit.first_on > period.first_on:
        facts.append(language.say("từ {day}", day=day(unit.first_on)))
    return facts
