"""A home as it stands before a day's run, prepared once; stages of the run done on copies of it.

Yesterday's run is through and published. Today the systems over HTTP tell more, and files lie in
the inboxes that were not there. `MOTCUA_NOW` is fixed: runs can be compared.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import yaml

from pipelines.dbt_project import dbt_environment
from pipelines.serving.snapshot import current_snapshot
from pipelines.settings import PROJECT_ROOT
from pipelines.simulator.province import write_province
from pipelines.warehouse.tables import connect_writer

SERVER = Path(__file__).with_name("province_server.py")
STAGES = Path(__file__).with_name("stages.py")
MODELS = PROJECT_ROOT / "models"
UNTIL = date(2026, 6, 30)
YESTERDAY = datetime(2026, 6, 12, 6)
TODAY = datetime(2026, 7, 1, 6)
FILES = 4
SYSTEMS = ("centre", "ha-giang-city", "xin-man-district", "lung-cu-commune")
# taken back from the log of the home that publishes, so that publishing says them anew
FORGET_HALF = "delete from log.published_figure where hash(metric, period, unit_code) % 2 = 0"
Serving = Callable[[list[str], int], AbstractContextManager[None]]


@dataclass
class Driver:
    """The process that forks stages; one order at a time."""

    process: subprocess.Popen[str]
    env: dict[str, str] = field(default_factory=dict[str, str])

    def do(self, home: Path, *stages: str, **order: Any) -> dict[str, Any]:
        """Run stages on a home and say how they ended."""
        given = {
            "stages": stages,
            "home": str(home),
            "now": TODAY.isoformat(),
            "run_id": "a-run-of-today",
            "fail_at": None,
            "kill_after": None,
            "count": False,
            "most_of_a_file": None,
            "env": {},
        } | order
        given["env"] = {**self.env, **given["env"]}
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def succeed(self, home: Path, *stages: str, **order: Any) -> dict[str, Any]:
        """Run stages that must go well."""
        answer = self.do(home, *stages, **order)
        assert answer["status"] == 0, answer["said"]
        return answer


@contextmanager
def driving() -> Iterator[Driver]:
    """A driver for a block."""
    with subprocess.Popen(
        [sys.executable, str(STAGES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
    ) as process:
        yield Driver(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass(frozen=True)
class Prepared:
    """A home before today's run, one whose models wait to be published, and today's systems up."""

    home: Path
    to_publish: Path
    port: int


def prepare(folder: Path, driver: Driver, serving: Serving, port: int) -> None:
    """Write a province and a home that was published yesterday."""
    province, home = folder / "province", folder / "home"
    write_province(province, dossiers=500, seed=5, until=UNTIL, dirt=2.0, port=port)
    home.mkdir()
    shutil.copytree(province / "inbox", home / "inbox")
    entries = yaml.safe_load((province / "sources.yml").read_text())["sources"]
    entries = [entry for entry in entries if entry["system"] in SYSTEMS]
    entries += [_by_file(feed) for feed in ("dossiers", "progress")]
    (home / "sources.yml").write_text(yaml.safe_dump({"sources": entries}, allow_unicode=True))
    _deliver(province, home, slice(0, 1))
    with serve(province, serving, port, YESTERDAY):
        driver.succeed(home, "pull", "load", now=YESTERDAY.isoformat(), run_id="yesterday")
    build_models(home)
    shutil.copy(MODELS / "target" / "semantic_manifest.json", home)
    driver.succeed(home, "publish", now=YESTERDAY.isoformat(), run_id="yesterday")
    _deliver(province, home, slice(1, FILES))
    to_publish = copy_home(home, folder / "to-publish", port)
    connection = connect_writer(to_publish / "warehouse" / "motcua.duckdb")
    connection.execute(FORGET_HALF)
    connection.close()
    # an older version, which the next publication retires
    current = current_snapshot(to_publish / "serving").file
    shutil.copy(current, current.with_name("motcua-20260611T060000-older.duckdb"))


def _by_file(feed: str) -> dict[str, Any]:
    """A shop that delivers files, archived once they have landed."""
    return {
        "id": f"by-file-{feed}", "system": "by-file", "kind": "files", "feed": feed,
        "units": ["02"], "synthetic": True, "initial": {"known_at": "source"},
        "files": {"path": f"inbox/by-file/{feed}-*.parquet", "after": "archive"},
    }  # fmt: skip


def _deliver(province: Path, home: Path, which: slice) -> None:
    """Some of the files of that shop: what the centre's system tells, cut by time."""
    inbox = home / "inbox" / "by-file"
    inbox.mkdir(exist_ok=True)
    for feed in ("dossiers", "progress"):
        told = pl.read_parquet(province / "systems" / "centre" / f"{feed}.parquet")
        told = told.sort("updated_at")
        for number in range(FILES)[which]:
            part = told[number * told.height // FILES : (number + 1) * told.height // FILES]
            part.write_parquet(inbox / f"{feed}-{number}.parquet")


def serve(
    province: Path, serving: Serving, port: int, now: datetime
) -> AbstractContextManager[None]:
    """The province's systems as they tell at a moment."""
    told = json.dumps({"behaviours": [], "seed": 1, "now": now.isoformat()})
    return serving([sys.executable, str(SERVER), str(province), str(port), told], port)


def copy_home(home: Path, target: Path, port: int) -> Path:
    """A copy of a home whose systems answer on `port`."""
    shutil.copytree(home, target)
    entries = yaml.safe_load((target / "sources.yml").read_text())
    for entry in entries["sources"]:
        if "rest" in entry:
            entry["rest"]["url"] = str(httpx.URL(entry["rest"]["url"]).copy_with(port=port))
    (target / "sources.yml").write_text(yaml.safe_dump(entries, allow_unicode=True))
    return target


def build_models(home: Path) -> None:
    """What the daily run does between loading and publishing: seeds and models."""
    folders = ("--project-dir", str(MODELS), "--profiles-dir", str(MODELS))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "build",
            "--exclude-resource-type", "unit_test", "test", *folders,
        ],
        cwd=MODELS,
        env=os.environ | dbt_environment(home / "warehouse" / "motcua.duckdb"),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
