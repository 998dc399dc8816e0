"""Publishing: build a snapshot beside the others, verify it, then let the pointer name it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disk import make_folder, naming_full_disk
from pipelines.failpoints import reach
from pipelines.serving.copying import copy_marts
from pipelines.serving.metrics import MetricLayer, MetricQuery, computed
from pipelines.serving.metrics.boundaries import Boundaries
from pipelines.serving.parameters import HEADLINE_DIGITIZATION
from pipelines.serving.publication import show, sweep, withdraw_unfinished
from pipelines.serving.published_effects import find_news, say_news
from pipelines.serving.retention import retire
from pipelines.serving.snapshot import Snapshot, name_version
from pipelines.settings import PROJECT_ROOT, settings
from pipelines.warehouse.builds import Build
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer

HEADLINES = (
    "received",
    "resolved",
    "open",
    "overdue",
    "early_rate",
    "on_time_rate",
    "late_rate",
    HEADLINE_DIGITIZATION,
    "e_result_rate",
    "online_rate",
)


# what was said before and is still so is not said again: a figure stands until it changes
_APPEND_FIGURES = """
insert into log.published_figure by name
with said as (
    select * from log.published_figure where form is null
    qualify row_number() over (
        partition by metric, definition, period, unit_code, unit_valid_from
        order by published_at desc, snapshot desc) = 1)
select ?::timestamp as published_at, ? as snapshot, figures.metric, figures.definition,
    figures.period, figures.unit_code, figures.unit_valid_from,
    figures.numerator, figures.denominator, ? as rules_hash, ? as network_hash
from figures left join said
    on figures.metric = said.metric
    and figures.definition is not distinct from said.definition
    and figures.period = said.period
    and figures.unit_code = said.unit_code
    and figures.unit_valid_from is not distinct from said.unit_valid_from
where said.snapshot is null
    or figures.numerator is distinct from said.numerator
    or figures.denominator is distinct from said.denominator
"""


class VerificationError(RuntimeError):
    """A snapshot that must not be published; the message names each check that failed."""


@dataclass(frozen=True)
class Published:
    """A new snapshot and what was verified of it, as check → figure."""

    snapshot: Snapshot
    checks: dict[str, str]


def publish(
    warehouse_file: Path,
    serving_dir: Path,
    *,
    manifest: Path,
    run_id: str,
    published_at: datetime,
    keep: int,
) -> Published:
    """Publish what the models hold now.

    Raises `VerificationError` if the new file differs from the warehouse, a share leaves 0-1 or
    the units' figures add up to others on today's boundaries, and `DiskFullError`; the current
    snapshot then stays. The headline figures are appended to `log.published_figure`, kept for
    ever. What a killed publication left is taken back first.
    """
    with (
        writer_lock(warehouse_file, "publishing"),
        naming_full_disk("publishing", serving_dir),
    ):
        make_folder(serving_dir)
        sweep(serving_dir)
        connection = connect_writer(warehouse_file)
        try:
            withdraw_unfinished(connection, serving_dir)
            version = name_version(serving_dir, published_at, run_id)
            building = serving_dir / f".{version}.duckdb"
            rules = rules_hash()
            build = copy_marts(connection, building, serving_dir)
            reach("snapshot_copied")
            _describe(connection, version, manifest, run_id, published_at, rules, build)
            reach("snapshot_described")
            checks = _compare(connection)
            find_news(connection, version, published_at)
            connection.execute("detach snapshot")
            layer = MetricLayer.open(building)
            try:
                checks |= _verify_shares(layer)
                figures = _headline_figures(layer)
                checks |= _verify_boundaries(layer, figures)
            finally:
                layer.close()
            reach("snapshot_verified")
            connection.register("figures", figures)

            def say() -> None:
                connection.begin()
                network = network_hash()
                connection.execute(_APPEND_FIGURES, [published_at, version, rules, network])
                say_news(connection)
                connection.commit()

            snapshot = show(building, version, say)
        finally:
            connection.close()
            sweep(serving_dir)
    retire(serving_dir, keep)
    return Published(snapshot, checks)


NETWORK_FILES = ("unit_changes.csv", "units.csv")
"""What says which units there are and what became of them: hashed apart from the other rules."""


def rules_hash() -> str:
    """A fingerprint of the rules in force: models, metrics and reference data but the network."""
    files = [
        path
        for folder in ("models/sql", "models/metrics", "models/macros")
        for path in sorted((PROJECT_ROOT / folder).rglob("*"))
    ]
    reference = sorted(settings().reference_dir.rglob("*"))
    return _hash_files([*files, *(path for path in reference if path.name not in NETWORK_FILES)])


def network_hash() -> str:
    """A fingerprint of the network in force: the units and their changes, edited by this home."""
    listed = _hash_files([settings().reference_dir / name for name in NETWORK_FILES])
    edits = settings().change_edits_file
    if not edits.is_file():
        return listed
    return hashlib.sha256(listed.encode() + edits.read_bytes()).hexdigest()[:16]


def build_hash() -> str:
    """A fingerprint of all that a build hangs on besides the log: another one computes anew."""
    return f"{rules_hash()}-{network_hash()}"


def _hash_files(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            digest.update(f"{path.parent.name}/{path.name}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _describe(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    manifest: Path,
    run_id: str,
    published_at: datetime,
    rules: str,
    build: Build | None,
) -> None:
    as_of = connection.execute(
        "select data_as_of_on, data_as_of_at from motcua.main.int_as_of"
    ).fetchone()
    if as_of is None or as_of[0] is None:
        raise VerificationError("no pull has brought anything yet: there is nothing to publish")
    marks = connection.execute(
        "select source, latest_updated_at from motcua.main.dq_source order by source"
    ).fetchall()
    synthetic = connection.execute(
        "select count(*) > 0 from motcua.log.outcome where is_synthetic"
    ).fetchone()
    meta = {
        "version": version,
        "run_id": run_id,
        "published_at": published_at.isoformat(),
        "code_revision": _revision(),
        "data_as_of": str(as_of[0]),
        "data_as_of_at": str(as_of[1]),
        "rules_hash": rules,
        "network_hash": network_hash(),
        "watermarks": json.dumps({s: str(m) for s, m in marks if m is not None}),
        # an increment can be put into a snapshot of the build to which it was added
        "build": "" if build is None else build.id,
        "is_synthetic": str(bool(synthetic and synthetic[0])).lower(),
    }
    connection.execute("create table snapshot.main.meta (key varchar primary key, value varchar)")
    connection.executemany("insert into snapshot.main.meta values (?, ?)", list(meta.items()))
    connection.execute(
        "create table snapshot.main.meta_document (name varchar primary key, body varchar)"
    )
    documents = {
        "semantic_manifest": manifest.read_text(encoding="utf-8"),
        computed.DOCUMENT: computed.write_computed(settings().models_dir / "metrics"),
    }
    connection.executemany(
        "insert into snapshot.main.meta_document values (?, ?)", list(documents.items())
    )


def _compare(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Totals of the new file equal those of the log and of the marts they came from."""
    totals = {
        "dossiers": (
            "select count(*) from snapshot.main.fct_dossier",
            "select count(distinct (source, dossier_code)) from motcua.log.dossier_version",
        ),
        "received": (
            "select coalesce(sum(received_n), 0) from snapshot.main.met_received",
            "select count(*) from motcua.main.fct_dossier where is_accepted",
        ),
        "accepted = open + closed": (
            """select count(*) from snapshot.main.fct_dossier
            where is_accepted and (state in ('open', 'waiting')) = (closed_at is not null)""",
            "select 0",
        ),
        "classified = resolved": (
            """select coalesce(sum(classified_n), 0) from snapshot.main.met_deadline
            where definition = 'ii06a'""",
            "select coalesce(sum(resolved_n), 0) from snapshot.main.met_resolved",
        ),
    }
    checks: dict[str, str] = {}
    wrong: list[str] = []
    for name, (ours, theirs) in totals.items():
        left, right = (int(connection.execute(sql).fetchall()[0][0]) for sql in (ours, theirs))
        checks[name] = str(left)
        if left != right:
            wrong.append(f"{name}: {left} in the snapshot, {right} in the warehouse")
    if wrong:
        raise VerificationError("; ".join(wrong))
    return checks


