"""`motcua bench …`: how long a thing takes, over what it may take or over the bare engine."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows

bench_app = typer.Typer(no_args_is_help=True, help="Times and memory, measured here and now.")

_SECONDS_FOR_TEN_MILLION = 600.0
_LARGEST_PEAK = 6 * 2**30
_STARTING_SECONDS = 20.0
"""What processes, catalogue and calendar may take, however few the dossiers."""
_MOST_TIMES_A_COPY = 5.0
_DAY_SECONDS = 15.0
_PUBLISH_SECONDS = 30.0
_MOST_TIMES_A_READ = 4.0
_LARGEST_INTAKE = 4 * 2**30

FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]


@bench_app.command("simulate")
def simulate(
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers to invent.")] = 1_000_000,
    seed: Annotated[int, typer.Option(min=0)] = 20250614,
    form: FormatOption = Format.table,
) -> None:
    """Write a province and throw it away: seconds over those allowed, and the peak of memory.

    Allowed are 600 s for ten million dossiers and 6 GiB. The peak is an upper bound: the
    largest process of each core at once, and this one. Exit 1 where a limit is passed.
    """
    from pipelines.simulator.province import write_province

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        begun = time.perf_counter()
        write_province(Path(folder), dossiers=dossiers, seed=seed)
        seconds = time.perf_counter() - begun
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    peak = own + worker * (os.cpu_count() or 1)
    allowed = max(_STARTING_SECONDS, _SECONDS_FOR_TEN_MILLION * dossiers / 10_000_000)
    answer: dict[str, object] = {
        "bench": "simulate",
        "dossiers": dossiers,
        "seconds": round(seconds, 1),
        "allowed_seconds": round(allowed, 1),
        "ratio": round(seconds / allowed, 3),
        "limit": 1.0,
        "peak_bytes": peak,
        "peak_limit_bytes": _LARGEST_PEAK,
        "written_bytes": size,
        "cores": os.cpu_count() or 1,
    }
    _write(answer, form)
    if seconds > allowed or peak > _LARGEST_PEAK:
        tell("a limit is passed")
        raise typer.Exit(1)


@bench_app.command("clock")
def clock(
    dossiers: Annotated[int, typer.Option(min=1, help="How many dossiers to invent.")] = 10_000_000,
    form: FormatOption = Format.table,
) -> None:
    """Due dates and working time of dossiers with 1.2 waits each, over a copy of their tables.

    Both run in one process on two threads, the best of two rounds each; at most five times the
    copy is allowed. `rules` says the seconds that each part of the clock takes, and what the
    rule `restart` would add to the rule in force. Exit 1 where the limit is passed.
    """
    from pipelines.worktime.bench import measure_clock

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        try:
            times = measure_clock(dossiers, Path(folder), tell)
        except RuntimeError as error:
            raise refuse(str(error)) from error
    rules = times.parts | {"restart_instead": times.restart_seconds}
    answer: dict[str, object] = {
        "bench": "clock",
        "dossiers": times.dossiers,
        "waits": times.waits,
        "seconds": round(times.seconds, 2),
        "copy_seconds": round(times.copy_seconds, 2),
        "ratio": round(times.ratio, 2),
        "limit": _MOST_TIMES_A_COPY,
        "rules": {rule: round(seconds, 2) for rule, seconds in rules.items()},
    }
    _write(answer, form)
    if times.ratio > _MOST_TIMES_A_COPY:
        tell("the limit is passed")
        raise typer.Exit(1)


@bench_app.command("day")
def day(
    dossiers: Annotated[
        int, typer.Option(min=1, help="How many dossiers lie behind the day.")
    ] = 10_000_000,
    seed: Annotated[int, typer.Option(min=0)] = 20250614,
    form: FormatOption = Format.table,
) -> None:
    """A day of 5,000 changed dossiers on a long history: seconds over those allowed.

    Allowed are 15 s from the landed batches to the marts and 30 s to publish; `ratio` is the
    worse of the two. The same day on a tenth of the history is measured too: `growth` is how
    much longer the long one takes. Exit 1 where a limit is passed.
    """
    from pipelines.bench.day import DayTimes, measure_day

    times: list[DayTimes] = []
    for size in (max(1, dossiers // 10), dossiers):
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
            tell(f"{size:,} dossiers")
            try:
                times.append(measure_day(size, seed, Path(folder), tell))
            except RuntimeError as error:
                raise refuse(str(error)) from error
    small, large = times
    ratio = max(large.seconds / _DAY_SECONDS, large.publish_seconds / _PUBLISH_SECONDS)
    answer: dict[str, object] = {
        "bench": "day",
        "dossiers": large.dossiers,
        "changed": large.changed,
        "seconds": round(large.seconds, 2),
        "allowed_seconds": _DAY_SECONDS,
        "load_seconds": round(large.load_seconds, 2),
        "marts_seconds": round(large.marts_seconds, 2),
        "publish_seconds": round(large.publish_seconds, 2),
        "allowed_publish_seconds": _PUBLISH_SECONDS,
        "ratio": round(ratio, 3),
        "limit": 1.0,
        "growth": round(large.seconds / small.seconds, 2),
        "publish_growth": round(large.publish_seconds / small.publish_seconds, 2),
        "whole_build_seconds": round(large.whole_seconds, 1),
        "whole_publish_seconds": round(large.whole_publish_seconds, 1),
    }
    _write(answer, form)
    if ratio > 1.0:
        tell("a limit is passed")
        raise typer.Exit(1)


class Shape(StrEnum):
    """How the records of the intake's bench are written."""

    mixed = "mixed"
    ndjson = "ndjson"
    json = "json"


