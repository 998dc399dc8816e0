"""What the systems tell on one day: results of dossiers behind it, and new dossiers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from pipelines.intake.landing import LandingBatch, Outcome, batches

_NEW_SHARE = 5
"""One dossier in so many is new, the others end."""


def land_a_day(landing: Path, fetched_at: datetime, changed: int) -> int:
    """Land so many dossiers with the steps of their day, as a pull at `fetched_at` would.

    The records are those of the newest dossiers that the landing zone holds in the national
    form, with the times of the day before the pull. Returns how many there are.
    """
    told = [
        (folder, outcome)
        for folder, outcome in batches(landing)
        if outcome.parts and outcome.dialect == "national"
    ]
    day = fetched_at.date() - timedelta(days=1)
    ended = _newest(_read(told, "dossiers"), changed - changed // _NEW_SHARE)
    taken = ended.head(changed // _NEW_SHARE)
    dossiers = pl.concat([_end(ended, day), _begin(taken, day)])
    steps = _steps(dossiers, _read(told, "progress"))
    for feed, frame in (("dossiers", dossiers), ("progress", steps)):
        outcomes = {o.identity: o for _, o in told if o.feed == feed}
        for (identity,), part in frame.group_by("identity", maintain_order=True):
            _land(landing, outcomes[str(identity)], fetched_at, part.drop("identity"))
    return dossiers.height


def _read(told: list[tuple[Path, Outcome]], feed: str) -> pl.DataFrame:
    return pl.concat(
        pl.read_parquet(part).with_columns(identity=pl.lit(outcome.identity))
        for folder, outcome in told
        if outcome.feed == feed
        for part in sorted(folder.glob("part-*.parquet"))
    )


def _newest(records: pl.DataFrame, n: int) -> pl.DataFrame:
    """The newest version of each of the dossiers received last."""
    return (
        records.sort("_updated_at")
        .unique(["identity", "MaHoSo"], keep="last", maintain_order=True)
        .filter(pl.col("NgayTiepNhan").is_not_null())
        .sort("NgayTiepNhan", "MaHoSo", descending=True)
        .head(n)
    )


def _at(day: date, hour: int) -> pl.Expr:
    return pl.lit(datetime.combine(day, time(hour)).strftime("%Y%m%d%H%M%S"))


def _told(day: date) -> pl.Expr:
    return pl.lit(datetime.combine(day, time(11)).isoformat())


def _end(newest: pl.DataFrame, day: date) -> pl.DataFrame:
    return newest.with_columns(
        TrangThaiHoSo=pl.lit("10"),
        NgayKetThucXuLy=_at(day, 9),
        NgayTra=_at(day, 10),
        NgayTuChoi=pl.lit(None, dtype=pl.String),
        _updated_at=_told(day),
    )


def _begin(newest: pl.DataFrame, day: date) -> pl.DataFrame:
    """New dossiers of the day in the image of others, with codes of their own."""
    nothing = pl.lit(None, dtype=pl.String)
    return (
        newest.with_row_index("number")
        .select(
            pl.exclude("number").exclude("MaHoSo"),
            MaHoSo=pl.col("MaHoSo").str.replace(r"-\d{6}-\d+$", f"-{day:%y%m%d}-")
            + (90_000 + pl.col("number") % 10_000).cast(pl.String),
        )
        .with_columns(
            TrangThaiHoSo=pl.lit("2"),
            NgayNopHoSo=_at(day, 8),
            NgayTiepNhan=_at(day, 8),
            NgayHenTra=_at(day + timedelta(days=10), 17),
            NgayKetThucXuLy=nothing,
            NgayTra=nothing,
            NgayTuChoi=nothing,
            DanhSachHoSoBoSung=pl.lit([]).cast(newest.schema["DanhSachHoSoBoSung"]),
            _updated_at=_told(day),
        )
        .select(newest.columns)
    )


def _steps(dossiers: pl.DataFrame, progress: pl.DataFrame) -> pl.DataFrame:
    """A step for each dossier: its reception, or its finish."""
    like = progress.unique("identity", keep="last").drop("MaHoSo", "TrangThai", "ThoiDiemXuLy")
    own = dossiers.select(
        "identity",
        "MaHoSo",
        TrangThai=pl.when(pl.col("TrangThaiHoSo") == "2").then(pl.lit("2")).otherwise(pl.lit("9")),
        ThoiDiemXuLy=pl.coalesce("NgayKetThucXuLy", "NgayTiepNhan"),
    )
    return own.join(like, on="identity").select(progress.columns)


def _land(landing: Path, like: Outcome, fetched_at: datetime, part: pl.DataFrame) -> None:
    stamp = f"{fetched_at:%Y%m%dT%H%M%S}"
    outcome = like.model_copy(
        update={
            "pull_id": f"{stamp}-0000-bench",
            "run_id": "bench",
            "fetched_at": fetched_at,
            "known_at_rule": "fetched",
            "parts": 0,
            "records_in": 0,
        }
    )
    batch = LandingBatch(landing, outcome)
    batch.add(part.with_columns(_position=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)))
    batch.close()
