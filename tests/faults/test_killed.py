"""A run killed at any moment and run again leaves what a whole one does: the same log, the same
marts, the same figures; and readers never see half of anything."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.failpoints import POINTS, kill_at
from pipelines.intake.landing import LandingBatch, Outcome, sweep
from pipelines.serving.retention import kept_versions
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT
from tests.conftest import RunMotcua
from tests.faults.equal import (
    check_outcomes,
    hash_log,
    hash_marts,
    hash_snapshot,
    list_left_overs,
    list_outcomes,
)
from tests.faults.prepared import (
    TODAY,
    Driver,
    Prepared,
    copy_home,
)
from tests.faults.watching import Watch, watching

KILLED = -signal.SIGKILL
# reached by the whole run (in the long form) and by signing a form
ELSEWHERE = {
    "models_begun", "models_done", "impacts_estimated", "impacts_kept", "act_committed",
}  # fmt: skip
STAGES = {"pull": ("pull", "load"), "load": ("load",), "publish": ("publish",)}


@dataclass(frozen=True)
class Bench:
    """Homes before each stage, and what the stages leave that are not killed."""

    driver: Driver
    port: int
    before: dict[str, Path]
    log: dict[str, str]
    outcomes: Counter[tuple[object, ...]]
    figures: dict[str, str]
    snapshot: dict[str, str]
    reached: dict[str, Counter[str]]
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def bench(prepared: Prepared, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Every stage done once without a kill."""
    folder, port = tmp_path_factory.mktemp("killed"), prepared.port
    reached: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    done, landed = folder / "done", folder / "landed"
    published = folder / "published"

    def do(home: Path, stage: str, run: str) -> None:
        answer = driver.succeed(home, stage, count=True, run_id=run)
        reached[stage], seconds[stage] = Counter(answer["reached"]), answer["seconds"]

    copy_home(prepared.home, done, port)
    do(done, "pull", "whole")
    copy_home(done, landed, port)
    do(done, "load", "whole")
    copy_home(prepared.to_publish, published, port)
    do(published, "publish", "whole")
    return Bench(
        driver, port, {"pull": prepared.home, "load": landed, "publish": prepared.to_publish},
        hash_log(done), list_outcomes(done), hash_log(published), hash_snapshot(published),
        reached, seconds,
    )  # fmt: skip


def kill_and_run_again(bench: Bench, home: Path, stage: str, **how: Any) -> None:
    """Kill a stage on a copy of its home, run it again, and compare."""
    copy_home(bench.before[stage], home, bench.port)
    # before publishing nothing changes for readers
    with watching(home) if stage == "publish" else nullcontext(Watch()) as watch:
        ended = bench.driver.do(home, stage, **how)
        assert ended["status"] in (KILLED, 0), ended["said"]
        if how.get("fail_at"):
            assert ended["status"] == KILLED, how
        bench.driver.succeed(home, *STAGES[stage], run_id="re-run")
    watch.check()
    if stage == "publish":
        assert {current_snapshot(home / "serving").version} <= watch.seen.keys()
        assert hash_log(home) == bench.figures
        assert hash_snapshot(home) == bench.snapshot
    else:
        assert hash_log(home) == bench.log
        check_outcomes(home, bench.outcomes)
    assert list_left_overs(home) == []


SHORT = [
    ("pull", "batch_renamed:5"),
    ("pull", "file_put_away:2"),
    ("load", "batch_merged:4"),
    ("load", "batch_loaded:7"),
    ("publish", "snapshot_described"),
    ("publish", "pointer_moved"),
]


@pytest.mark.parametrize(("stage", "point"), SHORT)
def test_a_stage_killed_at_a_point_and_run_again_leaves_what_a_whole_one_does(
    bench: Bench, tmp_path: Path, stage: str, point: str
) -> None:
    kill_and_run_again(bench, tmp_path / "home", stage, fail_at=point)


def spread(reached: Counter[str], kills: int) -> list[str]:
    """So many fail points of a stage, every one at least once, the often reached ones more often
    and over their whole course."""
    share = dict.fromkeys(reached, 1)
    while sum(share.values()) < kills:
        name = max(reached, key=lambda n: reached[n] / share[n])
        share[name] += 1
    return [
        f"{name}:{1 + (reached[name] - 1) * n // max(times - 1, 1)}"
        for name, times in share.items()
        for n in range(times)
    ]


