"""The models compiled once, and run without dbt on a few dossiers, rightly or with a mistake."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import polars as pl

from pipelines.network.edits import read_edits
from pipelines.serving.publish import publish
from pipelines.settings import settings
from pipelines.warehouse.tables import connect_reader, connect_writer
from pipelines.worktime.compiled import load_seed

KNOWN_AT = datetime(2025, 7, 1)
Record = dict[str, object]


@dataclass(frozen=True)
class Mistake:
    """What a model says, and what a mistake would say.

    `place` names the model in whose compiled SQL `right` stands.
    """

    place: str
    right: str
    wrong: str


@dataclass(frozen=True)
class Models:
    """Compiled SQL by model, in the order of their dependencies, and the semantic manifest."""

    sql: dict[str, str]
    semantic_manifest: Path

    @classmethod
    def read(cls, target: Path) -> Models:
        """Read what `dbt compile` left in a target folder."""
        document = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        nodes = {
            key: node for key, node in document["nodes"].items() if node["resource_type"] == "model"
        }
        needs = {
            key: [name for name in node["depends_on"]["nodes"] if name in nodes]
            for key, node in nodes.items()
        }
        order = [nodes[key] for key in TopologicalSorter(needs).static_order()]
        return cls(
            {node["name"]: node["compiled_code"] for node in order},
            target / "semantic_manifest.json",
        )

    def build(
        self,
        warehouse_file: Path,
        records: Iterable[Record],
        mistakes: tuple[Mistake, ...] = (),
        reference: tuple[str, ...] = (),
    ) -> None:
        """Make a warehouse of dossier records; `reference` is SQL that changes the seeds.

        Raises `LookupError` where a model no longer says what a mistake is to replace.
        """
        sql = dict(self.sql)
        for mistake in mistakes:
            if mistake.right not in sql[mistake.place]:
                raise LookupError(f"{mistake.place} no longer reads {mistake.right!r}")
            sql[mistake.place] = sql[mistake.place].replace(mistake.right, mistake.wrong)
        with _writing(warehouse_file) as db:
            for file in settings().reference_dir.glob("*.csv"):
                load_seed(db, file.stem, file)
            db.register("edits", read_edits(settings().change_edits_file))
            db.execute("create schema edited")
            db.execute("create table edited.unit_change_edit as from edits")
            for change in reference:
                db.execute(change)
            _fill_log(db, records)
            for name, text in sql.items():
                db.execute(f"create table main.{name} as {text}")

    def publish(self, warehouse_file: Path, hour: int = 0) -> Path:
        """Publish a warehouse at an hour of the day; the snapshot's file."""
        return publish(
            warehouse_file,
            warehouse_file.parent / "serving",
            manifest=self.semantic_manifest,
            run_id=f"hour{hour:02}",
            published_at=KNOWN_AT.replace(hour=hour),
            keep=5,
        ).snapshot.file


def fetch(warehouse_file: Path, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query on a warehouse."""
    db = connect_reader(warehouse_file)
    try:
        return db.sql(sql).fetchall()
    finally:
        db.close()


@contextmanager
def _writing(warehouse_file: Path) -> Generator[duckdb.DuckDBPyConnection]:
    db = connect_writer(warehouse_file)
    try:
        yield db
    finally:
        db.close()


def _fill_log(db: duckdb.DuckDBPyConnection, records: Iterable[Record]) -> None:
    told = pl.DataFrame(list(records), infer_schema_length=None).with_columns(
        pl.int_range(pl.len()).alias("content_hash"),
        pl.lit("pull").alias("pull_id"),
        pl.lit(KNOWN_AT).alias("known_at"),
    )
    db.register("told", told)
    db.execute("insert into log.dossier_version by name from told")
    db.execute(
        """insert into log.outcome by name
        select 'pull' as pull_id, 'shop' as source, 'dossiers' as feed, 'rest' as kind,
            'ok' as status, ?::timestamp as window_to, ?::timestamp as fetched_at,
            0 as records_in, 0 as accepted, 0 as unchanged, 0 as quarantined, 0 as dropped_fields,
            true as is_synthetic""",
        [KNOWN_AT, KNOWN_AT],
    )
