"""Planted personal values go through the whole product and are found nowhere after."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from pipelines.intake.dialects import DIALECT_DIR, Dialect, load_dialect
from pipelines.scanner import find
from pipelines.serving.pseudonyms import dossier_pseudonym
from tests.conftest import RunMotcua
from tests.faults.shops import NOW, TOKEN, Shops
from tests.faults.traces import table_texts
from tests.privacy.plants import People, Plant, Row, planted_rows

SERVER = Path(__file__).parent.parent / "faults" / "server.py"
Serving = Callable[[list[str], int], AbstractContextManager[None]]

# a mapping as a province writes one for a table of its own, from a file or from a database
FLAT = """
name: flat
time_formats: ["%d/%m/%Y %H:%M"]
fields: {ma_ho_so: MaHoSo, ma_tthc: MaTTHC, linh_vuc: MaLinhVuc, noi_nop: NoiNopHoSo,
  kenh: KenhThucHien, doi_tuong: LoaiDoiTuong, tinh_trang: TrangThaiHoSo, hinh_thuc: HinhThuc,
  don_vi: DonViXuLy, ngay_nop: NgayNopHoSo, ngay_nhan: NgayTiepNhan, hen_tra: NgayHenTra,
  xong: NgayKetThucXuLy, le_phi: fee_amount, bo_sung: supplement_n, chuc_danh: ChucDanh,
  phong: PhongBanXuLy, buoc: TrangThai, luc: ThoiDiemXuLy}
codes: {TrangThaiHoSo: {Xong: "9"}, TrangThai: {Đang làm: "4"}}
"""


class Province:
    """Shops of every dialect and form, their plants, and the run over all of them."""

    def __init__(self, home: Path, port: int, seed: int, count: int) -> None:
        self.shops = Shops(home, port)
        self.people = People(seed)
        self.plants: list[Plant] = []
        self.count = count
        (home / "dialects").mkdir()
        (home / "dialects" / "flat.yml").write_text(FLAT)
        (home / "dagster").mkdir()
        (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        for path in sorted(DIALECT_DIR.glob("*.yml")):
            self._dialect(load_dialect(path.stem), path.stem)
        self._dialect(load_dialect("flat", home), "flat")
        self._oddities()

    def _dialect(self, dialect: Dialect, name: str) -> None:
        """A dialect in each form in which its shops may send, the plants shared out."""
        slug = dialect.name
        is_nested = not dialect.fields
        each = self.count // 6 + 1
        self._rest(f"{slug}-rest", name, self._rows(dialect, "dossiers", each * 2, False))
        records = self._rows(dialect, "dossiers", each, False)
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in records)
        self._file(f"{slug}-lines", name, ".ndjson", lines.encode())
        table = self._rows(dialect, "dossiers", each, True)
        self._file(f"{slug}-table", name, ".csv", _table(table))
        self._file(f"{slug}-book", name, ".xlsx", self._book(table, dialect))
        rows = pl.DataFrame([_texts(row) for row in self._rows(dialect, "dossiers", each, True)])
        buffer = io.BytesIO()
        rows.write_parquet(buffer)
        self._file(f"{slug}-columns", name, ".parquet", buffer.getvalue())
        if is_nested or "TrangThai" in dialect.fields.values():
            steps = self._rows(dialect, "progress", each, False)
            self._rest(f"{slug}-steps", name, steps, feed="progress")

    def _rows(self, dialect: Dialect, feed: str, count: int, is_table: bool) -> list[Any]:
        with_lists = not dialect.fields and not is_table and feed == "dossiers"
        pairs = list(
            planted_rows(
                self.people, dialect, feed, count, is_table=is_table, with_lists=with_lists
            )
        )
        self.plants += [plant for _, plant in pairs]
        return [row for row, _ in pairs]

    def _rest(self, source: str, dialect: str, rows: list[Any], **entry: object) -> None:
        """Two pages; the cursor between them is somebody's telephone number."""
        half = len(rows) // 2
        cursor = self.plant("phone", "cursor")
        pages = [
            json.dumps({"data": rows[:half], "next_cursor": cursor}, ensure_ascii=False),
            json.dumps({"data": rows[half:], "next_cursor": None}, ensure_ascii=False),
        ]
        self.shops.rest(source, *pages, dialect=dialect, **entry)

    def _file(self, source: str, dialect: str, ending: str, content: bytes) -> None:
        """A file named after a person."""
        name = self.plant("name", "name of a file") + " " + self.plant("phone", "name of a file")
        self.shops.files(source, name + ending, content, dialect=dialect)

    def _book(self, rows: list[Row], dialect: Dialect) -> bytes:
        buffer = io.BytesIO()
        names = sorted({name for row in rows for name in row})
        with xlsxwriter.Workbook(buffer, {"strings_to_numbers": False}) as book:
            book.set_properties({"author": self.plant("name", "author of a workbook")})
            sheet = book.add_worksheet(self.plant("phone", "name of a sheet"))
            sheet.write_row(0, 0, [*names, self.plant("email", "header")])
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, [str(row.get(name, "")) for name in names])
            sheet.write_comment("A1", self.plant("request", "comment of a cell"))
        return buffer.getvalue()

    def _oddities(self) -> None:
        """Answers and files that are none, full of people."""
        draw, rest, files = self.plant, self.shops.rest, self.shops.files
        text = draw("request", "body of an error")
        rest("error-body", {"body": json.dumps({"error": text, text: 1}), "status": 404})
        rest("no-json", draw("address", "body that is no JSON"))
        rest("cut-page", f'{{"data": [{{"ChuHoSo": "{draw("name", "cut page")}", "MaTT')
        rest("no-list", json.dumps({"data": {draw("name", "no list"): 1}}))
        cursor = draw("name as a code", "cursor that stays")
        rest("same-cursor", json.dumps({"data": [], "next_cursor": cursor}))
        name = draw("name", "name of an unreadable file")
        files("broken-workbook", f"{name}.xlsx", b"PK\x03\x04" + draw("name", "bad book").encode())
        name = draw("name in small letters", "name of a table without a header")
        header = f"{draw('name', 'header')},{draw('phone', 'header')}\n"
        files("no-header", f"{name}.csv", header.encode() * 3, dialect="shop-csv")
        name = draw("phone in groups", "name of a compressed file")
        files("cut-gzip", f"{name}.json.gz", gzip.compress(name.encode() * 99)[:-9])
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            member = f"{draw('name', 'name of a member')}.xlsx"
            archive.writestr(member, draw("request", "content of a member"))
        files("bad-member", f"{draw('citizen', 'name of an archive')}.zip", buffer.getvalue())
        lines = [json.dumps({"x": draw("name", "line")})[:-1], draw("address", "line")]
        files(
            "broken-records", f"{draw('email', 'name of a file')}.ndjson", "\n".join(lines).encode()
        )

    def plant(self, kind: str, place: str) -> str:
        """A text to be put somewhere by hand."""
        text = self.people.draw(kind)
        self.plants.append(Plant(text, kind, place))
        return text


