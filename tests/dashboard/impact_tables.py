"""Tables of effects put into a snapshot by hand: the page is tested on figures that are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.analysis.impact import IMPACT_SCHEMAS

TABLES = tuple(IMPACT_SCHEMAS)
SHOPS = ("00691", "00721", "00769", "01021")
MERGED_ON = date(2024, 7, 1)
NETWORK_ON = date(2025, 7, 1)
# outcome: unit, before, after, estimate, low, high, verdict
EFFECTS = {
    "working_days_mean": ("days", 5.21, 4.33, -0.81, -1.12, -0.49, "better"),
    "working_days_median": ("days", 3.90, 3.20, -0.70, None, None, "descriptive"),
    "working_days_p90": ("days", 11.20, 9.80, -1.40, None, None, "descriptive"),
    "late_rate": ("share", 0.0312, 0.0286, -0.0026, -0.0171, 0.0119, "no_effect_found"),
    "early_rate": ("share", 0.9521, 0.9608, 0.0087, -0.0080, 0.0254, "no_effect_found"),
    "on_time_rate": ("share", 0.0167, 0.0106, -0.0061, -0.0190, 0.0068, "no_effect_found"),
    "digitization_rate": ("share", 0.6810, 0.7420, 0.0210, -0.0450, 0.0870, "undetermined"),
    "e_result_rate": ("share", 0.7130, 0.7390, 0.0140, -0.0200, 0.0480, "no_effect_found"),
    "online_rate": ("share", 0.5420, 0.6180, 0.0302, 0.0118, 0.0486, "better"),
    "received": ("count", 1812.0, 1904.0, 92.0, None, None, "descriptive"),
    "dossiers_per_shop_day": ("count", 3.4, 6.9, 3.5, None, None, "descriptive"),
}
REASON = ("Chưa đủ hồ sơ để ước lượng.", "Too few dossiers.")
SENTENCES = {
    "better": ("Tốt lên: khoảng tin cậy nằm hẳn một bên số 0.",
               "Better: the interval lies on one side of zero."),
    "no_effect_found": ("Chưa thấy tác động: khoảng tin cậy có số 0.",
                        "No effect found: the interval holds zero."),
    "undetermined": ("Chưa kết luận được: khoảng tin cậy quá rộng.",
                     "Cannot be said: the interval is too wide."),
    "descriptive": ("Chỉ mô tả, không phải ước lượng tác động.",
                    "A description, no estimate of an effect."),
}  # fmt: skip


def add_impacts(file: Path, *, status: str = "ok") -> None:
    """The six tables: a group of four, each of the four, the network; `status` of them all."""
    ids = {"shop-mergers": None, **{f"shop-{code}": code for code in SHOPS}}
    ids["network-2025-07-01"] = None
    is_ok = status == "ok"
    frames = {
        "imp_change": pl.DataFrame([_change(i, code, status) for i, code in ids.items()]),
        "imp_effect": pl.DataFrame([effect for i in ids for effect in _effects(i)]),
        "imp_series": pl.DataFrame([s for i in ids for s in _series(i)]),
        "imp_event": pl.DataFrame(
            [
                {"impact_id": i, "outcome": o, "month_k": k,
                 "estimate": e, "low": e - w, "high": e + w}
                for i in ids if i.startswith("shop")
                for o, w in (("working_days_mean", 0.5), ("online_rate", 0.02))
                for k in range(-12, 13)
                for e in [(0.0 if k < 0 else EFFECTS[o][3]) + w * ((k * 7) % 5 - 2) / 6]
            ]
        ),
        "imp_placebo": pl.DataFrame(
            [row for i in ids if i.startswith("shop") for row in _placebos(i)],
            schema_overrides={"month_on": pl.Date},
        ),
        "imp_pretrend": pl.DataFrame(
            [
                {"impact_id": i, "outcome": o, "p_value_leads": 0.41,
                 "placebo_on": date(2023, 7, 1), "placebo_estimate": w / 5,
                 "placebo_low": -w, "placebo_high": w * 1.4,
                 "passes": o != "digitization_rate"}
                for i in ids if i.startswith("shop")
                for o, w in (("working_days_mean", 0.3), ("online_rate", 0.012),
                             ("digitization_rate", 0.05))
            ]
        ),
    }  # fmt: skip
    empty = () if is_ok else TABLES[1:]
    _write(file, {name: f.clear() if name in empty else f for name, f in frames.items()})


def _change(impact_id: str, code: str | None, status: str) -> dict[str, object]:
    network = impact_id.startswith("network")
    reasons = (
        (None, None) if status == "ok" else ("Chưa đủ hồ sơ để ước lượng.", "Too few dossiers.")
    )
    return {
        "impact_id": impact_id,
        "kind": "network" if network else "shop_merger" if code else "shop_merger_group",
        "effective_on": NETWORK_ON if network else MERGED_ON,
        "date_is_assumed": not network,
        "name_vi": "Sắp xếp 01/07/2025" if network else f"Gộp một cửa {code or 'của bốn đơn vị'}",
        "name_en": "Reorganisation of 2025-07-01" if network else f"Shops folded: {code or 'four'}",
        "treated_keys": [f"{code}@"] if code else [f"{each}@" for each in SHOPS],
        "unions_n": 73 if network else 1 if code else 4,
        "controls_n": 0 if network else 7,
        "before_from": date(2022, 7, 1),
        "before_to": date(2024, 6, 1),
        "after_from": MERGED_ON,
        "after_to": date(2025, 6, 1),
        "status": status,
        "reason_vi": reasons[0],
        "reason_en": reasons[1],
    }


def _effects(impact_id: str) -> list[dict[str, object]]:
    return [
        {
            "impact_id": impact_id, "outcome": outcome,
            "estimator": "pooled" if verdict == "descriptive" else "placebo",
            "is_headline": True, "unit": unit,
            "before_value": before, "before_numerator": round(before * 1000),
            "before_denominator": 1000,
            "after_value": after, "after_numerator": round(after * 1000), "after_denominator": 1000,
            "estimate": estimate, "low": low, "high": high,
            "p_value": None if low is None else 0.03, "level": 0.95, "second_opinion": estimate,
            "verdict": verdict, "status": None,
            "sentence_vi": SENTENCES[verdict][0], "sentence_en": SENTENCES[verdict][1],
        }
        for outcome, (unit, before, after, estimate, low, high, verdict) in EFFECTS.items()
    ]  # fmt: skip


def _series(impact_id: str) -> list[dict[str, object]]:
    network = impact_id.startswith("network")
    on = NETWORK_ON if network else MERGED_ON
    rows: list[dict[str, object]] = []
    for number in range(48):
        month = date(2022 + number // 12, number % 12 + 1, 1)
        for outcome, (unit, before, _, estimate, *_) in EFFECTS.items():
            wave = ((number * 11) % 7 - 3) / 40
            size = before * (1 + wave / 2)
            other = "counterfactual" if network else "controls"
            names = ("treated", other) if unit != "count" else ("treated",)
            for name in names:
                value = size + (estimate if month >= on and name == "treated" else 0)
                value += 0 if name == "treated" else before * wave / 3
                rows.append(
                    {"impact_id": impact_id, "outcome": outcome, "month_on": month, "series": name,
                     "numerator": round(value * 100), "denominator": 100, "value": value}
                )  # fmt: skip
    return rows


def _placebos(impact_id: str) -> list[dict[str, object]]:
    """Changes that never were; for a single shop also gaps from synthetic controls by month."""
    rows: list[dict[str, object]] = []
    for outcome, width in (("working_days_mean", 0.3), ("online_rate", 0.012)):
        rows += [
            {"impact_id": impact_id, "outcome": outcome, "kind": kind, "label": f"{kind} {number}",
             "month_on": None, "estimate": width * ((number * 37) % 41 - 20) / 14}
            for kind in ("unit", "date")
            for number in range(40)
        ]  # fmt: skip
        if impact_id.removeprefix("shop-") in SHOPS:
            rows += [
                {"impact_id": impact_id, "outcome": outcome, "kind": "synthetic", "label": label,
                 "month_on": date(2024, month, 1), "estimate": width * ((month * 5) % 7 - 3)}
                for label in ("treated", "Huyện Bắc Mê", "Huyện Quản Bạ")
                for month in range(1, 13)
            ]  # fmt: skip
    return rows


def _write(file: Path, frames: dict[str, pl.DataFrame]) -> None:
    with duckdb.connect(file) as connection:
        for name, frame in frames.items():
            typed = frame.select(IMPACT_SCHEMAS[name].names()).cast(dict(IMPACT_SCHEMAS[name]))
            connection.register("frame", typed)
            connection.execute(f"create or replace table {name} as from frame")
            connection.unregister("frame")
