"""A full disk is one clear line; what was there before still stands, and once there is space a
plain re-run leaves what a whole one does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.disk import DiskFullError, naming_full_disk
from pipelines.doctor.alert_record import FILE, note_alerts, read_open
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.alerts import Alert
from tests.faults.equal import (
    check_outcomes,
    hash_log,
    hash_snapshot,
    list_left_overs,
    list_outcomes,
)
from tests.faults.prepared import TODAY, Driver, Prepared, copy_home
from tests.faults.small_disk import Disk, small_disk

DISK_MIB = 160
KIB, MIB = 2**10, 2**20


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """A small disk."""
    with small_disk(tmp_path_factory.mktemp("disks") / "disk", DISK_MIB) as disk:
        yield disk


@dataclass(frozen=True)
class Whole:
    """What a day leaves whose disk is large enough."""

    landed: Path
    loaded: Path
    published: Path


@pytest.fixture(scope="module")
def whole(prepared: Prepared, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The stages done on copies that lie elsewhere."""
    folder = tmp_path_factory.mktemp("whole")
    landed = copy_home(prepared.home, folder / "landed", prepared.port)
    driver.succeed(landed, "pull")
    loaded = copy_home(landed, folder / "loaded", prepared.port)
    driver.succeed(loaded, "load")
    published = copy_home(prepared.to_publish, folder / "published", prepared.port)
    driver.succeed(published, "publish")
    return Whole(landed, loaded, published)


def check_stopped(answer: dict[str, object], step: str, folder: Path) -> None:
    """The line names step and place, says what to do, and is one."""
    assert answer["status"] == 1, answer["said"]
    assert answer["said"] == (
        f"DiskFullError: the disk under {folder} is full: {step} stopped, what was there before"
        " still stands; make space and run again\n"
    )


def check_readers(home: Path, before: dict[str, str]) -> None:
    """The old snapshot is current and readable."""
    with closing(SealedSnapshot(current_snapshot(home / "serving").file)) as snapshot:
        assert "yesterda" in snapshot.read_meta()["version"]
    assert hash_snapshot(home) == before


