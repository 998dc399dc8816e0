"""A dialect is mended: quarantined records pass, as if they had passed when they came."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from pipelines.warehouse.mend import Mended, replay_quarantine
from tests.faults.shops import record
from tests.keeping.paper import REFERENCE, PaperHome

AT = datetime(2025, 4, 1)
BROKEN = "name: mine\ntime_formats: ['%Y%m%d%H%M%S', '%Y-%m-%dT%H:%M:%S']\n"
MENDED = BROKEN.replace("]", ", '%d/%m/%Y %H:%M']")
# a form of time that the dialect forgot
ODD = {"NgayHenTra": "10/03/2025 17:00"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PaperHome:
    """Records in quarantine: two of a form of time not known, one told twice, one hopeless."""
    home = PaperHome(tmp_path_factory.mktemp("built") / "home", dialect="mine.yml")
    home.root.mkdir()
    write_dialect(home, BROKEN)
    home.take(record(1), record(2, **ODD), record(3, TrangThaiHoSo="77"))
    home.take(record(2, **ODD), record(4, **ODD))
    return home


@pytest.fixture
def home(built: PaperHome, tmp_path: Path) -> PaperHome:
    """A copy of it, to be changed."""
    return built.copy_to(tmp_path / "home")


def write_dialect(home: PaperHome, text: str) -> None:
    (home.root / "dialects").mkdir(exist_ok=True)
    for name in ("mine.yml", "dialects/mine.yml"):
        (home.root / name).write_text(text, encoding="utf-8")


def mend(home: PaperHome, source: str | None = None, rule: str | None = None) -> Mended:
    return replay_quarantine(
        home.warehouse, home.landing, REFERENCE, home.root,
        source=source, rule=rule, at=AT, report=lambda *_: None,
    )  # fmt: skip


def counts(home: PaperHome) -> list[tuple[int, int, int]]:
    sql = "select accepted, unchanged, quarantined from log.outcome order by pull_id"
    return home.rows(sql)


def test_records_that_pass_today_enter_with_their_original_known_time(home: PaperHome) -> None:
    assert counts(home) == [(1, 0, 2), (0, 0, 2)]
    write_dialect(home, MENDED)
    assert mend(home) == Mended(batches=2, accepted=2, unchanged=1, gone=0, held=1)
    assert counts(home) == [(2, 0, 1), (1, 1, 0)]
    home.check_conserved()
    versions = home.rows(
        "select right(dossier_code, 4), pull_id, known_at from log.dossier_version order by 1"
    )
    fetched = dict(home.rows("select pull_id, fetched_at from log.outcome"))
    assert versions == [
        ("0001", "p0001", fetched["p0001"]),
        ("0002", "p0001", fetched["p0001"]),
        ("0004", "p0002", fetched["p0002"]),
    ]


def test_mended_rows_stay_marked_and_a_replay_equals_the_log(home: PaperHome) -> None:
    write_dialect(home, MENDED)
    mend(home)
    marked = "select rule, mended_at from log.quarantine order by rule, position"
    assert home.rows(marked) == [
        ("impossible_date", AT), ("impossible_date", AT), ("unknown_code", None),
    ]  # fmt: skip
    before = home.hashes()
    done = home.replay()
    assert done.differences == ()
    assert home.hashes() == before


def test_nothing_mended_changes_nothing(home: PaperHome) -> None:
    before = home.hashes()
    assert mend(home) == Mended(batches=2, accepted=0, unchanged=0, gone=0, held=3)
    assert home.hashes() == before


def test_a_rule_or_a_source_may_be_asked_for_alone(home: PaperHome) -> None:
    write_dialect(home, MENDED)
    assert mend(home, rule="unknown_code").accepted == 0
    assert mend(home, source="another-source").batches == 0
    assert mend(home, source="shop-dossiers", rule="impossible_date").accepted == 2


def test_a_mended_record_that_is_bad_again_is_held_again(home: PaperHome) -> None:
    write_dialect(home, MENDED)
    mend(home)
    write_dialect(home, BROKEN)
    [merged] = home.take(record(4, **ODD))
    assert merged.quarantined == 1
    assert home.rows("select count(*) from log.quarantine where mended_at is null") == [(2,)]


def test_a_replay_under_a_mended_dialect_says_that_the_log_differs(home: PaperHome) -> None:
    write_dialect(home, MENDED)
    done = home.replay()
    assert [line.split(":")[0] for line in done.differences] == [
        "log.dossier_version", "log.outcome", "log.quarantine",
    ]  # fmt: skip
