"""What changes, outcomes and estimates are called on the page of mergers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.i18n import Language
from dashboard.mergers import SUCCESSOR
from dashboard.numbers import NOTHING
from dashboard.reader import SnapshotReader
from pipelines.analysis.impact.outcomes import COST, MEDIAN, P90, PER_SHOP_DAY, RATIOS, RECEIVED

_OUTCOMES = {each.name: each for each in (*RATIOS, RECEIVED, PER_SHOP_DAY, COST, MEDIAN, P90)}


def name_kind(language: Language, kind: str) -> str:
    """A kind of change."""
    names = {
        "shop_merger": language.say("Gộp bộ phận một cửa"),
        "unit_merger": language.say("Sáp nhập đơn vị"),
        "unit_split": language.say("Chia tách đơn vị"),
        "unit_abolished": language.say("Kết thúc cấp huyện"),
    }
    return names.get(kind, kind)


def name_colouring(language: Language, reader: SnapshotReader, metric: str) -> str:
    """What the map is coloured by."""
    if metric == SUCCESSOR:
        return language.say("Về xã, phường nào")
    return language.label(reader.metrics[metric])


def name_outcome(language: Language, outcome: str) -> str:
    """What an effect is measured on, in the words of its sentence."""
    named = _OUTCOMES.get(outcome)
    if named is None:
        return outcome
    return named.label_vi if language.code == "vi" else named.label_en


def name_estimator(language: Language, estimator: str) -> str:
    """How an effect was estimated."""
    names = {
        "pooled": language.say("trước và sau, trên địa bàn gộp"),
        "pooled_standardised": language.say("trước và sau, cùng cơ cấu thủ tục"),
        "did": language.say("so với nơi không thay đổi"),
        "placebo": language.say("so với nơi không thay đổi, sai số theo hoán vị"),
        "synthetic": language.say("so với đối chứng tổng hợp"),
        "its": language.say("so với xu hướng trước đó"),
        "dose": language.say("gộp nhiều so với gộp ít"),
    }
    return names.get(estimator, estimator)


def name_series(language: Language, series: str) -> str:
    """A line of the picture before and after."""
    names = {
        "treated": language.say("Nơi sáp nhập"),
        "controls": language.say("Nơi không thay đổi"),
        "synthetic": language.say("Đối chứng tổng hợp"),
        "counterfactual": language.say("Nếu không có thay đổi"),
    }
    return names[series]


def name_verdict(language: Language, verdict: str | None) -> str:
    """What can be claimed, in a word or two."""
    names = {
        "better": language.say("Tốt lên"),
        "worse": language.say("Xấu đi"),
        "no_effect_found": language.say("Không thấy tác động đáng kể"),
        "undetermined": language.say("Chưa kết luận được"),
        "descriptive": language.say("Chỉ mô tả"),
    }
    return names.get(verdict or "", NOTHING)


def name_impact(language: Language, change: Mapping[str, Any]) -> str:
    """A change, or a group of changes, whose effect was estimated."""
    return str(change["name_vi"] if language.code == "vi" else change["name_en"])


def write_value(language: Language, unit: str, value: float | None) -> str:
    """A value of an outcome in its unit: a share as a percentage, days and counts as they are."""
    numbers = language.numbers
    if value is None:
        return NOTHING
    if unit == "share":
        return numbers.percent(value)
    if unit == "days":
        return language.say("{days} ngày", days=numbers.quantity(value))
    if unit == "currency":
        return language.say("{amount} đồng", amount=numbers.count(value))
    return numbers.count(value) if abs(value) >= 100 else numbers.quantity(value)


def write_change(language: Language, unit: str, value: float) -> str:
    """A difference of two such values, signed: points, days, or the count's own unit."""
    numbers = language.numbers
    if unit == "share":
        return language.say("{change} điểm %", change=numbers.points(value))
    if unit == "days":
        return language.say("{days} ngày", days=numbers.quantity_change(value))
    if unit == "currency":
        return language.say("{amount} đồng", amount=numbers.difference(value))
    return numbers.difference(value) if abs(value) >= 100 else numbers.quantity_change(value)


def write_interval(language: Language, unit: str, low: float, high: float) -> str:
    """Both ends of an interval, the unit once, as `−1,12 đến −0,49 ngày`."""
    numbers = language.numbers
    scale = {"share": numbers.points, "currency": numbers.difference}.get(
        unit, numbers.quantity_change
    )
    ends = language.say("{low} đến {high}", low=scale(low), high=scale(high))
    return f"{ends} {name_unit(language, unit)}".strip()


def name_unit(language: Language, unit: str) -> str:
    """The unit of a difference; counts have none."""
    names = {
        "share": language.say("điểm %"),
        "days": language.say("ngày"),
        "currency": language.say("đồng"),
    }
    return names.get(unit, "")
