"""Topics of the doctor one by one: disk and forecast, memory, secrets, the network of units."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.doctor import disk, environment, maps, sizes
from pipelines.doctor.finding import Severity
from pipelines.doctor.sizes import Forecast, forecast, record_sizes
from pipelines.doctor.sources import named_secrets
from pipelines.settings import settings
from tests.operating.conftest import VERSION
from tests.operating.log_of_pulls import source
from tests.operating.looking import found, write


def test_a_network_that_does_not_hang_together_is_found(home: Path) -> None:
    (home / "unit_change_edits.csv").write_text(
        "change_id,effective_date,date_is_assumed,share,share_is_assumed,source\n"
        "unit-00688-00691,,,0.5,,\n"
    )
    [finding, *others] = found(home)
    assert finding.severity is Severity.broken
    assert [other.severity for other in others] == [Severity.note], "of the snapshot before"
    assert finding.what == (
        "unit_change_edits.csv: row 2: unit-00688-00691: share: the shares of 00688 on 2025-07-01"
        " add up to 0.5, not 1"
    )
    assert finding.do.endswith("a-unit-merger.md")


def test_dossiers_of_a_folded_shop_from_after_its_day_are_told(home: Path) -> None:
    with duckdb.connect(str(home / "serving" / f"{VERSION}.duckdb")) as db:
        db.execute(
            """create table dim_shop as select 'shop-1' as change_id, 'ward@' as unit_key,
            'Phường' as unit_name_vi, date '2024-07-01' as shop_folded_on,
            true as is_folded_on_assumed;
            create table fct_dossier as select 'ward@' as unit_key, true as is_accepted,
            unnest([timestamp '2024-06-30 16:59', timestamp '2024-07-01 08:00',
            timestamp '2024-07-03 09:00']) as received_at"""
        )
    [finding] = found(home)
    assert finding.severity is Severity.warning
    assert finding.what.startswith("Phường: 2 dossiers bear its code from 2024-07-01 (assumed) on")
    assert finding.what.endswith("the last of 2024-07-03")
    assert finding.do.startswith("motcua changes move shop-1 --to ")


def test_an_own_map_that_cannot_be_drawn_is_found(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "own.geojson"
    file.write_text('{"features": [{"properties": {"code": 691}, "geometry": {}}]}')
    monkeypatch.setenv("MOTCUA_GEOJSON", str(file))
    told = [f.what for f in maps.check_maps(settings())]
    assert told == ["own.geojson: feature 1: property code or geometry is missing"]
    monkeypatch.delenv("MOTCUA_GEOJSON")
    assert list(maps.check_maps(settings())) == []


def test_too_little_room_for_the_next_run_is_broken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "forecast", lambda _config: Forecast(100 * 2**20, 0, None))
    [finding] = found(home)
    assert "100 MiB are free" in finding.what
    assert "512 are needed" in finding.what


@pytest.mark.parametrize(
    ("days", "severity"), [(40, None), (20, Severity.warning), (3, Severity.broken)]
)
def test_a_disk_that_fills_is_told_before_it_is_full(
    home: Path, monkeypatch: pytest.MonkeyPatch, days: int, severity: Severity | None
) -> None:
    monkeypatch.setattr(disk, "forecast", lambda _c: Forecast(2**40, 0, 2**40 / days))
    assert [f.severity for f in found(home)] == ([severity] if severity else [])


def test_the_forecast_is_the_growth_of_the_last_weeks(home: Path) -> None:
    config = settings()
    assert forecast(config).per_day is None
    record_sizes(config)
    assert forecast(config).per_day is None, "a day says nothing yet"
    record = home / "logs" / sizes.FILE
    told = json.loads(record.read_text())
    lines = [
        told | {"at": (datetime.now(UTC) - timedelta(days=n)).isoformat(), "bytes": {"landing": b}}
        for n, b in ((90, 10**12), (10, 0), (1, 10**9))
    ]
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))
    write(home / "landing" / "dossiers" / "shop" / "pull" / "part", bytes(20 * 2**20))
    later = forecast(config)
    assert later.per_day == pytest.approx(later.used / 10, rel=0.001)
    assert later.used > 20 * 2**20
    assert later.days_left == pytest.approx(later.free / (later.used / 10), rel=0.001)


def test_units_of_memory_are_read_as_the_engine_reads_them() -> None:
    read = environment.read_bytes
    assert [read(t) for t in ("12GB", "512 MiB", "1.5gb")] == [12 * 10**9, 2**29, 1_500_000_000]
    assert read("80%") is None


def test_every_secret_that_an_entry_names_is_looked_for() -> None:
    section: dict[str, object] = {
        "id": "env", "rest": {"auth": {"kind": "x", "env": "A", "secret_env": "B",
        "secret_file": "c", "file": None}}, "database": {"url_env": "D"}, "files": {"file": "no"},
    }  # fmt: skip
    assert list(named_secrets(section)) == [
        ("rest.auth.env", "A"), ("rest.auth.secret_env", "B"), ("rest.auth.secret_file", "c"),
        ("database.url_env", "D"),
    ]  # fmt: skip
    assert list(named_secrets(source().model_dump())) == []
