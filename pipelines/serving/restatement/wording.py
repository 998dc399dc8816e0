"""One sentence for each figure that was restated, in Vietnamese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal

from pipelines.serving.restatement.split import PARTS

Words = tuple[str, str]
"""The same in Vietnamese and in English."""

_PART_WORDS: dict[str, Words] = {
    "late_data": ("dữ liệu đến muộn", "data that came late"),
    "rule": ("quy tắc thay đổi", "changed rules"),
    "unit_change": ("thay đổi đơn vị", "changes of units"),
    "rule_and_unit": ("quy tắc và đơn vị thay đổi", "changed rules and units"),
    "log_mended": ("sổ ghi được sửa (xử lý lại cách ly, xóa hồ sơ)", "the log was mended"),
}
_TINY = 1e-12  # of floating point


def say_restated(row: Mapping[str, Any], unit: str, label: Words, *, is_share: bool) -> Words:
    """What was published, what is now, and the parts of the difference that are not nothing."""
    parts = [name for name in PARTS if abs(row[name] or 0) > _TINY]
    sentences: list[str] = []
    for n, locale in enumerate(("vi", "en")):
        then, now = (_say(row[name], locale, is_share=is_share) for name in ("then", "now"))
        why = ", ".join(
            f"{_PART_WORDS[name][n]} {_say(row[name], locale, is_share=is_share, is_signed=True)}"
            for name in parts
        )
        head = f"{row['period']}, {unit}: {label[n]} {then} → {now}"
        sentences.append(f"{head}: {why}." if why else f"{head}.")
    return sentences[0], sentences[1]


def _say(value: float | None, locale: str, *, is_share: bool, is_signed: bool = False) -> str:
    if value is None:
        return "chưa có" if locale == "vi" else "none"
    pattern = "#,##0.00" if is_share else "#,##0"
    text = format_decimal(abs(value) * (100 if is_share else 1), format=pattern, locale=locale)
    sign = "−" if value < 0 else "+" if is_signed else ""
    unit = "" if not is_share else (" điểm %" if locale == "vi" else " points")
    return f"{sign}{text}{unit if is_signed else '%' if is_share else ''}"
