"""Which snapshots stay: the last ones, the current one, those that are read or named."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.serving.leases import Lease, delete_unless_held, is_held
from pipelines.serving.publication import sweep
from pipelines.serving.retention import keep_version, kept_versions, retire
from pipelines.serving.snapshot import (
    NoSnapshotError,
    announce,
    announced_version,
    current_snapshot,
    list_snapshots,
    name_version,
    point_to,
    roll_back,
    rolled_back_from,
)

HOLDER = """
import sys
from pathlib import Path
from pipelines.serving.leases import Lease
lease = Lease(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def serving_dir(tmp_path: Path) -> Path:
    """Six versions, an hour apart, the newest current. Their times of change run backwards."""
    for hour in range(6):
        file = tmp_path / f"{version(hour)}.duckdb"
        file.touch()
        os.utime(file, (1_000_000 - hour,) * 2)
    point_to(tmp_path, version(5))
    return tmp_path


def version(hour: int) -> str:
    return f"motcua-20260701T{hour:02d}0000-run"


def hours_left(serving_dir: Path) -> list[int]:
    return [int(found.version[16:18]) for found in list_snapshots(serving_dir)]


def test_the_last_versions_stay_by_the_time_in_their_names(serving_dir: Path) -> None:
    retire(serving_dir, 3)
    assert hours_left(serving_dir) == [3, 4, 5]


def test_two_versions_stay_at_least(serving_dir: Path) -> None:
    retire(serving_dir, 0)
    assert hours_left(serving_dir) == [4, 5]


def test_versions_of_one_second_are_ordered_by_their_making(tmp_path: Path) -> None:
    for order, run in enumerate("cab"):
        file = tmp_path / f"motcua-20260701T060000-{run}.duckdb"
        file.touch()
        os.utime(file, (order, order))
    assert [found.version[-1] for found in list_snapshots(tmp_path)] == ["c", "a", "b"]


def test_a_version_that_was_rolled_back_to_stays(serving_dir: Path) -> None:
    roll_back(serving_dir, version(1))
    retire(serving_dir, 2)
    assert hours_left(serving_dir) == [1, 4, 5]
    assert current_snapshot(serving_dir).version == version(1)
    assert rolled_back_from(serving_dir) == version(5)
    point_to(serving_dir, version(5))
    assert rolled_back_from(serving_dir) is None


def test_a_version_that_a_report_names_stays_with_every_reason_once(serving_dir: Path) -> None:
    for reason in ("report of week 23", "form of 2026Q2\nsigned", "report of week 23"):
        keep_version(serving_dir, version(0), reason)
    assert kept_versions(serving_dir) == {
        version(0): ("report of week 23", "form of 2026Q2 signed")
    }
    retire(serving_dir, 2)
    assert hours_left(serving_dir) == [0, 4, 5]


def test_a_version_that_is_read_stays_until_its_reader_ends_even_by_a_kill(
    serving_dir: Path,
) -> None:
    file = serving_dir / f"{version(0)}.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout is not None and reader.stdout.readline() == "held\n"
        assert is_held(file)
        retire(serving_dir, 2)
        assert hours_left(serving_dir) == [0, 4, 5]
        reader.kill()
    assert not is_held(file)
    retire(serving_dir, 2)
    assert hours_left(serving_dir) == [4, 5]


def test_two_readers_of_one_process_hold_apart(serving_dir: Path) -> None:
    file = serving_dir / f"{version(0)}.duckdb"
    first, second = Lease(file), Lease(file)
    first.close()
    first.close()
    assert not delete_unless_held(file, lambda: True)
    second.close()
    assert delete_unless_held(file, lambda: True)
    with pytest.raises(FileNotFoundError):
        Lease(file)


def test_what_may_no_longer_go_stays(serving_dir: Path) -> None:
    file = serving_dir / f"{version(0)}.duckdb"
    assert not delete_unless_held(file, lambda: False)
    assert file.exists()


def test_one_cannot_roll_back_to_what_is_gone_or_was_never_published(serving_dir: Path) -> None:
    announce(serving_dir, version(6))
    (serving_dir / f"{version(6)}.duckdb").touch()
    for gone in ("motcua-gone", version(6)):
        with pytest.raises(NoSnapshotError, match=f"there is no version {gone}"):
            roll_back(serving_dir, gone)
    assert current_snapshot(serving_dir).version == version(5)
    assert 6 not in hours_left(serving_dir)


def test_rolling_back_from_a_version_whose_publisher_was_killed_ends_its_publication(
    serving_dir: Path,
) -> None:
    announce(serving_dir, version(5))
    roll_back(serving_dir, version(4))
    assert announced_version(serving_dir) is None
    assert hours_left(serving_dir)[-1] == 5


def test_a_file_is_never_replaced_by_a_second_publication_of_one_second(tmp_path: Path) -> None:
    at = datetime(2026, 7, 1, 6)
    names = []
    for _ in range(3):
        names.append(name_version(tmp_path, at, "a-long-run-id"))
        (tmp_path / f"{names[-1]}.duckdb").touch()
    assert names == [f"motcua-20260701T060000-a-long-r{end}" for end in ("", ".2", ".3")]


def test_what_killed_publishers_left_is_swept_and_a_pointer_being_written_is_not(
    serving_dir: Path,
) -> None:
    init = serving_dir / ".CURRENT.json.1"
    for left in (".motcua-x.duckdb", ".motcua-x.duckdb.wal", ".CURRENT.json.999999999"):
        (serving_dir / left).touch()
    init.touch()  # process 1 lives
    sweep(serving_dir)
    assert [path.name for path in serving_dir.glob(".*")] == [init.name]
