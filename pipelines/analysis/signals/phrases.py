"""The words of the questions, in Vietnamese and in English, with places for figures and names."""

from __future__ import annotations

from typing import Literal

Tongue = Literal["vi", "en"]
Words = dict[Tongue, str]

SAID: dict[str, Words] = {
    "late_rate": {
        "vi": "{x} trong {n} hồ sơ giải quyết xong trong {span} bị quá hạn",
        "en": "{x} of {n} dossiers finished in the {span} were late",
    },
    "early_or_on_time_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ giải quyết xong trong {span} trước hạn hoặc đúng hạn",
        "en": "only {x} of {n} dossiers finished in the {span} were early or on time",
    },
    "overdue": {
        "vi": "{x} trong {n} hồ sơ đang giải quyết vào cuối ngày {day} đã quá hạn",
        "en": "{x} of {n} dossiers open at the end of {day} were overdue",
    },
    "acceptance_on_time_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ nộp trực tuyến trong {span} được tiếp nhận đúng hạn",
        "en": "only {x} of {n} online submissions of the {span} were answered in time",
    },
    "digitization_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ tiếp nhận trong {span} được số hóa",
        "en": "only {x} of {n} dossiers received in the {span} were digitized",
    },
    "digitization_item_rate": {
        "vi": "chỉ {x} trong {n} thành phần hồ sơ tiếp nhận trong {span} được số hóa",
        "en": "only {x} of {n} components received in the {span} were digitized",
    },
    "digitization_full_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ giải quyết xong trong {span} được số hóa đầy đủ",
        "en": "only {x} of {n} dossiers finished in the {span} were fully digitized",
    },
    "e_result_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ phải có kết quả, xong trong {span}, có kết quả điện tử",
        "en": "only {x} of {n} dossiers finished in the {span} with a result due had an e-result",
    },
    "online_rate": {
        "vi": "chỉ {x} trong {n} hồ sơ tiếp nhận trong {span} nộp trực tuyến",
        "en": "only {x} of {n} dossiers received in the {span} came online",
    },
    "waiting_at_counter_over_7": {
        "vi": "{x} trong {n} kết quả chờ trả vào cuối ngày {day} đã chờ quá 7 ngày",
        "en": "{x} of {n} results at the counter at the end of {day} had waited over 7 days",
    },
    "received": {
        "vi": "chỉ tiếp nhận {x} hồ sơ trong {span}",
        "en": "only {x} dossiers were received in the {span}",
    },
}
"""What is said of a metric; of a share the percentage follows."""

NOTHING: Words = {
    "vi": "không tiếp nhận hồ sơ nào trong {span}",
    "en": "no dossier was received in the {span}",
}
SILENT: Words = {
    "vi": "không có dữ liệu nào sau ngày {since}; {x} hồ sơ được tiếp nhận trong {span}",
    "en": "nothing was heard after {since}; {x} dossiers were received in the {span}",
}
SPAN: dict[bool, Words] = {
    False: {"vi": "{weeks} tuần đến {day}", "en": "{weeks} weeks to {day}"},
    True: {"vi": "tuần đến {day}", "en": "week to {day}"},
}
"""The weeks spoken of; True: a single one."""

EXPECTED: Words = {"vi": ", bình thường khoảng {e}", "en": ", where about {e} would be usual"}
CAUSES: dict[str, Words] = {
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
EXCESS: dict[bool, Words] = {
    True: {"vi": "tăng thêm", "en": "excess"},
    False: {"vi": "thiếu hụt", "en": "shortfall"},
}
"""What is beyond expectation; True: more is worse."""

NO_CAUSE: Words = {
    "vi": "không thủ tục, kênh hay khâu nào chiếm phần lớn",
    "en": "no procedure, channel or step holds most of it",
}
CHANNELS: dict[str, Words] = {
    "1": {"vi": "trực tiếp", "en": "in person"},
    "2": {"vi": "trực tuyến", "en": "online"},
    "3": {"vi": "bưu chính công ích", "en": "public post"},
}
STATES: dict[str, Words] = {
    "4": {"vi": "đang giải quyết", "en": "in process"},
    "5": {"vi": "yêu cầu bổ sung", "en": "supplement requested"},
    "6": {"vi": "yêu cầu nghĩa vụ tài chính", "en": "financial obligation requested"},
    "9": {"vi": "kết thúc xử lý", "en": "finish"},
}
