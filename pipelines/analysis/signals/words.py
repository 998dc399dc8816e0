"""A question in one sentence, in Vietnamese and in English: the figure, whose, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from pipelines.analysis.signals.explain import Cause

Tongue = Literal["vi", "en"]


@dataclass(frozen=True)
class Question:
    """What a sentence speaks of; `silent_since` is the day a shop was last heard of."""

    who: Mapping[Tongue, str]
    metric: str
    numerator: int
    denominator: int | None
    expected: float
    weeks: int
    last_on: date
    worse_is_more: bool
    causes: tuple[Cause, ...]
    silent_since: date | None = None


_SAID: dict[str, dict[Tongue, str]] = {
    "late_rate": {
        "vi": "{x} trong {n} hồ sơ giải quyết xong trong {weeks} tuần đến {day} bị quá hạn ({p})",
        "en": "{x} of {n} dossiers finished in the {weeks} weeks to {day} were late ({p})",
    },
    "early_or_on_time_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ giải quyết xong trong {weeks} tuần đến {day} trước hạn hoặc "
        "đúng hạn ({p})",
        "en": "only {x} of {n} dossiers finished in the {weeks} weeks to {day} were early or on time "
        "({p})",
    },
    "overdue": {
        "vi": "{x} trong {n} hồ sơ đang giải quyết vào cuối ngày {day} đã quá hạn ({p})",
        "en": "{x} of {n} dossiers open at the end of {day} were overdue ({p})",
    },
    "acceptance_on_time_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ nộp trực tuyến trong {weeks} tuần đến {day} được trả lời tiếp "
        "nhận đúng hạn ({p})",
        "en": "only {x} of {n} online submissions of the {weeks} weeks to {day} were answered in time "
        "({p})",
    },
    "digitization_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ tiếp nhận trong {weeks} tuần đến {day} được số hóa ({p})",
        "en": "only {x} of {n} dossiers received in the {weeks} weeks to {day} were digitized ({p})",
    },
    "digitization_item_rate": {
        "vi": "chỉ {x} trong {n} thành phần hồ sơ tiếp nhận trong {weeks} tuần đến {day} được số hóa "
        "({p})",
        "en": "only {x} of {n} components received in the {weeks} weeks to {day} were digitized ({p})",
    },
    "digitization_full_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ giải quyết xong trong {weeks} tuần đến {day} được số hóa đầy "
        "đủ ({p})",
        "en": "only {x} of {n} dossiers finished in the {weeks} weeks to {day} were fully digitized "
        "({p})",
    },
    "e_result_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ giải quyết xong phải có kết quả trong {weeks} tuần đến {day} có "
        "kết quả điện tử ({p})",
        "en": "only {x} of {n} dossiers finished with a result due in the {weeks} weeks to {day} had "
        "an e-result ({p})",
    },
    "online_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ tiếp nhận trong {weeks} tuần đến {day} nộp trực tuyến ({p})",
        "en": "only {x} of {n} dossiers received in the {weeks} weeks to {day} came online ({p})",
    },
    "waiting_at_counter_over_7": {
        "vi": "{x} trong {n} kết quả chờ trả tại quầy vào cuối ngày {day} đã chờ quá 7 ngày ({p})",
        "en": "{x} of {n} results waiting at the counter at the end of {day} had waited over 7 days "
        "({p})",
    },
    "received": {
        "vi": "chỉ tiếp nhận {x} hồ sơ trong {weeks} tuần đến {day}",
        "en": "only {x} dossiers were received in the {weeks} weeks to {day}",
    },
}
_NOTHING: dict[Tongue, str] = {
    "vi": "không tiếp nhận hồ sơ nào trong {weeks} tuần đến {day}",
    "en": "no dossier was received in the {weeks} weeks to {day}",
}
_SILENT: dict[Tongue, str] = {
    "vi": "không có dữ liệu nào sau ngày {since}; {x} hồ sơ được tiếp nhận trong {weeks} tuần đến "
    "{day}",
    "en": "nothing was heard after {since}; {x} dossiers were received in the {weeks} weeks to {day}",
}
_EXPECTED: dict[Tongue, str] = {
    "vi": ", bình thường khoảng {e}",
    "en": ", where about {e} would be usual",
}
_CAUSES: dict[str, dict[Tongue, str]] = {
    "procedure": {
        "vi": "{share} phần {excess} nằm ở thủ tục “{name}”",
        "en": "{share} of the {excess} lies in the procedure “{name}”",
    },
    "channel": {
        "vi": "{share} phần {excess} nằm ở kênh {name}",
        "en": "{share} of the {excess} lies in the channel {name}",
    },
    "field": {
        "vi": "{share} phần {excess} nằm ở lĩnh vực “{name}”",
        "en": "{share} of the {excess} lies in the field “{name}”",
    },
    "unit": {
        "vi": "{share} phần {excess} nằm ở {name}",
        "en": "{share} of the {excess} lies in {name}",
    },
    "step": {
        "vi": "{share} thời gian kéo dài thêm nằm ở khâu “{name}”",
        "en": "{share} of the added time is spent in the step “{name}”",
    },
}
_EXCESS: dict[bool, dict[Tongue, str]] = {
    True: {"vi": "tăng thêm", "en": "excess"},
    False: {"vi": "thiếu hụt", "en": "shortfall"},
}
_NO_CAUSE: dict[Tongue, str] = {
    "vi": "không thủ tục, kênh hay khâu nào chiếm phần lớn",
    "en": "no procedure, channel or step holds most of it",
}
_CHANNELS: dict[str, dict[Tongue, str]] = {
    "1": {"vi": "trực tiếp", "en": "in person"},
    "2": {"vi": "trực tuyến", "en": "online"},
    "3": {"vi": "bưu chính công ích", "en": "public post"},
}
_STATES: dict[str, dict[Tongue, str]] = {
    "4": {"vi": "đang giải quyết", "en": "in process"},
    "5": {"vi": "yêu cầu bổ sung", "en": "supplement requested"},
    "6": {"vi": "yêu cầu nghĩa vụ tài chính", "en": "financial obligation requested"},
    "9": {"vi": "kết thúc xử lý", "en": "finish"},
}


def write_sentence(question: Question, names: Mapping[str, str], tongue: Tongue) -> str:
    """The question in a language; `names` of procedures, fields and units by code."""
    numbers = {
        "x": _count(question.numerator, tongue),
        "n": _count(question.denominator or 0, tongue),
        "p": _percent(question.numerator, question.denominator, tongue),
        "weeks": str(question.weeks),
        "day": _day(question.last_on, tongue),
    }
    is_nothing = question.denominator is None and question.numerator == 0
    said = _NOTHING[tongue] if is_nothing else _SAID[question.metric][tongue]
    if question.silent_since is not None:
        numbers["since"] = _day(question.silent_since, tongue)
        said = _SILENT[tongue]
    if tongue == "en" and question.weeks == 1:
        said = said.replace("{weeks} weeks", "week")
    expected = _EXPECTED[tongue].format(e=_about(question.expected, tongue))
    causes = [_name_cause(cause, question, names, tongue) for cause in question.causes]
    silent = question.silent_since is not None
    why = "; ".join(causes) or ("" if silent else _NO_CAUSE[tongue])
    tail = f"; {why}" if why else ""
    return f"{question.who[tongue]}: {said.format(**numbers)}{expected}{tail}."


def name_step(code: str, tongue: Tongue) -> str:
    """The words for a step, `4 Lãnh đạo`: who acts, and at which status."""
    status, _, office = code.partition(" ")
    state = _STATES.get(status, {}).get(tongue, status)
    return f"{office} ({state})" if office else state


def _name_cause(cause: Cause, question: Question, names: Mapping[str, str], tongue: Tongue) -> str:
    name = names.get(cause.code, cause.code)
    if cause.kind == "channel":
        name = _CHANNELS.get(cause.code, {}).get(tongue, cause.code)
    if cause.kind == "step":
        name = name_step(cause.code, tongue)
    return _CAUSES[cause.kind][tongue].format(
        share=_share(cause.share, tongue),
        name=name,
        excess=_EXCESS[question.worse_is_more][tongue],
    )


def _count(value: float, tongue: Tongue) -> str:
    return format_decimal(round(value), "#,##0", locale=tongue)


def _about(value: float, tongue: Tongue) -> str:
    return format_decimal(value, "#,##0" if value >= 10 else "0.0", locale=tongue)


def _percent(numerator: int, denominator: int | None, tongue: Tongue) -> str:
    return _share(numerator / denominator, tongue, "0.0") if denominator else ""


def _share(value: float, tongue: Tongue, pattern: str = "0") -> str:
    """Vietnamese sets the sign apart: 91,9 %; a share beyond the whole is all of it."""
    sign = "\N{NO-BREAK SPACE}%" if tongue == "vi" else "%"
    return format_decimal(min(value, 1.0) * 100, pattern, locale=tongue) + sign


def _day(value: date, tongue: Tongue) -> str:
    return format_date(value, "dd/MM/yyyy" if tongue == "vi" else "d MMM yyyy", locale=tongue)
