"""Form II.06a of the small province: it adds up everywhere, and equals a count of dossiers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import fastexcel
import polars as pl
import pytest

from pipelines.serving.forms.answer import lay_out_form
from pipelines.serving.forms.cells import COLUMNS, COUNTS, UNIT, count_cells
from pipelines.serving.forms.ii06a import compose_form, compose_form_today
from pipelines.serving.forms.periods import QuarterCuts, read_cuts, read_period
from pipelines.serving.forms.places import read_units
from pipelines.serving.forms.workbook import GRAND_TOTAL, LEVELS_VI, write_workbook
from pipelines.serving.metrics import MetricLayer
from pipelines.serving.metrics.boundaries import BOUNDARIES, Boundaries
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.snapshot import current_snapshot
from tests.conftest import RunMotcua

CUTS = {"calendar": QuarterCuts(), "the 15th": QuarterCuts(((date.min, "15"),))}
QUARTERS = [f"{year}Q{quarter}" for year in range(2021, 2027) for quarter in range(1, 5)][:22]
MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
KEYS = [*UNIT, "level", "field_code"]

# the same form by counting dossiers one by one, without ledger and metric layer
DIRECT = """
with dossier as (
    select dossier.* exclude (unit_code, unit_valid_from), unit.unit_code, unit.unit_valid_from,
        received_at::date as received_on, closed_at::date as closed_on, due_at::date as due_on
    from fct_dossier as dossier join dim_unit as unit on dossier.{unit_key} = unit.unit_key
    where is_accepted
)
select unit_code, unit_valid_from, level, field_code,
    count(*) filter (received_on between $first and $last and channel = '2') as received_online,
    count(*) filter (received_on between $first and $last and channel <> '2')
        as received_direct_postal,
    count(*) filter (received_on < $first and coalesce(closed_on >= $first, true)) as carried_in,
    count(*) filter (closed_on between $first and $last) as resolved_total,
    count(*) filter (closed_on between $first and $last and state = 'resolved'
        and finished_at::date < due_on) as resolved_early,
    count(*) filter (closed_on between $first and $last and state = 'resolved'
        and finished_at::date > due_on) as resolved_late,
    count(*) filter (received_on <= $last and coalesce(closed_on > $last, true)) as open_total
from dossier group by all
"""
OWN_UNIT = {"as_was": "unit_key", "today": "today_unit_key"}
DIRECT_COLUMNS = (
    "received_online", "received_direct_postal", "carried_in", "resolved_total",
    "resolved_early", "resolved_late", "open_total",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """The small home's snapshot, its metric layer and its file."""

    snapshot: SealedSnapshot
    layer: MetricLayer
    file: Path


@pytest.fixture(scope="module")
def opened(published_home: Path) -> Iterator[Opened]:
    file = current_snapshot(published_home / "serving").file
    with closing(SealedSnapshot(file)) as snapshot:
        yield Opened(snapshot, MetricLayer(snapshot), file)


@pytest.mark.parametrize(
    ("word", "cut"),
    [*((word, cut) for cut in CUTS for word in QUARTERS), *((m, "calendar") for m in MONTHS)],
)
def test_the_identities_hold_for_every_unit_and_field(opened: Opened, word: str, cut: str) -> None:
    cells = count_cells(opened.layer, read_period(word, CUTS[cut]), by_unit=True)
    assert cells.height > 20
    assert cells.select(KEYS).is_unique().all()
    whole = cells.select(pl.col(COLUMNS).sum()).row(0, named=True)
    assert whole["received_total"] == whole["resolved_total"] + whole["open_total"]
    province = count_cells(opened.layer, read_period(word, CUTS[cut]))
    assert province.select(pl.col(COUNTS).sum()).row(0, named=True) == (
        cells.select(pl.col(COUNTS).sum()).row(0, named=True)
    )


@pytest.mark.parametrize("boundaries", BOUNDARIES)
@pytest.mark.parametrize("cut", CUTS)
def test_what_one_quarter_leaves_open_the_next_one_carries_in(
    opened: Opened, cut: str, boundaries: Boundaries
) -> None:
    quarters = [read_period(word, CUTS[cut]) for word in QUARTERS]
    forms = [
        count_cells(opened.layer, quarter, by_unit=True, boundaries=boundaries)
        for quarter in quarters
    ]
    for before, after in pairwise(forms):
        left = before.filter(pl.col("open_total") > 0).select(*KEYS, n="open_total")
        carried = after.filter(pl.col("carried_in") > 0).select(*KEYS, n="carried_in")
        assert left.sort(KEYS).equals(carried.sort(KEYS))


