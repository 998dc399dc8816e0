"""What names and reasons are called on a page."""

from __future__ import annotations

from datetime import date

from dashboard.about import About
from dashboard.i18n import Language
from dashboard.periods import PERIODS, SPAN
from pipelines.serving.calendar_periods import PeriodError, parse_period


def name_definition(language: Language, definition: str) -> str:
    """A deadline definition by name (domain §4)."""
    names = {
        "ii06a": language.say("theo biểu II.06a, so theo ngày"),
        "ii06a_vendor": language.say("theo ngày, cách của nhà cung cấp phần mềm"),
        "half_day": language.say("theo buổi làm việc"),
        "instant": language.say("theo thời điểm, so đến giây"),
        "d766": language.say("theo Quyết định 766"),
        "all": language.say("đủ các định nghĩa, đặt cạnh nhau"),
    }
    return names.get(definition, definition)


def name_level(language: Language, level: str) -> str:
    """A level of administration."""
    names = {
        "province": language.say("Cấp tỉnh"),
        "district": language.say("Cấp huyện"),
        "commune": language.say("Cấp xã"),
    }
    return names.get(level, level)


def name_period(language: Language, period: str) -> str:
    """A period one can choose."""
    names = {
        "month": language.say("Tháng này"),
        "quarter": language.say("Quý này"),
        "year": language.say("Năm nay"),
        "months12": language.say("12 tháng"),
        "last_year": language.say("Năm trước"),
        SPAN: language.say("Tự chọn"),
    }
    return names[period]


def name_channel(language: Language, channel: str) -> str:
    """How a dossier was submitted: KenhThucHien of the national record."""
    names = {
        "1": language.say("Trực tiếp"),
        "2": language.say("Trực tuyến"),
        "3": language.say("Bưu chính công ích"),
    }
    return names.get(channel, channel)


def name_boundaries(language: Language, boundaries: str, about: About) -> str:
    """A reading of the units; today's with the day they are in force from, planned or not."""
    if boundaries != "today" or about.boundaries_from is None:
        return language.say("Theo từng thời kỳ")
    day = language.numbers.day(about.boundaries_from)
    if about.boundaries_from > about.as_of:
        return language.say("Địa giới theo kế hoạch từ {day}", day=day)
    return language.say("Địa giới hiện nay (từ {day})", day=day)


def name_reason(language: Language, status: str | None) -> str:
    """Why there is no value."""
    reasons = {
        "unit_ended": language.say("Đơn vị đã kết thúc hoạt động"),
        "nothing_known": language.say("Trước ngày bắt đầu có số liệu"),
        "not_in_definition": language.say("Định nghĩa này không có nhóm đó"),
        "period_incomplete": language.say("Chỉ tính cho trọn tháng, quý hoặc năm"),
    }
    return reasons.get(status or "", language.say("Không có hồ sơ để tính"))


def name_class(language: Language, metric: str) -> str:
    """A deadline class in the legend."""
    names = {
        "early": language.say("Trước hạn"),
        "on_time": language.say("Đúng hạn"),
        "late": language.say("Quá hạn"),
        "no_due_date": language.say("Không có ngày hẹn trả"),
        "withdrawn": language.say("Xin rút"),
    }
    return names[metric]


def name_calendar_period(language: Language, period: str, first_on: date) -> str:
    """A period one can choose by its number in the calendar: `Quý 2/2026`."""
    grain = _grain(period)
    names = {
        "month": language.say("Tháng {number}/{year}", number=first_on.month, year=first_on.year),
        "quarter": language.say(
            "Quý {number}/{year}", number=(first_on.month + 2) // 3, year=first_on.year
        ),
        "year": language.say("Năm {year}", year=first_on.year),
        "last_year": language.say("Năm {year}", year=first_on.year),
    }
    return names.get(grain) or name_period(language, grain)


def _grain(period: str) -> str:
    """What kind of period a name means: that of a calendar period is its grain."""
    if period in PERIODS:
        return period
    try:
        return parse_period(period).grain
    except PeriodError:
        return SPAN
