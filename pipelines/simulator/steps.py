"""Progress records as the national sync service `CapNhatTienDoHoSoMC` has them: all text."""

from __future__ import annotations

import polars as pl

from pipelines.settings import settings
from pipelines.simulator.course import EVENTS, REFUSED, RESOLVED, STOPPED, WITHDRAWN
from pipelines.simulator.fields import FIELDS
from pipelines.simulator.records import TIME_FORMAT, as_text
from pipelines.simulator.words import (
    COUNTERS,
    DEPARTMENT_OF_FIELD,
    LEADERS,
    OFFICES,
    TITLES,
)

_STATUS = {
    "submitted": "1", "not_accepted": "3", "accepted": "2", "transferred": "4", "wait1_to": "4",
    "wait2_to": "4", "appraised": "4", "approved": "4", "returned": "10",
}  # fmt: skip
_CLOSED = {RESOLVED: "9", WITHDRAWN: "7", REFUSED: "3", STOPPED: "8"}
_AT_THE_COUNTER = ("submitted", "not_accepted", "accepted", "returned")
_BY_LEADERS = ("approved",)


class StepRenderer:
    """Renders slices of steps with the office that acted; offices are those of the reference."""

    def __init__(self, units: pl.DataFrame, catalogue: pl.DataFrame) -> None:
        """`units` of `Network`, `catalogue` of `read_catalogue`."""
        self._levels = units.select(pl.col("unit").cast(pl.Int32), unit_level="level")
        departments = _departments()
        offices = pl.DataFrame(
            [
                (field.code, level, _office(field.code, level, departments))
                for field in FIELDS
                for level in COUNTERS
            ],
            schema=["field_code", "unit_level", "office"],
            orient="row",
        )
        self._offices = (
            catalogue.with_row_index("procedure")
            .select(pl.col("procedure").cast(pl.Int32), "field_code")
            .join(offices, on="field_code", maintain_order="left")
        )

    def national(
        self, plan: pl.DataFrame, steps: pl.DataFrame, time_format: str = TIME_FORMAT
    ) -> pl.DataFrame:
        """Records with `updated_at`, in the order of the slice."""
        columns = plan.select(
            "dossier_code", "unit", "procedure", "outcome", "wait1", "wait2", "due"
        )
        joined = (
            pl.concat([steps, columns[steps["row"]]], how="horizontal")
            .join(self._levels, on="unit", how="left", maintain_order="left")
            .join(self._offices, on=["procedure", "unit_level"], how="left", maintain_order="left")
        )
        return joined.select(
            pl.col("updated_at"),
            pl.col("dossier_code").alias("MaHoSo"),
            pl.format("Cán bộ tổng hợp {}", pl.col("unit")).alias("NguoiXuLy"),
            _by_place(*TITLES).alias("ChucDanh"),
            as_text(pl.col("at"), time_format).alias("ThoiDiemXuLy"),
            _by_place(
                pl.col("unit_level").replace_strict(COUNTERS, return_dtype=pl.String),
                pl.col("office"),
                pl.col("unit_level").replace_strict(LEADERS, return_dtype=pl.String),
            ).alias("PhongBanXuLy"),
            pl.lit("Nội dung xử lý mô phỏng").alias("NoiDungXuLy"),
            _status().alias("TrangThai"),
            as_text(pl.col("begun"), time_format).alias("NgayBatDau"),
            as_text(
                pl.when(pl.col("event") >= EVENTS.index("accepted")).then("due"), time_format
            ).alias("NgayKetThucTheoQuyDinh"),
        )


def listed_texts() -> dict[str, tuple[str, ...]]:
    """The texts of PhongBanXuLy and ChucDanh beyond `departments.csv`: the lists to allow."""
    offices = [*COUNTERS.values(), *LEADERS.values()]
    offices += [name for names in OFFICES.values() for name in names]
    return {"PhongBanXuLy": tuple(dict.fromkeys(offices)), "ChucDanh": TITLES}


def _office(field_code: str, level: str, departments: dict[str, str]) -> str:
    if level == "province":
        return departments[DEPARTMENT_OF_FIELD[field_code]]
    position = [field.code for field in FIELDS].index(field_code)
    return OFFICES[level][position % len(OFFICES[level])]


def _departments() -> dict[str, str]:
    file = settings().reference_dir / "departments.csv"
    frame = pl.read_csv(file, infer_schema=False)
    return dict(frame.select("department_code", "name_vi").iter_rows())


def _by_place(counter: pl.Expr | str, office: pl.Expr | str, leaders: pl.Expr | str) -> pl.Expr:
    def column(value: pl.Expr | str) -> pl.Expr:
        return pl.lit(value) if isinstance(value, str) else value

    event = pl.col("event")
    return (
        pl.when(event.is_in([EVENTS.index(name) for name in _AT_THE_COUNTER]))
        .then(column(counter))
        .when(event.is_in([EVENTS.index(name) for name in _BY_LEADERS]))
        .then(column(leaders))
        .otherwise(column(office))
    )


def _status() -> pl.Expr:
    code = pl.lit(None, dtype=pl.String)
    for number, event in enumerate(EVENTS):
        if event in ("wait1_from", "wait2_from"):
            value = pl.col(event.removesuffix("_from")).cast(pl.String)
        elif event == "closed":
            value = pl.col("outcome").replace_strict(_CLOSED, default="9", return_dtype=pl.String)
        else:
            value = pl.lit(_STATUS[event])
        code = pl.when(pl.col("event") == number).then(value).otherwise(code)
    return code