@pytest.mark.parametrize("boundaries", BOUNDARIES)
@pytest.mark.parametrize(
    ("word", "cut"), [(w, c) for w in ("2022Q3", "2025Q1", "2025Q3", "2026Q2") for c in CUTS]
)
def test_a_form_equals_a_direct_count_of_dossiers(
    opened: Opened, word: str, cut: str, boundaries: Boundaries
) -> None:
    period = read_period(word, CUTS[cut])
    with duckdb.connect(str(opened.file), read_only=True) as db:
        days = {"first": period.first_on, "last": period.last_on}
        direct = db.sql(DIRECT.format(unit_key=OWN_UNIT[boundaries]), params=days).pl()
    direct = direct.filter(pl.any_horizontal(pl.col(DIRECT_COLUMNS) != 0)).sort(KEYS)
    cells = count_cells(opened.layer, period, by_unit=True, boundaries=boundaries).sort(KEYS)
    assert cells.select(*KEYS, *DIRECT_COLUMNS).equals(direct.select(*KEYS, *DIRECT_COLUMNS))


def test_an_ended_unit_keeps_its_tail_and_receives_nothing(opened: Opened) -> None:
    third = count_cells(opened.layer, read_period("2025Q3", CUTS["calendar"]), by_unit=True)
    units = read_units(opened.snapshot).select(*UNIT, "unit_valid_to")
    ended = third.join(units, on=UNIT, nulls_equal=True).filter(
        pl.col("unit_valid_to") == date(2025, 6, 30)
    )
    assert ended["carried_in"].sum() > 0
    assert ended["received_online"].sum() + ended["received_direct_postal"].sum() == 0
    row = ended.filter(pl.col("level") == "district").row(0, named=True)
    form = compose_form(opened.snapshot, opened.layer, period="2025Q3", unit=f"{row['unit_code']}@")
    total = form.blocks()[0]["rows"][0]
    assert total["carried_in"] == total["received_total"] > 0


def test_a_unit_of_today_carries_in_what_its_predecessors_left_open(opened: Opened) -> None:
    before, after = (read_period(word, CUTS["calendar"]) for word in ("2025Q2", "2025Q3"))
    ended = count_cells(opened.layer, before, by_unit=True)
    left = ended.filter(pl.col("level") != "commune", pl.col("open_total") > 0).select(
        "level", "field_code", unit_code="area-" + pl.col("unit_code"), n="open_total"
    )
    third = count_cells(opened.layer, after, by_unit=True, boundaries="today")
    carried = third.filter(pl.col("level") != "commune", pl.col("carried_in") > 0).select(
        "level", "field_code", "unit_code", n="carried_in"
    )
    keys = ["level", "unit_code", "field_code"]
    assert set(left["level"]) == {"province", "district"}
    assert carried.sort(keys).equals(left.sort(keys))
    centre = compose_form_today(opened.snapshot, opened.layer, period="2025Q3", unit="area-02")
    of_centre = carried.filter(pl.col("unit_code") == "area-02")["n"].sum()
    assert centre.blocks()[0]["rows"][0]["carried_in"] == of_centre > 0


def test_a_form_on_todays_boundaries_says_whose_dossiers_it_has_and_that_it_is_not_signed(
    opened: Opened, tmp_path: Path
) -> None:
    form = compose_form_today(opened.snapshot, opened.layer, period="2024Q1", unit="00691")
    answer = lay_out_form(form)
    assert (answer["boundaries"], answer["state"], answer["closings"]) == ("today", "current", [])
    notes = " ".join(note["vi"] for note in answer["notes"])
    assert "địa giới hiện nay (từ ngày 01/07/2025)" in notes
    assert "Gồm hồ sơ của: Phường Quang Trung, Thành phố Hà Giang; Phường Trần Phú" in notes
    assert "Đơn vị chia tách (Phường Quang Trung, Thành phố Hà Giang)" in notes
    assert "Đơn vị hoạt động từ" not in notes
    file = tmp_path / "form.xlsx"
    write_workbook(form, file)
    assert "Địa giới: hiện nay" in read_texts(file)
    as_was = compose_form(opened.snapshot, opened.layer, period="2024Q1")
    today = compose_form_today(opened.snapshot, opened.layer, period="2024Q1")
    assert today.blocks() == as_was.blocks()
    assert lay_out_form(as_was)["boundaries"] == "as_was"


def read_texts(file: Path) -> list[str]:
    sheet = fastexcel.read_excel(file).load_sheet("II.06a", header_row=None, dtypes="string")
    return [cell for row in sheet.to_polars().rows() for cell in row if cell]


def test_a_code_used_twice_means_the_unit_in_force_on_the_last_day(opened: Opened) -> None:
    def form_of(unit: str, period: str) -> tuple[date | None, int]:
        form = compose_form(opened.snapshot, opened.layer, period=period, unit=unit)
        assert form.unit is not None
        return form.unit.valid_from, form.blocks()[0]["rows"][0]["received_total"]

    both = [form_of(unit, "2025") for unit in ("00691@", "00691@2025-07-01")]
    assert form_of("00691", "2025") == both[1]
    assert form_of("00691", "2025Q2")[0] is None
    year = compose_form(opened.snapshot, opened.layer, period="2025", unit="00691")
    assert year.unit is not None
    assert [name for name, *_ in year.unit.others] == ["Phường Trần Phú"]