def _texts(row: Row) -> Row:
    return {str(name): str(value) for name, value in row.items()}


def _table(rows: list[Row]) -> bytes:
    names = sorted({name for row in rows for name in row})
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


class Told:
    """What a run over a province said and left."""

    def __init__(self, province: Province, status: int, said: str) -> None:
        self.home, self.plants, self.status = province.shops.home, province.plants, status
        self.said = said

    def not_ours(self) -> list[Path]:
        """What the shops sent stays where they put it; the mapping is the test's."""
        return [self.home / "inbox", self.home / "sources.yml"]


def run_planted(
    folder: Path, port: int, seed: int, count: int, run_motcua: RunMotcua, serving: Serving
) -> Told:
    """Plant and run once, Dagster's storage inside of the home."""
    print(f"seed {seed}")
    province = Province(folder, port, seed, count)
    _, script = province.shops.write()
    env = {"MOTCUA_NOW": NOW, "GOOD_TOKEN": TOKEN, "DAGSTER_HOME": str(folder / "dagster")}
    with serving([sys.executable, str(SERVER), str(script), str(port)], port):
        done = run_motcua(folder, "run", env=env)
    said = done.stdout + done.stderr
    return Told(province, done.returncode, said)


def spellings(text: str) -> set[str]:
    """A text as it may stand somewhere: composed, decomposed, escaped; digits bare."""
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    forms |= {json.dumps(form)[1:-1] for form in forms}
    digits = text.translate(str.maketrans("", "", " .-"))
    return forms | ({digits} if digits.isdigit() else set())


def find_plants(
    contents: Iterable[tuple[str, str]], plants: list[Plant]
) -> list[tuple[str, Plant]]:
    """Place and plant, for every planted text that a content holds in any spelling or case."""
    origin = {form.lower(): plant for plant in plants for form in spellings(plant.text)}
    found: list[tuple[str, Plant]] = []
    for place, content in contents:
        hits = pl.Series([content.lower()]).str.extract_many(list(origin), overlapping=True)
        found += [(place, origin[hit]) for hit in set(hits.explode(empty_as_null=False).to_list())]
    return found


def raw_contents(home: Path, without: list[Path]) -> Iterable[tuple[str, str]]:
    """The bytes of every file and its name, whatever it is."""
    for path in sorted(home.rglob("*")):
        if not path.is_file() or any(path.is_relative_to(other) for other in without):
            continue
        content = path.read_bytes()
        yield str(path.relative_to(home)), f"{path.name}\n{content.decode('utf-8', 'ignore')}"