@pytest.mark.long
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_killed_anywhere_and_run_again_leaves_what_a_whole_one_does(
    bench: Bench, tmp_path: Path, stage: str
) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    moments = random.Random(seed)
    plan: list[dict[str, Any]] = [{"fail_at": point} for point in spread(bench.reached[stage], 30)]
    plan += [{"kill_after": moments.uniform(0, bench.seconds[stage])} for _ in range(30)]
    assert len(plan) == 60
    for number, how in enumerate(plan):
        print(f"{stage} {number} {how}", flush=True)
        kill_and_run_again(bench, tmp_path / str(number), stage, **how)
        shutil.rmtree(tmp_path / str(number))


def run_and_kill(home: Path, env: dict[str, str], after: float | None) -> int:
    """`motcua run`, killed with all it started after so many seconds. Returns how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "run"],
        cwd=PROJECT_ROOT,
        env=os.environ | {"MOTCUA_HOME": str(home), "MOTCUA_NOW": TODAY.isoformat()} | env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


@pytest.mark.long
def test_a_whole_run_killed_anywhere_and_run_again_leaves_what_a_whole_one_does(
    bench: Bench, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    now = {"MOTCUA_NOW": TODAY.isoformat()}
    right = copy_home(bench.before["pull"], tmp_path / "right", bench.port)
    begun = time.monotonic()
    done = run_motcua(right, "run", env=now)
    seconds = time.monotonic() - begun
    assert done.returncode in (0, 3), done.stderr
    hashes = hash_log(right), hash_marts(right), hash_snapshot(right)
    outcomes = list_outcomes(right)
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    moments = random.Random(seed)
    points = [
        "models_begun", "models_done", "impacts_estimated", "impacts_kept", "batch_merged:4",
        "figures_said", "pointer_moved",
    ]  # fmt: skip
    plan: list[tuple[dict[str, str], float | None]] = []
    plan += [({"MOTCUA_FAIL_AT": point}, None) for point in points]
    # evenly over its course, each at a moment drawn within its part
    plan += [({}, seconds * (n + moments.random()) / 15) for n in range(15)]
    for number, (env, after) in enumerate(plan):
        print(f"whole {number} {env} {after}", flush=True)
        home = copy_home(bench.before["pull"], tmp_path / str(number), bench.port)
        with watching(home) as watch:
            ended = run_and_kill(home, env, after)
            assert ended in (KILLED, 0), ended
            if env:
                assert ended == KILLED
            again = run_motcua(home, "run", env=now)
        assert again.returncode in (0, 3), again.stderr
        watch.check()
        assert (hash_log(home), hash_marts(home), hash_snapshot(home)) == hashes
        check_outcomes(home, outcomes)
        assert list_left_overs(home) == []
        shutil.rmtree(home)


@pytest.mark.long
def test_the_dbt_of_a_killed_run_is_waited_for(
    bench: Bench, tmp_path: Path, run_motcua: RunMotcua
) -> None:
    home = copy_home(bench.before["pull"], tmp_path / "home", bench.port)
    env = {"MOTCUA_NOW": TODAY.isoformat()}
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "run"],
        cwd=PROJECT_ROOT,
        env=os.environ | {"MOTCUA_HOME": str(home)} | env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while not (orphans := find_dbt(process.pid)):
            assert process.poll() is None, "the run ended before dbt began"
            time.sleep(0.05)
        time.sleep(4)  # dbt is past its own start and has the warehouse open
        process.kill()
    assert any(Path(f"/proc/{pid}").exists() for pid in orphans), "dbt ended with its parent"
    again = run_motcua(home, "run", env=env)
    assert again.returncode in (0, 3), again.stderr
    assert hash_log(home)["dossier_version"] == bench.log["dossier_version"]


def find_dbt(parent: int) -> list[int]:
    """The processes of a run that are dbt."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rpartition(")")[2].split()
            command = status.with_name("cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(words[1]) == parent and any(part.endswith(b"/dbt") for part in command):
            found.append(int(status.parent.name))
    return found


def test_every_fail_point_of_the_program_is_registered() -> None:
    sources = [p for p in (PROJECT_ROOT / "pipelines").rglob("*.py") if p.name != "failpoints.py"]
    called = {
        name
        for source in sources
        for name in re.findall(r"\breach\(\s*\"(\w+)\"\s*\)", source.read_text(encoding="utf-8"))
    }
    calls = sum(len(re.findall(r"\breach\(", p.read_text(encoding="utf-8"))) for p in sources)
    assert calls == len(called), "a point is reached at two places, or has no name of its own"
    assert called == set(POINTS)


def test_every_fail_point_is_reached_by_a_run(bench: Bench) -> None:
    reached = {name for stage in bench.reached.values() for name in stage}
    assert reached == set(POINTS) - ELSEWHERE


def test_a_fail_point_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="MOTCUA_FAIL_AT: 'nowhere' is not name or name:n of"):
        kill_at("nowhere")