def test_totals_of_the_blocks_come_first_and_fields_add_up_to_them(opened: Opened) -> None:
    form = compose_form(opened.snapshot, opened.layer, period="2025Q3")
    assert [block["level"] for block in form.blocks()] == ["province", "district", "commune"]
    for block in form.blocks():
        total, *fields = block["rows"]
        assert total["field_code"] is None
        assert all(any(row[column] for column in COLUMNS) for row in fields)
        assert {c: total[c] for c in COLUMNS} == {c: sum(r[c] for r in fields) for c in COLUMNS}


def test_the_workbook_shows_the_figures_of_the_form(opened: Opened, tmp_path: Path) -> None:
    form = compose_form(opened.snapshot, opened.layer, period="2025Q3")
    file = tmp_path / "form.xlsx"
    write_workbook(form, file)
    rows = fastexcel.read_excel(file).load_sheet(
        "II.06a", header_row=None, dtypes="string"
    ).to_polars().rows()  # fmt: skip
    texts = [cell for row in rows for cell in row if cell]
    assert texts[0] == "Biểu số II.06a/VPCP/KSTT"
    title = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH TẠI TỈNH TUYÊN QUANG"
    assert f"{title}, địa bàn Hà Giang cũ (73 xã, phường)" in texts
    assert "Kỳ báo cáo: Quý III năm 2025 (từ ngày 01/07/2025 đến ngày 30/09/2025)" in texts
    assert "Trạng thái: Dự thảo" in texts
    numbers = next(row for row in rows if row[0] == "(1)")
    assert [str(cell).split("=")[0] for cell in numbers] == [f"({n})" for n in range(1, 14)]
    written = [
        (row[0] or None, row[1], *(int(cell) for cell in row[2:]))
        for row in rows
        if row[2] is not None and row[2].isdecimal()
    ]
    expected: list[tuple[object, ...]] = []
    for numeral, block in zip(("I", "II", "III"), form.blocks(), strict=True):
        total, *fields = block["rows"]
        heading = LEVELS_VI[block["level"]]
        expected.append((numeral, heading, *(total[column] for column in COLUMNS)))
        expected += [
            (str(place), row["field_name_vi"], *(row[column] for column in COLUMNS))
            for place, row in enumerate(fields, start=1)
        ]
    whole = form.cells.select(pl.col(COLUMNS).sum()).row(0)
    assert written == [*expected, (None, GRAND_TOTAL, *whole)]


def test_the_rule_that_cuts_quarters_is_the_one_of_the_snapshot(
    opened: Opened, tmp_path: Path
) -> None:
    assert read_cuts(opened.snapshot) == CUTS["calendar"]
    copy = tmp_path / "motcua-cut.duckdb"
    shutil.copy(opened.file, copy)
    with duckdb.connect(str(copy)) as db:
        db.execute("update dim_rule set value = '15' where rule = 'report_quarter_last_day'")
    with closing(SealedSnapshot(copy)) as snapshot:
        form = compose_form(snapshot, MetricLayer(snapshot), period="2025Q1")
    assert (form.period.first_on, form.period.last_on) == (date(2024, 12, 16), date(2025, 3, 15))


def test_the_command_answers_in_the_shape_promised(
    published_home: Path, run_motcua: RunMotcua, tmp_path: Path
) -> None:
    done = run_motcua(published_home, "form", "ii06a", "--period", "2025Q1", "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    head = [answer[name] for name in ("form", "period", "unit_code", "state")]
    assert head == ["ii06a", "2025Q1", None, "draft"]
    row = answer["blocks"][0]["rows"][0]
    assert set(row) == {"field_code", "field_name_vi", *COLUMNS}
    file = tmp_path / "form.xlsx"
    done = run_motcua(
        published_home, "form", "ii06a", "--period", "2025Q1", "--unit", "024",
        "--format", "xlsx", "--out", str(file),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert fastexcel.read_excel(file).sheet_names == ["II.06a"]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--period", "2025Q7"], 2, "period '2025Q7' cannot be read"),
        (["--period", "2030Q1"], 1, "the data says nothing of it"),
        (["--period", "2025Q1", "--unit", "nobody"], 1, "no unit bears that code"),
        (["--period", "2025Q1", "--unit", "024@2025-07-01"], 1, "no unit of that code began then"),
        (["--period", "2025Q1", "--format", "xlsx", "--out", "no-such/form.xlsx"], 1,
         "there is no such folder"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_one_line(
    published_home: Path, run_motcua: RunMotcua, options: list[str], status: int, said: str
) -> None:
    done = run_motcua(published_home, "form", "ii06a", *options)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
