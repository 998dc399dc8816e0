"""The records of a province with situations tell what its truth counts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.records import Renderer
from pipelines.simulator.situations import parse_situation, plan_as_told, tell_situations
from pipelines.simulator.timeline import draw_versions
from pipelines.simulator.truth import true_rows

from .conftest import UNTIL, Drawn

EVERYWHERE = "unit=all,from=2021-01-01,to=2026-06-30"
OFTEN_LATE = "common_shock:from=2021-01-01,late=0.3"
SWITCHES: list[tuple[str, ...]] = [
    (),
    (OFTEN_LATE,),
    (OFTEN_LATE, f"moved_due_dates:{EVERYWHERE}"),
    (f"late_supplements:{EVERYWHERE},share=0.5",),
    (OFTEN_LATE, f"withdraw_and_reenter:{EVERYWHERE}"),
    (f"backdated_reception:{EVERYWHERE}",),
    (OFTEN_LATE, "silent_shop:unit=02,from=2024-01-01,to=2026-06-30"),
    (OFTEN_LATE, "silent_shop:unit=030,from=2024-01-01,to=2024-03-31"),
    (f"bunching:{EVERYWHERE}", "tet_dip", "noise", f"batch_closing:{EVERYWHERE}",
     f"slow_acceptance:{EVERYWHERE}", "slow_step", "merger_effect", "unit_collapse", "trend"),
]  # fmt: skip


def last_records(drawn: Drawn, *switches: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The last version told of each dossier, as a national record, and the true figures."""
    situations = [parse_situation(text) for text in switches]
    plan, _ = drawn.plant(*switches)
    plan = plan.with_row_index("number", offset=1).with_columns(
        dossier_code=pl.col("number").cast(pl.String)
    )
    versions = draw_versions(np.random.default_rng(3), plan, UNTIL)
    versions = tell_situations(versions, plan, drawn.province, situations, UNTIL)
    known = plan_as_told(plan, versions, drawn.province, situations, UNTIL)
    last = versions.group_by("row", maintain_order=True).last()
    renderer = Renderer(drawn.province.units, drawn.province.catalogue)
    records = renderer.national(renderer.versions(plan, last))
    return records, true_rows(known, drawn.province, UNTIL)


@pytest.mark.parametrize("switches", SWITCHES, ids=" ".join)
def test_the_last_records_say_what_truth_says(drawn: Drawn, switches: tuple[str, ...]) -> None:
    records, truth = last_records(drawn, *switches)
    new_date = pl.col("DanhSachHoSoBoSung").list.eval(
        pl.element().struct.field("NgayHenTraMoi").filter(
            pl.element().struct.field("NgayHenTraMoi") != ""
        )
    ).list.last()  # fmt: skip
    due = pl.coalesce(new_date, "NgayHenTra").str.slice(0, 8)
    finished = pl.col("NgayKetThucXuLy").str.slice(0, 8)
    status = pl.col("TrangThaiHoSo")
    resolved = records.filter(status.is_in(["9", "10"])).with_columns(due=due, finished=finished)
    dated = resolved.filter(pl.col("due") != "")
    found = {
        "received": records.filter(pl.col("NgayTiepNhan") != "").height,
        "resolved": resolved.height,
        "withdrawn": records.filter(status == "7").height,
        "late": dated.filter(pl.col("finished") > pl.col("due")).height,
        "early": dated.filter(pl.col("finished") < pl.col("due")).height,
        "no_due_date": resolved.height - dated.height,
    }
    for metric, n in found.items():
        definition = "ii06a" if metric in ("late", "early", "no_due_date") else None
        rows = truth.filter(
            pl.col("metric") == metric, pl.col("definition").eq_missing(pl.lit(definition))
        )
        assert (metric, rows["numerator"].sum()) == (metric, n)
    assert found["late"] > 0


def test_a_moved_due_date_is_told_as_a_supplement_answered_within_minutes(drawn: Drawn) -> None:
    def quick(switches: tuple[str, ...]) -> int:
        entries = last_records(drawn, *switches)[0].select(
            pl.col("DanhSachHoSoBoSung").explode(empty_as_null=False)
        ).unnest("DanhSachHoSoBoSung")  # fmt: skip
        asked, answered = (
            pl.col(name).str.to_datetime("%Y%m%d%H%M%S", strict=False)
            for name in ("NgayBoSung", "NgayTiepNhanBoSung")
        )
        return entries.filter(
            answered - asked <= pl.duration(minutes=15),
            pl.col("NgayHenTraMoi") > pl.col("NgayHenTraTruoc"),
        ).height

    assert quick((OFTEN_LATE,)) == 0
    assert quick((OFTEN_LATE, f"moved_due_dates:{EVERYWHERE}")) > 1000
