"""A form as machines read it (design §5), with the sentences that stand below it."""

from __future__ import annotations

from typing import Any

from pipelines.serving.forms.cells import DEFINITION
from pipelines.serving.forms.ii06a import Form
from pipelines.serving.forms.periods import Period
from pipelines.serving.forms.places import FormUnit, TodaysBoundaries

STATES_VI = {
    "draft": "Dự thảo",
    "signed": "Đã ký",
    "corrected": "Đã điều chỉnh",
    "current": "Số liệu hiện tại, không phải số liệu đã ký",
}


def lay_out_form(form: Form) -> dict[str, Any]:
    """The form as one JSON object: its blocks as in design §5, and what is known of them.

    `closings` has every act of closing, the oldest first; `changed_cells` is null for a form
    that was never closed; `notes` are pairs of sentences, `vi` and `en`.
    """
    kept = form.kept_by
    return {
        "form": DEFINITION,
        "period": form.period.word,
        "first_on": form.period.first_on,
        "last_on": form.period.last_on,
        "unit_code": form.unit.code if form.unit else None,
        "unit_valid_from": form.unit.valid_from if form.unit else None,
        "unit_name_vi": form.unit.name_vi if form.unit else form.place.province_vi,
        "boundaries": form.boundaries,
        "ground_vi": form.place.ground_vi,
        "state": form.state,
        "closings": [
            {
                "state": act.state,
                "by": act.stated_by,
                "at": act.stated_at.isoformat(),
                "note": act.note,
                "snapshot": act.snapshot,
            }
            for act in form.closings
        ],
        "changed_cells": form.changed_cells,
        "definition": DEFINITION,
        "snapshot": kept.snapshot if kept else form.facts.version,
        "as_of": form.as_of,
        "rules_hash": kept.rules_hash if kept else form.facts.rules_hash,
        "is_synthetic": form.facts.is_synthetic,
        "notes": [{"vi": vi, "en": en} for vi, en in write_notes(form)],
        "blocks": form.blocks(),
    }


def write_notes(form: Form) -> list[tuple[str, str]]:
    """The footnotes, each in Vietnamese and English."""
    notes = [_vendor_rule(form), _balances(form)]
    if form.today is not None:
        notes += _boundaries(form.today)
    elif form.unit is not None:
        notes += _validity(form.unit, form.period)
        notes += [_other_unit(form.unit.code, name, form.period) for name, *_ in form.unit.others]
    if form.place.ground_vi is not None:
        notes.append(
            (
                f"Số liệu thuộc {form.place.ground_vi}.",
                f"The data covers the former province of {form.place.former_vi} alone"
                f" ({form.place.communes} communes and wards).",
            )
        )
    notes += _state(form)
    if form.facts.is_synthetic:
        notes.append(
            (
                "Số liệu mô phỏng, không phải số liệu thật.",
                "The data is synthetic, made by the simulator.",
            )
        )
    return notes


def _vendor_rule(form: Form) -> tuple[str, str]:
    n = form.footnoted()
    return (
        f"Cột (9) gồm cả hồ sơ người nộp rút ({n['withdrawn']}), hồ sơ bị từ chối giải quyết sau"
        f" tiếp nhận ({n['refused']}), hồ sơ dừng xử lý ({n['stopped']}) và hồ sơ đã giải quyết"
        f" không có ngày hẹn trả ({n['no_due_date']}). So sánh theo ngày (quy tắc {DEFINITION}).",
        f"Column (9) includes dossiers withdrawn ({n['withdrawn']}), refused after acceptance"
        f" ({n['refused']}), stopped ({n['stopped']}) and resolved without a due date"
        f" ({n['no_due_date']}). Finish and due date are compared by day (rule {DEFINITION}).",
    )