@bench_app.command("intake")
def intake(
    records: Annotated[int, typer.Option(min=1000, help="How many to invent.")] = 1_000_000,
    shape: Annotated[Shape, typer.Option(help="Lines, arrays, or half and half.")] = Shape.mixed,
    per_file: Annotated[
        int, typer.Option(min=1000, help="Records a file; 80,000 are about 100 MB.")
    ] = 80_000,
    form: FormatOption = Format.table,
) -> None:
    """From files of national records to the log, over the bare engine reading the same files.

    Both have two threads. The bare engine reads every allowed field of every record into a
    table, the schema given (`bare_detected_seconds`: if it has to find it), the better of two
    rounds; at most four times that is allowed, and 4 GiB of memory. Exit 1 above a limit.
    """
    from pipelines.warehouse.bench import measure_intake

    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        try:
            times = measure_intake(records, shape.value, per_file, Path(folder), tell)
        except RuntimeError as error:
            raise refuse(str(error)) from error
    answer: dict[str, object] = {
        "bench": "intake",
        "records": times.records,
        "bytes": times.bytes,
        "shape": shape.value,
        "seconds": round(times.seconds, 2),
        "bare_seconds": round(times.bare_seconds, 2),
        "bare_detected_seconds": round(times.detected_seconds, 2),
        "detected_ratio": round(times.seconds / times.detected_seconds, 2),
        "ratio": round(times.ratio, 2),
        "limit": _MOST_TIMES_A_READ,
        "peak_bytes": times.peak_bytes,
        "peak_limit_bytes": _LARGEST_INTAKE,
        "parts": {"pull": round(times.pull_seconds, 2), "load": round(times.load_seconds, 2)},
    }
    _write(answer, form)
    if times.ratio > _MOST_TIMES_A_READ or times.peak_bytes > _LARGEST_INTAKE:
        tell("a limit is passed")
        raise typer.Exit(1)


def _write(answer: dict[str, object], form: Format) -> None:
    """One measurement: an object in JSON, else a row."""
    if form is Format.json:
        json.dump(answer, sys.stdout)
        sys.stdout.write("\n")
    else:
        write_rows([answer], form)
