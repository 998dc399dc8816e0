"""How long the intake takes, over what the bare engine takes to read the same files.

The records are written by one process, read by the bare engine in a second, and go the product's
own way, from a file source to the log of an empty home, in a third: each peak of memory is that
of its own work alone.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

import duckdb
import yaml

from pipelines.intake.canonical import DOSSIER
from pipelines.intake.invented import SHAPES, Shape, write_records
from pipelines.intake.pull import Pull, pull_all
from pipelines.intake.sources import load_sources
from pipelines.intake.windows import Window
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.load import load_landing

Mix = Literal["ndjson", "json", "mixed"]

THREADS = 2
_ROUNDS = 2
_NOW = datetime(2026, 7, 1)


@dataclass(frozen=True)
class IntakeTimes:
    """Seconds of the product (`pull` and `load`) and of the bare engine, with the peak (bytes)
    of the product's process. `detected_seconds`: the bare engine finding the schema itself."""

    records: int
    bytes: int
    pull_seconds: float
    load_seconds: float
    bare_seconds: float
    detected_seconds: float
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """From the files to the log."""
        return self.pull_seconds + self.load_seconds

    @property
    def ratio(self) -> float:
        """The product over the bare engine."""
        return self.seconds / self.bare_seconds


def measure_intake(
    records: int, mix: Mix, per_file: int, folder: Path, report: Callable[[str], None]
) -> IntakeTimes:
    """Write, read and load `records` invented records under `folder`.

    `mixed` is half lines, half arrays. Raises `RuntimeError` where a process fails or the log
    does not hold every record in the end.
    """
    report(f"writing {records:,} records")
    _in_a_process("write", str(folder), str(records), mix, str(per_file))
    report("reading them with the bare engine")
    bare = _in_a_process("bare", str(folder))
    report("pulling and loading them")
    ours = _in_a_process("load", str(folder))
    if ours["accepted"] != records or bare["records"] != records:
        raise RuntimeError(f"{records} records written, {ours['accepted']} in the log")
    return IntakeTimes(
        records=records,
        bytes=sum(path.stat().st_size for path in (folder / "inbox").iterdir()),
        pull_seconds=ours["pull"],
        load_seconds=ours["load"],
        bare_seconds=bare["seconds"],
        detected_seconds=bare["detected"],
        peak_bytes=int(ours["peak"]),
    )


def _in_a_process(*command: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, *command],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(f"bench {command[0]}: {last}")
    return cast("dict[str, float]", json.loads(done.stdout))


def _write(folder: Path, records: int, mix: Mix, per_file: int) -> dict[str, float]:
    shapes: tuple[Shape, ...] = SHAPES if mix == "mixed" else (mix,)
    share = records // len(shapes)
    for number, shape in enumerate(shapes):
        last = records if shape == shapes[-1] else (number + 1) * share
        write_records(
            folder / "inbox",
            settings().reference_dir,
            first=number * share,
            last=last,
            shape=shape,
            per_file=per_file,
        )
    return {}


def _bare(folder: Path) -> dict[str, float]:
    """The fair denominator: `read_json` with the schema given, every allowed field of every
    record as text into a table in memory, two threads, the better of two rounds."""
    columns = {"updated_at": "VARCHAR"} | {field.name: "VARCHAR" for field in DOSSIER.fields}
    for nested in DOSSIER.lists:
        items = ", ".join(f"{field.name} VARCHAR" for field in nested.fields)
        columns[nested.name] = f"STRUCT({items})[]"
    given = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    seconds: dict[str, list[float]] = {"given": [], "detected": []}
    records = 0
    for schema, option in (("given", f", columns = {{{given}}}"), ("detected", "")):
        for _ in range(_ROUNDS):
            begun = time.perf_counter()
            with duckdb.connect(config={"threads": THREADS}) as connection:
                read = " union all by name ".join(
                    f"from read_json('{folder}/inbox/*.{shape}', format = '{form}'{option})"
                    for shape, form in (("ndjson", "newline_delimited"), ("json", "array"))
                    if any((folder / "inbox").glob(f"*.{shape}"))
                )
                connection.execute(f"create table record as {read}").fetchall()
                seconds[schema].append(time.perf_counter() - begun)
                records = int(connection.sql("select count(*) from record").fetchall()[0][0])
    return {
        "seconds": min(seconds["given"]),
        "detected": min(seconds["detected"]),
        "records": records,
    }


def _load(folder: Path) -> dict[str, float]:
    """What `motcua run` does between a file source and the log, in an empty home."""
    entries = [
        {
            "id": f"bench-{shape}",
            "system": "bench",
            "name_vi": "Hồ sơ mô phỏng",
            "kind": "files",
            "dialect": "national",
            "feed": "dossiers",
            "units": ["02"],
            "files": {"path": f"inbox/*.{shape}"},
            "synthetic": True,
        }
        for shape in SHAPES
    ]
    listing = folder / "sources.yml"
    listing.write_text(yaml.safe_dump({"sources": entries}), encoding="utf-8")
    reference = settings().reference_dir
    begun = time.perf_counter()
    listed = load_sources(listing)
    pull = Pull(
        landing=folder / "landing",
        reference=reference,
        folder=listed.folder,
        window=Window(None, _NOW),
        fetched_at=_NOW,
        run_id="bench",
        report=lambda _source, _records: None,
    )
    outcomes = pull_all(listed, pull, ("dossiers",))
    pulled = time.perf_counter()
    merged = load_landing(
        folder / "warehouse" / "motcua.duckdb",
        folder / "landing",
        reference,
        listed.folder,
        lambda _source, _done, _total: None,
    )
    loaded = time.perf_counter()
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if errors:
        raise RuntimeError(errors[0])
    return {
        "pull": pulled - begun,
        "load": loaded - pulled,
        "accepted": sum(batch.accepted for batch in merged),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _main(step: str, folder: str, *rest: str) -> None:
    if step == "write":
        answer = _write(Path(folder), int(rest[0]), cast(Mix, rest[1]), int(rest[2]))
    else:
        answer = _bare(Path(folder)) if step == "bare" else _load(Path(folder))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main(*sys.argv[1:])
