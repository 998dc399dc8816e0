"""Snapshots are published while people read: nobody is refused, nobody is told a mixture, and
everybody is told the newest soon."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.serving.metrics import MetricLayer
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.tables import connect_writer
from tests.faults.prepared import TODAY, Driver, Prepared, copy_home
from tests.faults.reading import ask

READING = Path(__file__).with_name("reading.py")
SOON = 5.0
SETTLE = 3.0
# another share of digitization for every version, with all totals as they were
CHANGE = """
update main.met_received
set digitized_n = case when hash(rowid) % 40 < {n} then received_n else 0 end
"""


def begin_reading(home: Path, threads: int, told: Path) -> subprocess.Popen[bytes]:
    """Readers that write to a file: a pipe that nobody empties would stop them when it is full."""
    with told.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, str(READING), str(home / "serving"), str(threads)],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT_ROOT,
        )


def publish_while_read(
    prepared: Prepared,
    driver: Driver,
    home: Path,
    *,
    people: int,
    programs: int,
    snapshots: int,
    seconds: float,
) -> tuple[list[dict[str, Any]], dict[str, list[list[int | None]]], dict[str, float]]:
    """What the readers were told, what each version says, and when it was published."""
    copy_home(prepared.to_publish, home, prepared.port)
    files = [home / f"told-{n}.ndjson" for n in range(programs)]
    processes = [begin_reading(home, people // programs, file) for file in files]
    for process, file in zip(processes, files, strict=True):  # each has begun to read
        while not file.stat().st_size:
            assert process.poll() is None
            time.sleep(0.05)
    says: dict[str, list[list[int | None]]] = {}
    published: dict[str, float] = {}
    begun = time.monotonic()
    for number in range(snapshots + 1):
        if number:
            due = begun + (number - 1) * seconds / snapshots
            time.sleep(max(0.0, due - time.monotonic()))
            connection = connect_writer(home / "warehouse" / "motcua.duckdb")
            connection.execute(CHANGE.format(n=number))
            connection.close()
            now = TODAY + timedelta(minutes=number)
            driver.succeed(home, "publish", now=now.isoformat(), run_id=f"{number:08d}")
        found = current_snapshot(home / "serving")
        published[found.version] = time.time()
        with closing(MetricLayer.open(found.file)) as layer:
            says[found.version] = ask(layer)
    time.sleep(SETTLE)
    told: list[dict[str, Any]] = []
    for process, file in zip(processes, files, strict=True):
        process.communicate()
        told += [json.loads(line) for line in file.read_text().splitlines()]
    return told, says, published


def check(
    told: list[dict[str, Any]], says: dict[str, list[list[int | None]]],
    published: dict[str, float],
) -> None:  # fmt: skip
    assert [line["fault"] for line in told if "fault" in line] == []
    assert [line for line in told if line["answer"] != says[line["version"]]] == []
    order = list(published)
    for reader in {line["reader"] for line in told}:
        mine = [line for line in told if line["reader"] == reader]
        for version, at in published.items():
            newest = [x for x in mine if order.index(x["version"]) >= order.index(version)]
            assert newest, f"{reader} never saw {version}"
            assert min(x["at"] for x in newest) - at <= SOON, (reader, version)
        # nobody is told an older version after a newer one
        seen = [order.index(line["version"]) for line in mine]
        assert seen == sorted(seen)


def run_load(prepared: Prepared, driver: Driver, home: Path, **size: Any) -> None:
    told, says, published = publish_while_read(prepared, driver, home, **size)
    check(told, says, published)
    assert len({json.dumps(answer) for answer in says.values()}) == len(says)
    readers = {line["reader"] for line in told}
    print(f"{len(told)} answers to {len(readers)} readers, {len(says) - 1} publications")
    assert len(readers) == size["people"]
    # what was let go is gone, down to the two that are always kept
    assert len(list((home / "serving").glob("motcua-*.duckdb"))) <= 2 + 3
    # the wrong answer of another version would be seen
    first, second = list(says)[:2]
    swapped = [line | {"version": second} for line in told if line["version"] == first]
    with pytest.raises(AssertionError):
        check(swapped, says, published)


def test_people_read_while_snapshots_are_published(
    prepared: Prepared, driver: Driver, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    run_load(prepared, driver, home, people=10, programs=2, snapshots=4, seconds=5.0)
    shutil.rmtree(home)


@pytest.mark.long
def test_fifty_people_read_for_a_minute_while_twenty_snapshots_are_published(
    prepared: Prepared, driver: Driver, tmp_path: Path
) -> None:
    run_load(prepared, driver, tmp_path / "home", people=50, programs=5, snapshots=20, seconds=60.0)
