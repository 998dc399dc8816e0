"""Write a simulated province: files of its systems, inboxes of its shops, truth, sources."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import polars as pl

from pipelines.simulator.arrivals import draw_arrivals
from pipelines.simulator.file_forms import FileForm
from pipelines.simulator.parts import Order, Part, draw_part, province, put_arrivals, tell_part
from pipelines.simulator.quotas import allocate
from pipelines.simulator.shops import Network
from pipelines.simulator.situations import Planted, merge_planted, parse_situation
from pipelines.simulator.size import arrivals_until, received_until
from pipelines.simulator.sources import DEFAULT_PORT, sources_yaml
from pipelines.simulator.traps.patterns import parse_pattern
from pipelines.simulator.truth import Told, truth_document
from pipelines.simulator.writing import Form
from pipelines.worktime.calendar import read_calendar

DEFAULT_DOSSIERS = 190_000
DEFAULT_SEED = 20250614
DEFAULT_UNTIL = date(2026, 6, 30)
SIDE_BY_SIDE = 100_000
"""From so many dossiers on the parts are drawn and told side by side, a process a core."""
_README = """DỮ LIỆU TỔNG HỢP / SYNTHETIC DATA
Mọi hồ sơ ở đây do máy mô phỏng, không có người thật, không dùng làm số liệu thật.
Every dossier here is simulated: no real person, no real figure.
"""
_DRAWING_SHARE = 0.3  # of the time, for the progress told
Progress = Callable[[str, float], None]
_T = TypeVar("_T")
_P = ParamSpec("_P")


def _silent(_what: str, _fraction: float) -> None:
    return None


def write_province(
    out: Path,
    *,
    dossiers: int = DEFAULT_DOSSIERS,
    seed: int = DEFAULT_SEED,
    until: date = DEFAULT_UNTIL,
    port: int = DEFAULT_PORT,
    dirt: float = 0.0,
    patterns: Sequence[str] = (),
    situations: Sequence[str] = (),
    form: Form = Form.parquet,
    shop_form: FileForm = FileForm.CSV,
    progress: Progress = _silent,
) -> None:
    """Write the province into `out`, replacing what an earlier run wrote there.

    `systems/<id>/{dossiers,progress}.parquet` (or by month, see `writing`),
    `inbox/<shop>/*.csv`, `truth.json`, `sources.yml` (for a server on `port`), `README.txt`.
    The same wishes give the same bytes.
    `dirt` plants traps into the records, at so many times their declared rates; `patterns`
    (`system=name:share`) spoil a field of a system; `situations` change what happens (see
    `simulator.situations`). `progress` hears what is being written and
    the fraction done. `ValueError` where a wish is none, no working day lies before `until` or
    due dates pass the calendar's end.
    """
    network = Network()
    systems = [system.system_id for system in network.systems]
    spoilt = tuple(parse_pattern(text, systems) for text in patterns)
    asked = tuple(parse_situation(text) for text in situations)
    for old in ("systems", "inbox"):
        shutil.rmtree(out / old, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "README.txt").write_text(_README, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=out, prefix=".drawing-") as work:
        order = Order(out, Path(work), seed, until, dirt, spoilt, asked, form, shop_form)
        told, planted = _make(order, network, dossiers, progress)
    document = truth_document(told, network.units, dossiers=dossiers, seed=seed, until=until)
    document["situations"] = [situation.document() for situation in planted]
    document["patterns"] = [asdict(trap) for trap in spoilt]
    (out / "truth.json").write_text(json.dumps(document), encoding="utf-8")
    (out / "sources.yml").write_text(sources_yaml(network, port, form=form), encoding="utf-8")
    progress("done", 1.0)


def _make(
    order: Order, network: Network, dossiers: int, progress: Progress
) -> tuple[list[Told], list[Planted]]:
    """Draw all parts, settle what they owe to the published figures together, tell them."""
    progress("arrivals", 0.0)
    parts = divide(order, network, dossiers)
    # the largest first, so that no core waits for it at the end
    largest = sorted(parts, key=lambda part: -part.dossiers)
    with _workers(dossiers) as pool:
        drawing = {part: pool.submit(draw_part, order, part) for part in largest}
        _watch(drawing, lambda done: progress("drawing", _DRAWING_SHARE * done / dossiers))
        drawn = [drawing[part].result() for part in parts]
        received = received_until(dossiers, read_calendar(), order.until)
        turns = allocate([part.tally for part in drawn], received)
        numbers = accumulate((part.dossiers for part in drawn), initial=1)
        due = dict(zip(parts, zip(turns, numbers, strict=False), strict=True))
        telling = {part: pool.submit(tell_part, order, part, *due[part]) for part in largest}
        rest = 1 - _DRAWING_SHARE
        _watch(telling, lambda done: progress("telling", 1 - rest + rest * done / dossiers))
        planted = merge_planted([part.situations for part in drawn])
        return [telling[part].result() for part in parts], planted


def divide(order: Order, network: Network, dossiers: int) -> list[Part]:
    """The parts of the province, each with its arrivals put aside."""
    calendar = read_calendar()
    origins = province().origins
    arrivals = draw_arrivals(
        np.random.default_rng([order.seed, 0]),
        dossiers,
        arrivals_until(dossiers, calendar, order.until),
        calendar,
        origins,
        order.until,
    )
    kept = network.units.with_columns(keeper=pl.coalesce("shop", "system"))
    shops = {shop.system_id for shop in network.file_shops}
    parts: list[Part] = []
    for system in (*network.systems, *network.file_shops):
        units = kept.filter(keeper=system.system_id)["unit"].to_list()
        mine = arrivals.of(np.isin(origins["unit"].to_numpy()[arrivals.origins], units))
        keeper = system.system_id
        part = Part(keeper, len(parts) + 1, keeper in shops, int(mine.days.size))
        put_arrivals(order, part, mine)
        parts.append(part)
    return parts


class _Here(Executor):
    """An executor that works in this process, at once: small provinces need no other."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run now."""
        future: Future[_T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def _workers(dossiers: int) -> Generator[Executor]:
    """A process a core for large provinces, each with one thread of its own."""
    if dossiers < SIDE_BY_SIDE:
        yield _Here()
        return
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def _watch(jobs: dict[Part, Future[_T]], tell: Callable[[float], None]) -> None:
    """Tell how many dossiers are done as parts end; the first failure is raised."""
    by_job = {job: part for part, job in jobs.items()}
    done = 0
    for job in as_completed(by_job):
        job.result()
        done += by_job[job].dossiers
        tell(done)
