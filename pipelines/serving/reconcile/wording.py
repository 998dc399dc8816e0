"""The sentence beside each explanation, in Vietnamese and in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.numbers import format_decimal

from pipelines.serving.metrics.registry import Definition

Words = tuple[str, str]
"""The same in Vietnamese and in English."""

EQUAL: Words = ("Bằng số tính được.", "Equal to ours.")
CLOSED_FOR_RESOLVED: Words = (
    "Số báo cáo đếm mọi hồ sơ kết thúc, gồm cả rút, từ chối và dừng, không chỉ hồ sơ giải quyết"
    " xong.",
    "The report counts every closed dossier, withdrawn, refused and stopped included, not the"
    " resolved alone.",
)
RETURN_FOR_FINISH: Words = (
    "Số báo cáo đếm theo ngày trả kết quả thay cho ngày kết thúc xử lý.",
    "The report counts by the day of return instead of the day of finishing.",
)
NOTHING_OF_OURS: Words = (
    "Không giải thích được: không có số của đơn vị này trong tháng này để so.",
    "Unexplained: there is no figure of this unit and month to hold against it.",
)


def other_definition(definition: Definition) -> Words:
    """The report matches ours under another deadline definition."""
    return (
        f"Số báo cáo bằng số tính theo định nghĩa “{definition.label_vi}” ({definition.id}).",
        f"The report equals ours under the definition “{definition.label_en}” ({definition.id}).",
    )


def told_late(count: int, reported_on: date, *, is_exact: bool) -> Words:
    """Dossiers came or changed after the report."""
    vi, en = _count(count)
    if is_exact:
        return (
            f"{vi} được báo sau ngày báo cáo {reported_on:%d/%m/%Y}; bỏ các hồ sơ đó thì hai số"
            " bằng nhau.",
            f"{en} told after the report of {reported_on}; without them the two are equal.",
        )
    return (
        f"{vi} được báo hoặc thay đổi sau ngày báo cáo {reported_on:%d/%m/%Y}; chênh lệch nằm"
        " trong số đó.",
        f"{en} told or changed after the report of {reported_on}; the difference is among them.",
    )


def held_back(count: int) -> Words:
    """Records of the unit's sources stand in quarantine."""
    vi, en = _count(count)
    return (
        f"{vi} của tháng này từ nguồn của đơn vị đang bị cách ly; chênh lệch nằm trong số đó.",
        f"{en} of the month from the unit's sources in quarantine; the difference is among them.",
    )


def other_units(keys: Sequence[str], count: int) -> Words:
    """The report holds what stands with units before or after a change."""
    vi, en = _count(count)
    names = ", ".join(key.removesuffix("@") for key in keys)
    return (
        f"Số báo cáo gồm cả {vi} của {names}, do thay đổi đơn vị.",
        f"The report includes {en} of {names}, by a change of units.",
    )


def unexplained(*, late: int, held: int, changes: int) -> Words:
    """What was looked at without finding the difference."""
    late_vi, late_en = _count(late)
    held_vi, held_en = _count(held)
    return (
        f"Không giải thích được: không định nghĩa nào khớp, {late_vi} báo sau ngày báo cáo,"
        f" {held_vi} bị cách ly, {changes} thay đổi đơn vị không bù được chênh lệch.",
        f"Unexplained: no definition matches; {late_en} told after the report, {held_en} in"
        f" quarantine and changes of units ({changes}) do not make up the difference.",
    )


def _count(dossiers: int) -> Words:
    noun = "dossier" if dossiers == 1 else "dossiers"
    return (
        f"{format_decimal(dossiers, locale='vi')} hồ sơ",
        f"{format_decimal(dossiers, locale='en')} {noun}",
    )
