"""Write a simulated province: files of its systems, inboxes of its shops, truth, sources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulator.arrivals import draw_arrivals
from pipelines.simulator.catalogue import read_catalogue
from pipelines.simulator.parquet import write_slices
from pipelines.simulator.plan import Province, draw_plan
from pipelines.simulator.records import Renderer
from pipelines.simulator.shops import Network
from pipelines.simulator.sources import DEFAULT_PORT, sources_yaml
from pipelines.simulator.spreadsheets import write_shop_files
from pipelines.simulator.steps import StepRenderer
from pipelines.simulator.timeline import draw_steps, draw_versions
from pipelines.simulator.truth import true_rows, truth_document
from pipelines.worktime.calendar import read_calendar
from pipelines.worktime.vectorised import WorkClock

DEFAULT_DOSSIERS = 190_000
DEFAULT_SEED = 20250614
DEFAULT_UNTIL = date(2026, 6, 30)
_README = """DỮ LIỆU TỔNG HỢP / SYNTHETIC DATA
Mọi hồ sơ ở đây do máy mô phỏng, không có người thật, không dùng làm số liệu thật.
Every dossier here is simulated: no real person, no real figure.
"""
Progress = Callable[[str, float], None]


def _silent(_what: str, _fraction: float) -> None:
    return None


def write_province(
    out: Path,
    *,
    dossiers: int = DEFAULT_DOSSIERS,
    seed: int = DEFAULT_SEED,
    until: date = DEFAULT_UNTIL,
    port: int = DEFAULT_PORT,
    progress: Progress = _silent,
) -> None:
    """Write the province into `out`, replacing what an earlier run wrote there.

    `systems/<id>/{dossiers,progress}.parquet`, `inbox/<shop>/*.csv`, `truth.json`,
    `sources.yml` (for a server on `port`), `README.txt`. The same seed, number and day give the
    same bytes. `progress` hears what is being written and the fraction done. `ValueError` where
    no working day lies before `until` or due dates pass the calendar's end.
    """
    network = Network()
    calendar = read_calendar()
    province = Province(network.units, network.origins, read_catalogue(), WorkClock(calendar))
    for old in ("systems", "inbox"):
        shutil.rmtree(out / old, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "README.txt").write_text(_README, encoding="utf-8")
    progress("arrivals", 0.0)
    arrivals = draw_arrivals(
        np.random.default_rng([seed, 0]), dossiers, calendar, province.origins, until
    )
    keepers = _keepers(network)
    renderers = (
        Renderer(province.units, province.catalogue),
        StepRenderer(province.units, province.catalogue),
    )
    truth: list[pl.DataFrame] = []
    written = 0
    for number, (keeper, units) in enumerate(keepers.items(), start=1):
        chosen = np.isin(province.origins["unit"].to_numpy()[arrivals.origins], units)
        part = arrivals.of(chosen)
        rng = np.random.default_rng([seed, number])
        progress(keeper, written / dossiers)
        plan = draw_plan(rng, province, part, until, written + 1)
        versions, steps = draw_versions(rng, plan, until), draw_steps(rng, plan, until)
        truth.append(true_rows(plan, province.catalogue["yields_result"], until))
        if any(keeper == shop.system_id for shop in network.file_shops):
            write_shop_files(out / "inbox" / keeper, plan, versions, steps, renderers)
        else:
            _write_system(out / "systems" / keeper, plan, versions, steps, renderers)
        written += part.days.size
    document = truth_document(truth, province.units, dossiers=dossiers, seed=seed, until=until)
    (out / "truth.json").write_text(json.dumps(document), encoding="utf-8")
    (out / "sources.yml").write_text(sources_yaml(network, port), encoding="utf-8")
    progress("done", 1.0)


def _keepers(network: Network) -> dict[str, list[int]]:
    """The systems and shops with files, each with the units whose dossiers it keeps."""
    kept = network.units.with_columns(keeper=pl.coalesce("shop", "system"))
    return {
        system.system_id: kept.filter(keeper=system.system_id)["unit"].to_list()
        for system in (*network.systems, *network.file_shops)
    }


def _write_system(
    folder: Path,
    plan: pl.DataFrame,
    versions: pl.DataFrame,
    steps: pl.DataFrame,
    renderers: tuple[Renderer, StepRenderer],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    render, render_steps = renderers
    write_slices(
        folder / "dossiers.parquet",
        versions,
        lambda told: render.national(render.versions(plan, told)),
    )
    write_slices(folder / "progress.parquet", steps, lambda told: render_steps.national(plan, told))
