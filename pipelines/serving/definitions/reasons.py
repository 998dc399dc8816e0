"""Why a dossier stands in another class under another definition, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from pipelines.serving.metrics.registry import Definition

BASE = "ii06a"
"""The definition that the others are held against: that of the form."""

Words = tuple[str, str]
"""The same in Vietnamese and in English."""

_TWO_REQUESTS = (
    "đã bị yêu cầu bổ sung từ hai lần",
    "with two or more supplement requests",
)

REASONS: dict[tuple[str, str, str], Words] = {
    ("ii06a_vendor", "no_due_date", "on_time"): (
        "không có ngày hẹn trả: biểu II.06a để thành nhóm riêng, cách này tính là đúng hạn",
        "without a due date: a class of its own by the form, on time this way",
    ),
    ("ii06a_vendor", "withdrawn", "on_time"): (
        "người nộp xin rút: biểu II.06a không phân loại theo hạn, cách này tính là đúng hạn",
        "withdrawn by the applicant: not classified by the form, on time this way",
    ),
    ("half_day", "early", "on_time"): (
        "xong trước ngày hẹn, trong buổi làm việc cuối cùng trước giờ hẹn: trước hạn theo ngày,"
        " đúng hạn theo buổi",
        "finished before the due day, in the last session before the due time: early by date,"
        " on time by half day",
    ),
    ("half_day", "on_time", "early"): (
        "xong đúng ngày hẹn, trước buổi hẹn: đúng hạn theo ngày, trước hạn theo buổi",
        "finished on the due day, before the due session: on time by date, early by half day",
    ),
    ("half_day", "on_time", "late"): (
        "xong đúng ngày hẹn nhưng sau giờ hẹn: đúng hạn theo ngày, quá hạn theo buổi",
        "finished on the due day but after the due time: on time by date, late by half day",
    ),
    ("instant", "on_time", "early"): (
        "xong đúng ngày hẹn, trước giờ hẹn: đúng hạn theo ngày, trước hạn theo giây",
        "finished on the due day, before the due time: on time by date, early to the second",
    ),
    ("instant", "on_time", "late"): (
        "trễ giờ nhưng xong đúng ngày hẹn: quá hạn theo giây, đúng hạn theo ngày",
        "finished after the due time but on the due day: late to the second, on time by date",
    ),
    ("d766", "early", "on_time"): (
        "xong trước ngày hẹn nằm trong nhóm đúng hạn: Quyết định 766 không có nhóm trước hạn",
        "finished before the due day, inside on time: Decision 766 has no class early",
    ),
    ("d766", "early", "late"): (
        f"xong trước ngày hẹn nhưng {_TWO_REQUESTS[0]}: Quyết định 766 tính là quá hạn",
        f"finished before the due day but {_TWO_REQUESTS[1]}: late by Decision 766",
    ),
    ("d766", "on_time", "late"): (
        f"xong đúng ngày hẹn nhưng sau giờ hẹn, hoặc {_TWO_REQUESTS[0]}: Quyết định 766 tính là"
        " quá hạn",
        f"finished on the due day but after the due time, or {_TWO_REQUESTS[1]}: late by"
        " Decision 766",
    ),
    ("d766", "no_due_date", "on_time"): (
        "không có ngày hẹn trả, xong trong thời hạn quy định của thủ tục: Quyết định 766 tính là"
        " đúng hạn",
        "without a due date, finished within the procedure's term: on time by Decision 766",
    ),
    ("d766", "no_due_date", "late"): (
        f"không có ngày hẹn trả, xong quá thời hạn quy định của thủ tục hoặc {_TWO_REQUESTS[0]}:"
        " Quyết định 766 tính là quá hạn",
        f"without a due date, finished after the procedure's term or {_TWO_REQUESTS[1]}: late by"
        " Decision 766",
    ),
}
"""(definition, class under the form, class under the definition) → why; source: domain §4."""

INSIDE = ("d766", "early", "on_time")
"""No move: on time holds early where the definition has no class early."""

_UNNAMED: Words = (
    "đổi nhóm từ “{class_from}” sang “{class_to}” mà chưa có lý do được ghi",
    "from class {class_from} to {class_to}, for no reason on record",
)


@dataclass(frozen=True)
class Move:
    """Dossiers in one class under the form and in another under a definition."""

    definition: str
    class_from: str
    class_to: str
    dossiers: int

    @property
    def is_inside(self) -> bool:
        """Whether the class is only part of a wider one: no move, but worth saying."""
        return (self.definition, self.class_from, self.class_to) == INSIDE


def name_move(move: Move) -> Words:
    """The number of dossiers and why they stand elsewhere, in Vietnamese and in English."""
    why_vi, why_en = REASONS.get((move.definition, move.class_from, move.class_to), _UNNAMED)
    classes = {"class_from": move.class_from, "class_to": move.class_to}
    count_vi, count_en = _count(move.dossiers)
    return f"{count_vi} {why_vi.format(**classes)}", f"{count_en} {why_en.format(**classes)}"


def say_difference(definition: Definition, classified: int | None, moves: Sequence[Move]) -> Words:
    """One sentence that says how a definition differs from the form, and why.

    `classified` is the number of dossiers it classifies, None where it cannot be asked for the
    period; `moves` are the dossiers whose class differs.
    """
    if definition.id == BASE:
        return (
            "Là căn cứ của biểu báo cáo: các cách tính khác được so với cách này.",
            "The rule of the report form: the other rules are held against it.",
        )
    if classified is None:
        return (
            f"{definition.label_vi} chỉ tính cho trọn một tháng, quý hoặc năm; kỳ đang xem không"
            " phải là một kỳ như vậy.",
            f"{definition.label_en} counts whole months, quarters or years only; the period shown"
            " is none of them.",
        )
    named = [name_move(move) for move in moves]
    if named:
        why_vi = "; ".join(words[0] for words in named)
        why_en = "; ".join(words[1] for words in named)
    else:
        why_vi = "không hồ sơ nào đổi nhóm so với biểu II.06a"
        why_en = "no dossier changes its class against form II.06a"
    if not definition.periods:
        return _sentence(why_vi), _sentence(why_en)
    count_vi, count_en = _count(classified)
    whom_vi = definition.population_vi.removeprefix("hồ sơ ")
    whom_en = definition.population_en.removeprefix("dossiers ")
    return (
        f"Tính {count_vi} {whom_vi}. Trong số hồ sơ giải quyết xong trong kỳ: {why_vi}.",
        f"Counts {count_en} {whom_en}. Among those resolved in the period: {why_en}.",
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _count(dossiers: int) -> Words:
    noun = "dossier" if dossiers == 1 else "dossiers"
    return (
        f"{format_decimal(dossiers, locale='vi')} hồ sơ",
        f"{format_decimal(dossiers, locale='en')} {noun}",
    )