def test_a_batch_that_is_being_written_is_not_swept_away_and_one_left_behind_is(
    tmp_path: Path,
) -> None:
    outcome = Outcome(
        pull_id="p", run_id="r", source="shop", identity="shop", feed="dossiers", kind="rest",
        fetched_at=TODAY,
    )  # fmt: skip
    batch = LandingBatch(tmp_path, outcome)
    batch.add(pl.DataFrame({"a": [1]}))
    left = batch.hidden.with_name(".of-a-killed-pull")
    shutil.copytree(batch.hidden, left)
    sweep(tmp_path)
    assert not left.exists()
    assert batch.close().is_dir()
    assert not batch.hidden.exists()


def test_half_a_snapshot_would_be_seen_by_the_reader(bench: Bench, tmp_path: Path) -> None:
    home = copy_home(bench.before["publish"], tmp_path / "home", bench.port)
    with watching(home) as watch:
        file = current_snapshot(home / "serving").file
        broken = file.with_name(".broken")
        shutil.copyfile(file, broken)
        with duckdb.connect(str(broken)) as db:
            db.execute("delete from met_received where rowid % 2 = 0")
        broken.rename(file)
        end = time.monotonic() + 5
        while len(watch.seen.get(file.stem, ())) < 2 and time.monotonic() < end:
            time.sleep(0.05)
    with pytest.raises((AssertionError, ValueError)):
        watch.check()


def test_figures_of_a_snapshot_that_nobody_could_read_are_not_said(
    bench: Bench, tmp_path: Path
) -> None:
    home = copy_home(bench.before["publish"], tmp_path / "home", bench.port)
    bench.driver.do(home, "publish", fail_at="figures_said", run_id="never-current")
    said = "select count(*) from log.published_figure where snapshot like '%-never-cu'"
    assert count(home, said) > 0, "the kill came too early: nothing to take back"
    bench.driver.succeed(home, "publish", run_id="re-run")
    assert count(home, said) == 0
    versions = [file.stem for file in (home / "serving").glob("motcua-*.duckdb")]
    assert not [version for version in versions if "never-cu" in version]


def count(home: Path, sql: str) -> int:
    with duckdb.connect(str(home / "warehouse" / "motcua.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize("point", ["snapshot_named", "act_committed"])
def test_a_form_is_signed_once_however_its_signing_is_killed(
    bench: Bench, prepared: Prepared, tmp_path: Path, point: str
) -> None:
    home = copy_home(prepared.to_publish, tmp_path / "home", bench.port)
    signed_on = current_snapshot(home / "serving").version
    assert bench.driver.do(home, "sign", fail_at=point)["status"] == KILLED
    again = bench.driver.do(home, "sign", run_id="re-run")
    if point == "act_committed":  # it was said: the next who closes shows it, and is refused
        assert "period 2026Q1 is signed since 2026-07-01 06:00" in again["said"]
    else:
        assert again["status"] == 0, again["said"]
    assert count(home, "select count(*) from log.period_state") == 1
    with duckdb.connect(str(current_snapshot(home / "serving").file), read_only=True) as db:
        assert db.execute("select count(*) from srv_period_state").fetchall() == [(1,)]
    assert kept_versions(home / "serving") == {signed_on: ("ii06a 2026Q1 signed",)}
    assert list_left_overs(home) == [f"serving/named/{signed_on}"]


def test_what_is_left_over_or_changed_would_be_seen(bench: Bench, tmp_path: Path) -> None:
    home = copy_home(bench.before["publish"], tmp_path / "home", bench.port)
    before, left = hash_log(home), ("landing/f/s/.p/part-1.parquet", "serving/.motcua-x.duckdb")
    for name in (*left, "warehouse/spill/x"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch()
    assert list_left_overs(home) == [*left, "warehouse/spill/x"]
    with duckdb.connect(str(home / "warehouse" / "motcua.duckdb")) as db:
        db.execute(
            "update log.progress set known_at = known_at + interval 1 second"
            " where rowid = (select min(rowid) from log.progress)"
        )
    after = hash_log(home)
    assert {name for name in after if after[name] != before[name]} == {"progress"}