def _balances(form: Form) -> tuple[str, str]:
    last = form.period.last_on
    end = min(last, form.as_of)
    vi = f"Cột (11)–(13): cuối ngày {end:%d/%m/%Y}; hồ sơ đang chờ bổ sung hoặc chờ nghĩa vụ"
    en = f"Columns (11)-(13) stand at the end of {end}; a dossier that waits or has no due date"
    ends = form.as_of < last
    return (
        f"{vi} tài chính và hồ sơ không có ngày hẹn trả tính ở cột (12)."
        + (f" Kỳ chưa kết thúc, dữ liệu đến ngày {form.as_of:%d/%m/%Y}." if ends else ""),
        f"{en} is in column (12)."
        + (f" The period has not ended, the data ends on {form.as_of}." if ends else ""),
    )


def _validity(unit: FormUnit, period: Period) -> list[tuple[str, str]]:
    """Why a unit received nothing in a period that it did not see."""
    if unit.valid_from is not None and unit.valid_from > period.last_on:
        began = unit.valid_from
        return [
            (
                f"Đơn vị hoạt động từ ngày {began:%d/%m/%Y}, sau kỳ báo cáo.",
                f"The unit began on {began}, after the period.",
            )
        ]
    if unit.valid_to is not None and unit.valid_to < period.first_on:
        ended = unit.valid_to
        return [
            (
                f"Đơn vị kết thúc hoạt động ngày {ended:%d/%m/%Y}; biểu này chỉ gồm hồ sơ tồn.",
                f"The unit ended on {ended}: only dossiers still open then are counted.",
            )
        ]
    return []


def _boundaries(today: TodaysBoundaries) -> list[tuple[str, str]]:
    """Which boundaries these are, whose dossiers the unit has, and what a split made of them."""
    planned_vi, planned_en = (", theo kế hoạch", ", as planned") if today.is_planned else ("", "")
    since_vi = f" (từ ngày {today.since:%d/%m/%Y}{planned_vi})" if today.since else ""
    since_en = f" (from {today.since}{planned_en})" if today.since else ""
    notes = [
        (
            f"Số liệu theo địa giới hiện nay{since_vi}: hồ sơ của đơn vị cũ, kể cả hồ sơ từ kỳ"
            " trước chuyển sang, tính cho đơn vị kế thừa. Biểu được ký theo địa giới từng thời kỳ.",
            f"By today's boundaries{since_en}: a former unit's dossiers, those carried in too, are"
            " its successor's. What is signed is said of the units as they were.",
        )
    ]
    if today.predecessors:
        names = "; ".join(today.predecessors)
        notes.append((f"Gồm hồ sơ của: {names}.", f"With the dossiers of: {names}."))
    if today.divided:
        names = "; ".join(today.divided)
        notes.append(
            (
                f"Đơn vị chia tách ({names}): mỗi hồ sơ tính trọn cho một đơn vị kế thừa.",
                f"Units that were split ({names}): a dossier goes whole to one successor.",
            )
        )
    return notes


def _other_unit(code: str, name: str, period: Period) -> tuple[str, str]:
    return (
        f"Trong kỳ, mã {code} còn là mã của {name}; biểu này không gồm số liệu của đơn vị đó.",
        f"Within {period.word} the code {code} also belonged to {name}, which is not included.",
    )


def _state(form: Form) -> list[tuple[str, str]]:
    state_vi = STATES_VI[form.state]
    if not form.closings:
        return [(f"Trạng thái: {state_vi}.", f"State: {form.state}.")]
    notes: list[tuple[str, str]] = []
    if form.state == "current":
        notes.append((f"Trạng thái: {state_vi}.", "State: current figures, not those signed."))
    for act in form.closings:
        why_vi, why_en = (f" ({act.note})",) * 2 if act.note else ("", "")
        notes.append(
            (
                f"{STATES_VI[act.state]}: {act.stated_by}, {act.stated_at:%H:%M ngày %d/%m/%Y}"
                f"{why_vi}; bản dữ liệu {act.snapshot}.",
                f"{act.state.capitalize()} by {act.stated_by} on {act.stated_at:%Y-%m-%d %H:%M}"
                f"{why_en}; snapshot {act.snapshot}.",
            )
        )
    if form.changed_cells:
        notes.append(
            (
                f"Số liệu hiện tại khác số liệu đã chốt ở {form.changed_cells} ô.",
                f"Today's figures differ from those kept in {form.changed_cells} cells.",
            )
        )
    return notes
