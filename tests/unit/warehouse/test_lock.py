"""One writer at a time, and who waits is told who holds it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.warehouse.lock import WarehouseBusyError, writer_lock

HOLDER = """
import sys
from pathlib import Path
from pipelines.warehouse.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "a long build"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held_elsewhere(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A warehouse whose lock another process holds until its input ends."""
    file = tmp_path / "warehouse" / "motcua.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield file, process


def test_a_second_writer_is_told_who_holds_the_warehouse(
    held_elsewhere: tuple[Path, subprocess.Popen[str]],
) -> None:
    file, process = held_elsewhere
    message = rf"the warehouse is held by a long build \(process {process.pid}\)"
    with pytest.raises(WarehouseBusyError, match=message), writer_lock(file, "x", timeout=0.1):
        raise AssertionError("two writers")


def test_the_lock_is_free_once_its_holder_ends_however_it_ends(
    held_elsewhere: tuple[Path, subprocess.Popen[str]],
) -> None:
    file, process = held_elsewhere
    process.kill()
    process.wait()
    with writer_lock(file, "the next one", timeout=5):
        assert "the next one" in (file.parent / "warehouse.lock.holder").read_text()


def test_one_process_may_take_the_lock_again_inside(tmp_path: Path) -> None:
    file = tmp_path / "motcua.duckdb"
    with writer_lock(file, "replay"), writer_lock(file, "loading", timeout=0.1):
        pass
    with writer_lock(file, "after", timeout=0.1):
        pass


def test_the_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "motcua.duckdb"
    with pytest.raises(ValueError, match="oops"), writer_lock(file, "fails"):
        raise ValueError("oops")
    done = subprocess.run(
        [sys.executable, "-c", HOLDER, str(file)],
        input="", capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.stdout == "held\n", done.stderr