def check_nothing_left(told: Told) -> None:
    """No structured identity by the scanner, no planted text by any reading, anywhere."""
    assert told.status == 3, told.said
    assert "Traceback" not in told.said
    assert find_plants([("what was said", told.said)], told.plants) == []
    assert find(told.home, leave=told.not_ours()) == []
    assert find_plants(table_texts(told.home), told.plants) == []
    assert find_plants(raw_contents(told.home, told.not_ours()), told.plants) == []


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory,
    run_motcua: RunMotcua,
    serving: Serving,
    find_port: Callable[[], int],
) -> Told:
    """One run over shops of every dialect with 60 planted values each."""
    seed = int(os.environ.get("MOTCUA_TEST_SEEDS", "0").split(",")[0]) or time.time_ns() % 10**6
    folder = tmp_path_factory.mktemp("planted")
    return run_planted(folder, find_port(), seed, 60, run_motcua, serving)


def test_of_sixty_planted_values_a_dialect_none_is_found_anywhere(told: Told) -> None:
    check_nothing_left(told)


def test_the_records_that_bore_them_arrived(told: Told) -> None:
    outcomes = {}
    for path in (told.home / "landing").glob("*/*/*/outcome.json"):
        outcome = json.loads(path.read_text())
        outcomes[outcome["source"]] = outcome["records_in"]
    whole = [
        s for s in outcomes if s.rsplit("-", 1)[-1] in ("rest", "lines", "table", "book", "columns")
    ]
    assert len(whole) >= 5 * 4
    assert all(outcomes[source] >= 10 for source in whole), outcomes
    assert sum(outcomes.values()) >= len(told.plants) * 0.8
    assert (told.home / "dagster" / "history").exists()


def test_a_plant_that_was_left_would_be_found(told: Told, tmp_path: Path) -> None:
    chosen = random.Random(1).sample(told.plants, 20)
    text = "; ".join(plant.text for plant in chosen)
    (tmp_path / "landing").mkdir()
    pl.DataFrame({"a": [[{"x": text.upper()}]]}).write_parquet(tmp_path / "landing" / "a.parquet")
    (tmp_path / "log").write_text(json.dumps(text))
    engines = find_plants(table_texts(tmp_path), told.plants)
    assert {plant for _, plant in engines} >= set(chosen)
    assert {place for place, _ in engines} == {"landing/a.parquet", "log"}
    assert {p for _, p in find_plants(raw_contents(tmp_path, []), told.plants)} >= set(chosen)


def test_a_role_gets_what_it_may_see_of_the_published_dossiers_and_the_log_says_so(
    told: Told, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    def ask(role: str, form: str) -> subprocess.CompletedProcess[str]:
        file = str(tmp_path / f"{role}.{form}")
        words = ("--as", role, "--state", "all", "--format", form, "--out", file)
        return run_motcua(told.home, "dossiers", *words, env={"MOTCUA_NOW": NOW})

    refused = ask("leader", "csv")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert ask("operator", "json").returncode == ask("analyst", "csv").returncode == 0
    whole = json.loads((tmp_path / "operator.json").read_text())["rows"]
    hidden = pl.read_csv(tmp_path / "analyst.csv", infer_schema=False)
    key = os.environ["MOTCUA_PSEUDONYM_KEY"].encode()
    assert sorted(hidden["dossier_pseudonym"]) == sorted(
        dossier_pseudonym(row["source"], row["dossier_code"], key) for row in whole
    )
    text = (tmp_path / "analyst.csv").read_text()
    assert whole and not any(row["dossier_code"] in text for row in whole)
    log = [json.loads(line) for line in (told.home / "exports.ndjson").read_text().splitlines()]
    assert [(line["role"], line["has_codes"], line["rows"]) for line in log] == [
        ("operator", True, len(whole)),
        ("analyst", False, len(whole)),
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["analyst.csv", "operator.json"]


def test_the_scan_of_a_home_says_where_and_how_many_but_never_what(
    tmp_path: Path, run_motcua: RunMotcua
) -> None:
    home, storage = tmp_path / "home", tmp_path / "dagster"
    (home / "logs").mkdir(parents=True)
    storage.mkdir()
    env = {"DAGSTER_HOME": str(storage)}
    assert run_motcua(home, "privacy", "scan", env=env).returncode == 0
    (home / "logs" / "x.log").write_text("gọi 0912 345 678\n")
    (storage / "event.log").write_text("an@nha.example\n")
    done = run_motcua(home, "privacy", "scan", "--format", "json", env=env)
    assert done.returncode == 1
    assert json.loads(done.stdout)["rows"] == [
        {"file": "logs/x.log", "table": "", "column": "line", "kind": "phone", "count": 1},
        {"file": "event.log", "table": "", "column": "line", "kind": "email", "count": 1},
    ]
    assert not any(text in done.stdout + done.stderr for text in ("345", "@nha"))


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_of_five_hundred_planted_values_a_dialect_none_is_found_anywhere(
    tmp_path: Path, run_motcua: RunMotcua, serving: Serving, find_port: Callable[[], int], seed: int
) -> None:
    check_nothing_left(run_planted(tmp_path, find_port(), seed, 500, run_motcua, serving))
