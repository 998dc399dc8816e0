"""One stage of the daily run as a process that may be killed: `python stages.py`.

Reads orders as lines of JSON, answers each with a line of JSON. The program is imported once; every
order is a fork of it, so that a kill costs as long as the stage takes and not as long as its start.

An order: {"stages": […], "home", "now", "run_id", "env": {…}, "fail_at": "name:n" or null,
"kill_after": seconds or null, "count": bool, "most_of_a_file": bytes or null}. The answer:
{"status": exit status, negative for a signal, "said": what it said, "seconds",
"reached": {point: n}}.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import failpoints
from pipelines.disk import DiskFullError
from pipelines.intake.pull import Pull, pull_all
from pipelines.intake.sources import load_sources
from pipelines.intake.windows import Window
from pipelines.serving.forms.closing import close_period
from pipelines.serving.publish import publish
from pipelines.settings import now, settings
from pipelines.warehouse.load import load_landing


def do_pull(home: Path, run_id: str) -> None:
    listed = load_sources(settings().sources_file)
    pull = Pull(
        landing=settings().landing_dir,
        reference=settings().reference_dir,
        folder=listed.folder,
        window=Window(None, now()),
        fetched_at=now(),
        run_id=run_id,
        report=lambda _source, _records: None,
    )
    for outcome in pull_all(listed, pull, ("dossiers", "progress")):
        if outcome.status != "ok":
            raise SystemExit(f"{outcome.source}: {outcome.error}")


def do_load(home: Path, run_id: str) -> None:
    load_landing(
        settings().warehouse_file,
        settings().landing_dir,
        settings().reference_dir,
        settings().sources_file.parent,
        lambda *_: None,
    )


def do_publish(home: Path, run_id: str) -> None:
    publish(
        settings().warehouse_file,
        settings().serving_dir,
        manifest=home / "semantic_manifest.json",
        run_id=run_id,
        published_at=now(),
        keep=2,
    )


def do_sign(home: Path, run_id: str) -> None:
    close_period(
        settings().warehouse_file,
        settings().serving_dir,
        period="2026Q1",
        unit=None,
        state="signed",
        by="Chánh Văn phòng UBND tỉnh",
        note=None,
        at=now(),
        keep=2,
    )


STAGES = {"pull": do_pull, "load": do_load, "publish": do_publish, "sign": do_sign}


def perform(order: dict[str, Any], said: str) -> None:
    """What the forked process does; never returns."""
    os.setsid()
    with open(said, "w", encoding="utf-8") as stream:  # noqa: PTH123
        for handle in (1, 2):
            os.dup2(stream.fileno(), handle)
    os.environ |= {"MOTCUA_HOME": order["home"], "MOTCUA_NOW": order["now"], **order["env"]}
    reached: Counter[str] = Counter()
    failpoints._watch = failpoints.kill_at(order["fail_at"]) if order["fail_at"] else None
    if order["count"]:
        failpoints._watch = lambda name: reached.update([name])
    if order["most_of_a_file"] is not None:
        # a page of each file is let through: locks and notes are made before anything is written
        most = order["most_of_a_file"] + resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    status = 0
    try:
        for stage in order["stages"]:
            STAGES[stage](Path(order["home"]), order["run_id"])
    except DiskFullError as error:
        print(f"DiskFullError: {error}", flush=True)
        status = 1
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 2
    if order["count"]:
        Path(f"{said}.reached").write_text(json.dumps(reached))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def obey(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Fork, kill if told so, wait."""
    said = folder / "said"
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        perform(order, str(said))
    if order["kill_after"] is not None:
        time.sleep(order["kill_after"])
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    reached = Path(f"{said}.reached")
    answer = {
        "status": os.waitstatus_to_exitcode(status),
        "said": said.read_text(encoding="utf-8") if said.exists() else "",
        "seconds": time.monotonic() - begun,
        "reached": json.loads(reached.read_text()) if reached.exists() else {},
        "ended_at": datetime.now().isoformat(),
    }
    for file in (said, reached):
        file.unlink(missing_ok=True)
    return answer


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for line in sys.stdin:
            print(json.dumps(obey(json.loads(line), Path(place))), flush=True)