def _verify_shares(layer: MetricLayer) -> dict[str, str]:
    shares = tuple(m for m in HEADLINES if m.endswith("_rate"))
    rows = layer.query(MetricQuery(shares, by=("month",)))
    outside = rows.filter((rows["value"] < 0) | (rows["value"] > 1))
    if outside.height:
        first = outside.row(0, named=True)
        raise VerificationError(f"{first['metric']} is {first['value']} in {first['month']}")
    return {"shares within 0 and 1": str(rows.height)}


def _verify_boundaries(layer: MetricLayer, as_was: pl.DataFrame) -> dict[str, str]:
    """Today's units add up to what the units did as they were, for every figure and month."""
    keys, unit = ["metric", "period"], ["unit_code", "unit_valid_from"]
    counts = ("numerator", "denominator")
    of_today = _headline_figures(layer, "today").join(
        layer.list_units("today"), on=unit, how="semi", nulls_equal=True
    )
    was, today = (
        figures.group_by(keys).agg(pl.col(counts).sum()) for figures in (as_was, of_today)
    )
    both = was.join(today, on=keys, how="full", coalesce=True, suffix="_today")
    wrong = both.filter(
        pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_today")) for c in counts)
    ).sort(keys)
    if wrong.height:
        first = wrong.row(0, named=True)
        raise VerificationError(
            f"{first['metric']} in {first['period']}: {first['numerator']} of"
            f" {first['denominator']} as it was, {first['numerator_today']} of"
            f" {first['denominator_today']} on today's boundaries"
            f" ({wrong.height} figures differ)"
        )
    return {"totals equal on today's boundaries": str(both.height)}


def _headline_figures(layer: MetricLayer, boundaries: Boundaries = "as_was") -> pl.DataFrame:
    rows = layer.query(MetricQuery(HEADLINES, by=("unit", "month"), boundaries=boundaries))
    return rows.rename({"month": "period"})


def _revision() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(
        [git, "rev-parse", "--short", "HEAD"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or "unknown"