@pytest.mark.parametrize("left", [pytest.param(0, marks=pytest.mark.long), 24 * KIB])
def test_a_disk_full_at_landing_stops_the_pull_and_leaves_no_half_batch(
    disk: Disk, prepared: Prepared, driver: Driver, whole: Whole, left: int
) -> None:
    home = copy_home(prepared.home, disk.folder / "home", prepared.port)
    waiting = sorted((home / "inbox").rglob("*"))
    try:
        with disk.full_but_for(left) as order:
            check_stopped(driver.do(home, "pull", **order), "landing", home / "landing")
            assert not list((home / "landing").glob("*/*/.*"))
            check_readers(home, hash_snapshot(prepared.home))
            if left == 0:
                assert sorted((home / "inbox").rglob("*")) == waiting
        driver.succeed(home, "pull", "load", run_id="re-run")
        assert hash_log(home) == hash_log(whole.loaded)
        check_outcomes(home, list_outcomes(whole.loaded))
        assert list_left_overs(home) == []
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("left", [0, pytest.param(100 * KIB, marks=pytest.mark.long)])
def test_a_disk_full_at_loading_leaves_whole_batches_in_the_log(
    disk: Disk, prepared: Prepared, driver: Driver, whole: Whole, left: int
) -> None:
    home = copy_home(whole.landed, disk.folder / "home", prepared.port)
    try:
        with disk.full_but_for(left) as order:
            answer = driver.do(home, "load", **order)
            check_stopped(answer, "loading into the log", home / "warehouse")
            before, now, then = map(list_outcomes, (prepared.home, home, whole.loaded))
            assert before <= now < then
            if now == before:
                assert hash_log(home) == hash_log(prepared.home)
            check_readers(home, hash_snapshot(prepared.home))
        driver.succeed(home, "load", run_id="re-run")
        assert hash_log(home) == hash_log(whole.loaded)
        assert list_outcomes(home) == list_outcomes(whole.loaded)
        assert list_left_overs(home) == []
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("left", [pytest.param(0, marks=pytest.mark.long), 3 * MIB])
def test_a_disk_full_at_publishing_leaves_the_old_snapshot_and_says_nothing(
    disk: Disk, prepared: Prepared, driver: Driver, whole: Whole, left: int
) -> None:
    home = copy_home(prepared.to_publish, disk.folder / "home", prepared.port)
    try:
        with disk.full_but_for(left) as order:
            check_stopped(driver.do(home, "publish", **order), "publishing", home / "serving")
            assert hash_log(home) == hash_log(prepared.to_publish)
            check_readers(home, hash_snapshot(prepared.home))
        driver.succeed(home, "publish", run_id="re-run")
        assert hash_log(home) == hash_log(whole.published)
        assert hash_snapshot(home) == hash_snapshot(whole.published)
        assert list_left_overs(home) == []
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def whole_run(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a whole run with space enough."""
    home = copy_home(prepared.home, tmp_path_factory.mktemp("whole-run") / "home", prepared.port)
    status, said = run(home)
    assert status in (0, 3), said
    return home


# so much room is left that the step named is the one that has too little; None: some step
@pytest.mark.long
@pytest.mark.parametrize(
    ("left", "step"),
    [
        (0, "landing"),
        (1 * MIB, "computing the models"),
        (3 * MIB, None),
        (12 * MIB, None),
        (18 * MIB, None),
    ],
)
def test_a_whole_run_on_a_full_disk_is_not_done_says_so_in_one_line_and_is_done_with_space(
    disk: Disk, prepared: Prepared, whole_run: Path, left: int, step: str | None
) -> None:
    if not disk.is_mounted:
        pytest.fail("this needs a disk of its own: run it as root, or allow it to mount a tmpfs")
    home = copy_home(prepared.home, disk.folder / "home", prepared.port)
    try:
        before = hash_snapshot(home)
        with disk.full_but_for(left):
            status, said = run(home)
            assert "Traceback" not in said
            if status == 1:
                lines = [line for line in said.splitlines() if "is full" in line]
                assert len(lines) == 1, said
                (line,) = lines
                print(left, line)
                stopped = step or "[a-z ]+"
                assert re.fullmatch(
                    rf"the disk under {re.escape(str(home))}/\w+ is full: {stopped} stopped,"
                    " what was there before still stands; make space and run again",
                    line,
                )
                assert hash_snapshot(home) == before
            else:
                assert step is None and status in (0, 3), said
        status, said = run(home)
        assert status in (0, 3), said
        assert hash_log(home) == hash_log(whole_run)
        assert hash_snapshot(home) == hash_snapshot(whole_run)
        assert list_left_overs(home) == []
    finally:
        shutil.rmtree(home)


def run(home: Path) -> tuple[int, str]:
    """`motcua run` on a home: exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run"],
        cwd=PROJECT_ROOT,
        env=os.environ | {"MOTCUA_HOME": str(home), "MOTCUA_NOW": TODAY.isoformat()},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_record_of_alerts_keeps_its_whole_lines_on_a_full_disk(disk: Disk) -> None:
    if not disk.is_mounted:
        pytest.fail("this needs a disk of its own: run it as root, or allow it to mount a tmpfs")
    alerts = [Alert("run", f"job-{n}", TODAY, "not done, " * 50) for n in range(20)]
    assert len(note_alerts(disk.folder, ("run",), alerts[:1], TODAY, "first")) == 1
    with disk.full_but_for(0):
        assert note_alerts(disk.folder, ("run",), alerts, TODAY, "full") == []
        assert [noted.source for noted in read_open(disk.folder)] == ["job-0"]
    assert len(note_alerts(disk.folder, ("run",), alerts, TODAY, "again")) == 19
    (disk.folder / FILE).unlink()


def test_a_fault_that_is_no_full_disk_keeps_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="permission"), naming_full_disk("landing", tmp_path):
        raise PermissionError("permission denied")
    with (
        pytest.raises(DiskFullError, match="landing stopped"),
        naming_full_disk("landing", tmp_path),
    ):
        raise OSError(28, "No space left on device")
