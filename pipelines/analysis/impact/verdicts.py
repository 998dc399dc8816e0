"""What may be claimed of an estimate, and the sentence that says it in Vietnamese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from babel.numbers import format_decimal, format_percent

from pipelines.analysis.impact.outcomes import Outcome, Unit
from pipelines.analysis.impact.parameters import ImpactParameters

Verdict = Literal["better", "worse", "no_effect_found", "undetermined", "descriptive"]
Locale = Literal["vi", "en"]

_UNITS: dict[Unit, tuple[str, str, str]] = {
    "days": ("0.00", "ngày làm việc", "working days"),
    "share": ("0.00", "điểm phần trăm", "percentage points"),
    "count": ("#,##0.0", "hồ sơ", "dossiers"),
    "currency": ("#,##0", "đồng", "dong"),
}
_FEW = 10  # below it a mean count is told to two decimals
_CASES: dict[str, tuple[str, str]] = {
    "effect": (
        "{label} {moved} {size} so với khi không gộp (khoảng tin cậy {level}: {interval};"
        " {treated} nơi gộp, {controls} nơi đối chứng). Trước đó không thấy xu hướng của hai bên"
        " khác nhau, nên có thể coi đây là tác động của việc gộp.",
        "{label} {moved} {size} compared with no merger ({level} interval {interval};"
        " {treated} merged, {controls} compared with). No difference in trend was seen before,"
        " so this may be read as the effect of the merger.",
    ),
    "no_effect": (
        "Không thấy tác động đáng kể đến {label_in}: ước lượng {signed}, và số liệu loại trừ mức"
        " lớn hơn {margin} (khoảng tin cậy {level}: {interval}).",
        "No effect on {label_in} that would matter: the estimate is {signed}, and more than"
        " {margin} is ruled out ({level} interval {interval}).",
    ),
    "wide": (
        "Chưa thể kết luận về {label_in}: ước lượng {signed}, nhưng số liệu phù hợp với mọi mức"
        " trong khoảng {interval} (khoảng tin cậy {level}).",
        "Nothing can be concluded about {label_in}: the estimate is {signed}, but the data agree"
        " with anything within {interval} ({level} interval).",
    ),
    "trend": (
        "Không thể kết luận về {label_in}: ngay từ trước, xu hướng ở các nơi được so sánh đã khác"
        " nhau, nên chênh lệch {signed} (khoảng tin cậy {level}: {interval}) không quy được cho"
        " thay đổi này.",
        "Nothing can be concluded about {label_in}: trends differed before the change already,"
        " so the difference of {signed} ({level} interval {interval}) cannot be put down to it.",
    ),
    "unchecked": (
        "Không thể kết luận về {label_in}: không đủ số liệu trước thay đổi để xem xu hướng có như"
        " nhau không; chênh lệch là {signed} (khoảng tin cậy {level}: {interval}).",
        "Nothing can be concluded about {label_in}: there are too few data before the change to"
        " see whether trends were alike; the difference is {signed} ({level} interval {interval}).",
    ),
    "pooled": (
        "{label}: trước {before}, sau {after}, chênh lệch {signed} (khoảng tin cậy {level}:"
        " {interval}). Đây là mô tả trước và sau, không phải tác động của thay đổi.",
        "{label}: {before} before, {after} after, a difference of {signed} ({level} interval"
        " {interval}). This describes before and after; it is no effect of the change.",
    ),
    "pooled_bare": (
        "{label}: trước {before}, sau {after}, chênh lệch {signed}. Đây là mô tả trước và sau,"
        " không phải tác động của thay đổi.",
        "{label}: {before} before, {after} after, a difference of {signed}. This describes before"
        " and after; it is no effect of the change.",
    ),
    "volume": (
        "{label}: trước {before}, sau {after}; {signed} so với mức khi diễn biến như các nơi không"
        " gộp (khoảng tin cậy {level}: {interval}). Tăng hay giảm không phải tốt hay xấu.",
        "{label}: {before} before, {after} after; {signed} against running as elsewhere"
        " ({level} interval {interval}). More or fewer is neither better nor worse.",
    ),
    "dose_effect": (
        "{label} {moved} {size} với mỗi xã cũ nhập thêm vào một xã mới (khoảng tin cậy {level}:"
        " {interval}; {treated} xã, phường mới hoặc nhóm). Chỉ so sánh được nơi nhập nhiều với nơi"
        " nhập ít; không nói gì về tác động chung của việc sắp xếp.",
        "{label} {moved} {size} for every further old commune in a new one ({level} interval"
        " {interval}; {treated} new communes or groups). This compares more merged with fewer"
        " merged; it says nothing about the reorganisation as a whole.",
    ),
    "its": (
        "{label} sau thay đổi lệch {signed} so với xu hướng và mùa vụ trước đó (khoảng tin cậy"
        " {level}: {interval}). Không nơi nào nằm ngoài sắp xếp để đối chứng, nên mọi thay đổi"
        " khác cùng thời gian cũng nằm trong con số này.",
        "{label} after the change lies {signed} off the trend and seasons before ({level}"
        " interval {interval}). No unit stood outside to compare with, so whatever else changed"
        " in those months is in it too.",
    ),
    "check": (
        "Đối chiếu bằng phương pháp khác: {signed} (khoảng tin cậy {level}: {interval}).",
        "Checked by another method: {signed} ({level} interval {interval}).",
    ),
    "check_bare": (
        "Đối chiếu bằng phương pháp khác: {signed}.",
        "Checked by another method: {signed}.",
    ),
}
REASONS: dict[str, tuple[str, str]] = {
    "too_early": (
        "Chưa đủ số tháng sau thay đổi để ước lượng.",
        "There are not enough months after the change yet.",
    ),
    "too_short_after": (
        "Một thay đổi khác đến quá sớm, không đủ số tháng sau thay đổi này.",
        "Another change follows too soon: there are not enough months after this one.",
    ),
    "too_short_before": (
        "Không đủ số tháng trước thay đổi để so sánh.",
        "There are not enough months before the change to compare with.",
    ),
    "no_data": ("Chưa có số liệu.", "There are no data yet."),
    "too_few": (
        "Quá ít hồ sơ trước hoặc sau thay đổi nên không ước lượng.",
        "Too few dossiers before or after the change: nothing is estimated.",
    ),
    "too_few_events": (
        "Quá ít trường hợp để ước lượng thay đổi của tỷ lệ này.",
        "Too few cases to estimate a change of this share.",
    ),
    "failed": (
        "Không tính được ước lượng này.",
        "This estimate could not be computed.",
    ),
}


@dataclass(frozen=True)
class Figures:
    """The numbers of a sentence; `before` and `after` are values of the outcome itself."""

    outcome: Outcome
    estimate: float
    low: float | None
    high: float | None
    level: float
    before: float | None = None
    after: float | None = None
    treated: int = 0
    controls: int = 0


def judge(
    outcome: Outcome, low: float, high: float, passes: bool | None, parameters: ImpactParameters
) -> tuple[Verdict, str]:
    """The verdict and the case of its sentence.

    Nothing is claimed where the trends before differed or could not be looked at. An interval
    that covers zero says "no effect" only where it excludes all that would matter.
    """
    if passes is not True:
        return "undetermined", "trend" if passes is False else "unchecked"
    if low > 0 or high < 0:
        is_better = (low > 0) == (outcome.direction > 0)
        return ("better" if is_better else "worse"), "effect"
    margin = margin_of(outcome, parameters)
    if -margin <= low and high <= margin:
        return "no_effect_found", "no_effect"
    return "undetermined", "wide"


def margin_of(outcome: Outcome, parameters: ImpactParameters) -> float:
    """The size below which an effect would not matter."""
    return parameters.least_days if outcome.unit == "days" else parameters.least_share


def say(case: str, figures: Figures, parameters: ImpactParameters) -> tuple[str, str]:
    """The sentence of a case in Vietnamese and English."""
    return _fill(case, figures, parameters, "vi"), _fill(case, figures, parameters, "en")


def _fill(case: str, figures: Figures, parameters: ImpactParameters, locale: Locale) -> str:
    outcome, is_vi = figures.outcome, locale == "vi"
    fell = figures.estimate < 0
    label = outcome.label_vi if is_vi else outcome.label_en
    words = {
        "label": label,
        "label_in": label[0].lower() + label[1:],
        "moved": ("giảm" if fell else "tăng") if is_vi else ("fell by" if fell else "rose by"),
        "size": _amount(abs(figures.estimate), outcome.unit, locale),
        "signed": _amount(figures.estimate, outcome.unit, locale, signed=True),
        "margin": _amount(margin_of(outcome, parameters), outcome.unit, locale),
        "interval": _interval(figures, locale),
        "level": format_percent(figures.level, "0 %", locale=locale),
        "before": _value(figures.before, outcome.unit, locale),
        "after": _value(figures.after, outcome.unit, locale),
        "treated": str(figures.treated),
        "controls": str(figures.controls),
    }
    return _CASES[case][0 if is_vi else 1].format(**words)


def _interval(figures: Figures, locale: Locale) -> str:
    if figures.low is None or figures.high is None:
        return ""
    unit = figures.outcome.unit
    ends = [_number(end, unit, locale, signed=True) for end in (figures.low, figures.high)]
    between = "đến" if locale == "vi" else "to"
    return f"{ends[0]} {between} {ends[1]}"


def _amount(value: float, unit: Unit, locale: Locale, *, signed: bool = False) -> str:
    _, vi, en = _UNITS[unit]
    return f"{_number(value, unit, locale, signed=signed)} {vi if locale == 'vi' else en}"


def _number(value: float, unit: Unit, locale: Locale, *, signed: bool = False) -> str:
    scaled = value * 100 if unit == "share" else value
    pattern = "0.00" if unit == "count" and abs(value) < _FEW else _UNITS[unit][0]
    return format_decimal(scaled, f"+{pattern};−{pattern}" if signed else pattern, locale=locale)


def _value(value: float | None, unit: Unit, locale: Locale) -> str:
    if value is None:
        return ""
    if unit == "share":
        return format_percent(value, "0.00 %", locale=locale)
    return _amount(value, unit, locale)
