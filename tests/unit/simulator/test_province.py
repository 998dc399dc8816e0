"""Records, files and truth of a small province."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.settings import settings
from pipelines.simulator.province import write_province
from pipelines.simulator.shops import FILE_SHOPS, Network
from pipelines.worktime.calendar import read_calendar, working_days

UNTIL = date(2025, 9, 15)

DOSSIER_FIELDS = {
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "SoBienNhan", "KenhThucHien",
    "ChuHoSo", "SoGiayToChuHoSo", "LoaiDoiTuong", "MaDoiTuong", "ThongTinKhac", "GhiChu",
    "ThongTinTra", "Email", "Fax", "SoDienThoai", "TrichYeuHoSo", "NgayNopHoSo", "NgayTiepNhan",
    "NgayHenTra", "TrangThaiHoSo", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi", "HinhThuc",
    "DonViXuLy", "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen", "DinhDanhCHS", "DSKetNoiCSDL", "TaiLieuNop", "DanhSachLePhi",
    "DanhSachHoSoBoSung", "DanhSachGiayToKetQua",
}  # fmt: skip
EVENT_FIELDS = ["NgayNopHoSo", "NgayTiepNhan", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi"]


def records(out: Path, feed: str = "dossiers") -> pl.DataFrame:
    return pl.concat(
        pl.read_parquet(file).with_columns(system=pl.lit(file.parent.name))
        for file in sorted(out.glob(f"systems/*/{feed}.parquet"))
    )


def shop_records(out: Path) -> pl.DataFrame:
    return pl.concat(
        pl.read_csv(file, infer_schema=False) for file in sorted(out.glob("inbox/*/dossiers-*.csv"))
    )


def moment(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="ms")


def fingerprint(out: Path) -> dict[str, str]:
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file()
    }


def test_same_seed_same_bytes(small_province: Path, tmp_path: Path) -> None:
    told: list[float] = []
    write_province(
        tmp_path, dossiers=2_000, seed=7, until=UNTIL,
        progress=lambda _, fraction: told.append(fraction),
    )  # fmt: skip
    assert fingerprint(tmp_path) == fingerprint(small_province)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_other_seed_other_province(small_province: Path, tmp_path: Path) -> None:
    write_province(tmp_path, dossiers=2_000, seed=8, until=UNTIL)
    mine, other = fingerprint(small_province), fingerprint(tmp_path)
    assert mine["truth.json"] != other["truth.json"]


def test_layout(small_province: Path) -> None:
    assert len(list(small_province.glob("systems/*"))) == 12
    assert {path.name for path in small_province.glob("inbox/*")} == set(FILE_SHOPS)
    assert "SYNTHETIC" in (small_province / "README.txt").read_text(encoding="utf-8")
    frame = records(small_province)
    assert set(frame.columns) - {"updated_at", "system"} == DOSSIER_FIELDS
    scalars = frame.drop("updated_at").select(pl.col(pl.String))
    assert scalars.null_count().sum_horizontal().item() == 0


def test_codes_are_unique_and_belong_to_one_source(small_province: Path) -> None:
    codes = records(small_province).select("MaHoSo", "system").unique()
    shops = shop_records(small_province)["Mã hồ sơ"].unique()
    assert codes["MaHoSo"].is_unique().all()
    assert codes.height + shops.len() == 2_000
    assert not codes["MaHoSo"].is_in(shops.implode()).any()
    assert codes["MaHoSo"].str.contains(r"^\d{3}\.\d\d\.\d\d\.H(22|60)-\d{6}-\d{5}$").all()


def test_code_name_and_day_agree(small_province: Path) -> None:
    units = Network().units.select("edoc_code", "name_vi", "valid_from", "valid_to")
    found = records(small_province).with_columns(
        edoc_code=pl.col("MaHoSo").str.split("-").list.first(),
        day=pl.col("NgayNopHoSo").str.slice(0, 8).str.to_date("%Y%m%d"),
    ).join(units, on="edoc_code", how="left")  # fmt: skip
    assert (found["DonViXuLy"] == found["name_vi"]).all()
    since, ends = pl.col("valid_from").str.to_date(), pl.col("valid_to").str.to_date()
    for name in ("day", "NgayTiepNhan"):
        day = pl.col("day") if name == "day" else moment(name).dt.date()
        assert found.filter((day < since) | (day > ends)).is_empty()


def test_versions_are_ordered_and_never_early(small_province: Path) -> None:
    frame = records(small_province)
    latest = pl.max_horizontal(moment(name) for name in EVENT_FIELDS)
    assert frame.filter(pl.col("updated_at") < latest).is_empty()
    assert frame.filter(pl.col("updated_at").dt.date() > UNTIL).is_empty()
    by_dossier = frame.sort("MaHoSo", "updated_at").select(
        step=pl.col("updated_at").diff().over("MaHoSo").dt.total_seconds()
    )
    assert (by_dossier["step"].drop_nulls() > 0).all()
    per_dossier = frame.height / frame["MaHoSo"].n_unique()
    assert 2.5 < per_dossier < 4.5
    for file in small_province.glob("systems/*/*.parquet"):
        assert pl.read_parquet(file, columns=["updated_at"])["updated_at"].is_sorted()


def test_receptions_fall_into_working_time(small_province: Path) -> None:
    received = records(small_province).select(at=moment("NgayTiepNhan")).drop_nulls().unique()
    days = working_days(read_calendar())
    assert received["at"].dt.date().is_in(list(days)).all()
    minute = received["at"].dt.hour().cast(pl.Int32) * 60 + received["at"].dt.minute()
    inside = minute.is_between(450, 689) | minute.is_between(780, 1019)
    assert inside.all()


def test_steps_follow_each_other(small_province: Path) -> None:
    steps = records(small_province, "progress")
    at = steps.with_columns(at=moment("ThoiDiemXuLy"))
    gaps = at.sort("MaHoSo", "at").select(gap=pl.col("at").diff().over("MaHoSo").dt.total_seconds())
    assert (gaps["gap"].drop_nulls() > 0).all()
    assert at.filter(pl.col("updated_at") < pl.col("at")).is_empty()
    assert 4.5 < steps.height / steps["MaHoSo"].n_unique() < 6.5
    assert set(steps["TrangThai"].unique()) <= {str(code) for code in range(1, 11)}


def test_obligation_waits_end_with_the_next_step(small_province: Path) -> None:
    versions = records(small_province).filter(TrangThaiHoSo="6")
    steps = records(small_province, "progress").filter(TrangThai="6")
    assert set(versions["MaHoSo"]) == set(steps["MaHoSo"])
    assert not versions.is_empty()


def final_state(out: Path) -> pl.DataFrame:
    """Latest version of each dossier, told by the records alone."""
    units = Network().units.select("edoc_code", "unit_code", "valid_from")
    catalogue = pl.read_csv(settings().reference_dir / "procedures.csv", infer_schema=False)
    last = records(out).sort("MaHoSo", "updated_at").unique("MaHoSo", keep="last")
    scanned = pl.element().struct.field("DuocSoHoa") == "1"
    kept = pl.element().struct.field("IsDeleted") != "1"
    paths = pl.element().struct.field("DuongDanTepTinKetQua") != ""
    moved = pl.col("DanhSachHoSoBoSung").list.eval(pl.element().struct.field("NgayHenTraMoi"))
    return (
        last.with_columns(
            edoc_code=pl.col("MaHoSo").str.split("-").list.first(),
            received=moment("NgayTiepNhan"),
            finished=moment("NgayKetThucXuLy"),
            due_text=pl.coalesce(
                moved.list.eval(pl.element().filter(pl.element() != "")).list.last(), "NgayHenTra"
            ),
            is_digitized=pl.col("TaiLieuNop").list.eval(scanned & kept).list.any(),
            is_electronic=pl.col("DanhSachGiayToKetQua").list.eval(paths).list.any(),
        )
        .with_columns(due=moment("due_text"))
        .filter(pl.col("received").is_not_null())
        .join(units, on="edoc_code")
        .join(
            catalogue.select("procedure_code", "yields_result"),
            left_on="MaTTHC",
            right_on="procedure_code",
        )
    )


@pytest.mark.parametrize(
    ("metric", "definition"),
    [("received", None), ("resolved", None), ("early", "ii06a"), ("on_time", "ii06a"),
     ("late", "ii06a"), ("early", "instant"), ("late", "instant"), ("no_due_date", "ii06a"),
     ("digitization_rate", None), ("e_result_rate", None), ("withdrawn", None),
     ("refused", None)],
)  # fmt: skip
def test_truth_agrees_with_the_records(
    small_province: Path, metric: str, definition: str | None
) -> None:
    """Counted here from the records of the twelve systems, by plain filters."""
    state = final_state(small_province)
    is_resolved = pl.col("TrangThaiHoSo").is_in(["9", "10"])
    end, due = pl.col("finished"), pl.col("due")
    if definition == "ii06a":
        end, due = end.dt.date(), due.dt.date()
    conditions = {
        "received": pl.lit(value=True),
        "resolved": is_resolved,
        "early": is_resolved & (end < due),
        "on_time": is_resolved & (end == due),
        "late": is_resolved & (end > due),
        "no_due_date": is_resolved & pl.col("due").is_null(),
        "digitization_rate": pl.col("is_digitized"),
        "e_result_rate": is_resolved & (pl.col("yields_result") == "1") & pl.col("is_electronic"),
        "withdrawn": pl.col("TrangThaiHoSo") == "7",
        "refused": pl.col("TrangThaiHoSo") == "3",
    }
    anchor = pl.col("finished")
    if metric in ("received", "digitization_rate"):
        anchor = pl.col("received")
    if metric == "refused":
        anchor = moment("NgayTuChoi")
    counted = (
        state.filter(conditions[metric])
        .group_by("unit_code", "valid_from", month=anchor.dt.strftime("%Y-%m"))
        .agg(n=pl.len())
    )
    told = {(str(code), since, str(month)): int(n) for code, since, month, n in counted.iter_rows()}
    assert told == true_figures(small_province, metric, definition)


def true_figures(
    out: Path, metric: str, definition: str | None
) -> dict[tuple[str, str | None, str], int]:
    rows = json.loads((out / "truth.json").read_text(encoding="utf-8"))["rows"]
    return {
        (row["unit_code"], row["unit_valid_from"], row["month"]): row["numerator"]
        for row in rows
        if row["metric"] == metric
        and row["definition"] == definition
        and row["numerator"] > 0
        and row["unit_code"] not in FILE_SHOPS.values()
    }


def waits(out: Path) -> pl.DataFrame:
    """MaHoSo, start, end of supplements (from the records) and of obligations (from steps)."""
    supplements = (
        final_state(out)
        .select("MaHoSo", pl.col("DanhSachHoSoBoSung"))
        .explode("DanhSachHoSoBoSung", empty_as_null=False, keep_nulls=False)
        .unnest("DanhSachHoSoBoSung")
        .select("MaHoSo", start=moment("NgayBoSung"), end=moment("NgayTiepNhanBoSung"))
    )
    steps = (
        records(out, "progress")
        .select("MaHoSo", "TrangThai", start=moment("ThoiDiemXuLy"))
        .sort("MaHoSo", "start")
        .with_columns(end=pl.col("start").shift(-1).over("MaHoSo"))
        .filter(TrangThai="6")
    )
    return pl.concat([supplements, steps.select("MaHoSo", "start", "end")])


@pytest.mark.parametrize("metric", ["open", "waiting", "overdue"])
def test_balances_agree_with_a_direct_count(small_province: Path, metric: str) -> None:
    """Counted here at the end of every month, dossier by dossier."""
    state = final_state(small_province).with_columns(
        closed=pl.coalesce("finished", moment("NgayTuChoi"))
    )
    all_waits = waits(small_province)
    ends = pl.date_range(date(2021, 1, 31), date(2025, 8, 31), "1mo", eager=True).dt.month_end()
    told: dict[tuple[str, str | None, str], int] = {}
    for day in [*ends.to_list(), UNTIL]:
        end = pl.lit(day).cast(pl.Datetime("ms")) + timedelta(days=1)
        is_inside = (pl.col("start") < end) & (pl.col("end").is_null() | (pl.col("end") >= end))
        waiting = all_waits.filter(is_inside)["MaHoSo"].unique()
        is_open = (pl.col("received") < end) & (
            pl.col("closed").is_null() | (pl.col("closed") >= end)
        )
        is_waiting = pl.col("MaHoSo").is_in(waiting.implode())
        conditions = {
            "open": is_open,
            "waiting": is_open & is_waiting,
            "overdue": is_open & ~is_waiting & (pl.col("due").dt.date() < day),
        }
        counted = state.filter(conditions[metric]).group_by("unit_code", "valid_from").len()
        told |= {(code, since, day.strftime("%Y-%m")): n for code, since, n in counted.iter_rows()}
    assert told
    assert told == true_figures(small_province, metric, None)


def test_what_is_received_is_closed_or_open(small_province: Path) -> None:
    document = json.loads((small_province / "truth.json").read_text(encoding="utf-8"))
    rows = pl.DataFrame(document["rows"], infer_schema_length=None)
    assert document["synthetic"] is True
    flows = rows.filter(pl.col("definition").is_null()).group_by("metric")
    total = dict(flows.agg(pl.col("numerator").sum()).iter_rows())
    open_now = rows.filter(month="2025-09", metric="open")["numerator"].sum()
    closed = sum(total.get(name, 0) for name in ("resolved", "withdrawn", "refused", "stopped"))
    assert total["received"] - closed == open_now
    assert open_now > 0


def test_shop_files_hold_no_supplements_and_speak_vietnamese(small_province: Path) -> None:
    frame = shop_records(small_province)
    assert set(frame["Số lần bổ sung"]) == {"0"}
    assert set(frame["Tình trạng"]) & {"Yêu cầu bổ sung", "Yêu cầu nghĩa vụ tài chính"} == set()
    assert set(frame["Kênh tiếp nhận"]) <= {"Trực tiếp", "Trực tuyến", "Bưu chính"}
    assert frame["Ngày nộp"].str.contains(r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d$").all()
