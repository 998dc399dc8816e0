"""The published figures come out of the province, whatever the seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.simulator.centre import fitting_targets
from pipelines.simulator.parts import Order, draw_part
from pipelines.simulator.province import divide, write_province
from pipelines.simulator.published import centre_partition, dossiers_published, quotas
from pipelines.simulator.quotas import allocate, spread, tally, turn
from pipelines.simulator.shops import Network
from pipelines.simulator.size import arrivals_until, dossiers_at, received_until
from pipelines.worktime.calendar import read_calendar

UNTIL = date(2026, 6, 30)
FIELDS = ["MaHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "TrangThaiHoSo"]
LISTS = ["DanhSachHoSoBoSung", "DanhSachGiayToKetQua", "TaiLieuNop", "DanhSachLePhi"]
FLAGS = ["KenhThucHien", "DuocThanhToanTrucTuyen", "updated_at"]


@pytest.fixture(scope="module", params=[3, 20250614])
def current(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> pl.DataFrame:
    """What the systems of a province of 12,000 dossiers told last of each."""
    out = tmp_path_factory.mktemp("calibrated")
    write_province(out, dossiers=12_000, seed=request.param, until=UNTIL)
    return pl.concat(
        pl.read_parquet(file, columns=[*FIELDS, *LISTS, *FLAGS])
        .unique("MaHoSo", keep="last", maintain_order=True)
        .with_columns(system=pl.lit(file.parent.name))
        for file in sorted(out.glob("systems/*/dossiers.parquet"))
    )


def within(column: str, first: date, last: date) -> pl.Expr:
    return (
        pl.col(column)
        .str.slice(0, 8)
        .is_between(pl.lit(f"{first:%Y%m%d}"), pl.lit(f"{last:%Y%m%d}"))
    )


def test_the_centre_s_partition_is_the_published_one(current: pl.DataFrame) -> None:
    wanted = centre_partition()
    moved = pl.col("DanhSachHoSoBoSung").list.eval(
        pl.element().struct.field("NgayHenTraMoi").replace("", None)
    )
    resolved = current.with_columns(
        finish=pl.coalesce(pl.col("NgayKetThucXuLy", "NgayTra").replace("", None)).str.slice(0, 8),
        due=pl.coalesce(moved.list.drop_nulls().list.last(), "NgayHenTra").str.slice(0, 8),
    ).filter(
        pl.col("system") == "centre",
        pl.col("TrangThaiHoSo").is_in(["9", "10"]),
        within("finish", wanted.first, wanted.last),
    )  # fmt: skip
    n = resolved.height
    finish, due = pl.col("finish"), pl.col("due")
    for kind, share in (
        (finish < due, wanted.early), (finish == due, wanted.on_time), (finish > due, wanted.late)
    ):  # fmt: skip
        assert abs(resolved.filter(kind).height - share * n) <= 0.5
    assert resolved.filter(due == "").is_empty()


@given(st.integers(0, 60), st.lists(st.integers(0, 30), min_size=1, max_size=9))
def test_what_is_spread_is_whole_and_within_the_room(total: int, room: list[int]) -> None:
    parts = spread(total, room)
    assert sum(parts) == min(total, sum(room))
    assert all(0 <= part <= space for part, space in zip(parts, room, strict=True))


@given(st.integers(0, 100_000))
def test_targets_that_fit_are_within_half_a_dossier(total: int) -> None:
    wanted = centre_partition()
    targets = fitting_targets(total, wanted)
    if targets is not None:
        shares = (wanted.early, wanted.on_time, wanted.late)
        assert sum(targets.values()) == total
        for count, share in zip(targets.values(), shares, strict=True):
            assert abs(count - share * total) <= 0.5


@pytest.mark.parametrize("dossiers", [300, 4_000])
def test_every_quota_is_met_to_half_a_dossier(dossiers: int, tmp_path: Path) -> None:
    plans = planned(tmp_path, dossiers, seed=91)
    total = [tally(plan) for plan in plans]
    for number, quota in enumerate(quotas()):
        marked = sum(part.marked[number] for part in total)
        counted = sum(part.counted[number] for part in total)
        assert abs(marked - quota.share * counted) <= 0.5, quota


def test_the_published_years_receive_their_number(tmp_path: Path) -> None:
    plans = planned(tmp_path, 4_000, seed=91)
    received = sum(tally(plan).received for plan in plans)
    assert received == received_until(4_000, read_calendar(), UNTIL)


def test_a_province_drawn_without_quotas_misses_them(tmp_path: Path) -> None:
    plans = planned(tmp_path, 4_000, seed=91, settle=False)
    total = [tally(plan) for plan in plans]
    misses = [
        abs(sum(t.marked[n] for t in total) - quota.share * sum(t.counted[n] for t in total))
        for n, quota in enumerate(quotas())
    ]
    assert max(misses) > 0.5


def test_scale_one_is_the_published_number_of_dossiers() -> None:
    calendar = read_calendar()
    whole = dossiers_at(1.0, calendar, UNTIL)
    assert received_until(whole, calendar, UNTIL) == dossiers_published()
    assert arrivals_until(whole, calendar, UNTIL) > dossiers_published()


def planned(work: Path, dossiers: int, seed: int, *, settle: bool = True) -> list[pl.DataFrame]:
    """The plans of all parts, with their quotas settled."""
    order = Order(work, work, seed, UNTIL)
    parts = divide(order, Network(), dossiers)
    drawn = [draw_part(order, part) for part in parts]
    plans = [pl.read_ipc(work / f"{part.keeper}.arrow") for part in parts]
    if not settle:
        return plans
    turns = allocate(
        [part.tally for part in drawn], received_until(dossiers, read_calendar(), UNTIL)
    )
    return [
        turn(np.random.default_rng(number), plan, due)
        for number, (plan, due) in enumerate(zip(plans, turns, strict=True))
    ]
