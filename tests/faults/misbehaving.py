"""Systems that misbehave, pulled round by round, and the current state that comes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import polars as pl

from pipelines.intake.landing import Outcome
from pipelines.intake.pull import Pull, pull_all
from pipelines.intake.sources import Source, SourceList
from pipelines.intake.windows import Window
from pipelines.settings import settings
from pipelines.simulator.province import write_province
from pipelines.simulator.sources import TOKEN_ENV
from pipelines.warehouse.load import load_landing
from tests.conftest import SIMULATOR_TOKEN
from tests.faults.behaviours import HAND_FILE, LASTING, Case, Feeds

SERVER = Path(__file__).with_name("province_server.py")
PAGE_SIZE = 20
NOBODY = 9
Serving = Callable[[list[str], int], AbstractContextManager[None]]
KINDS = {"dossiers": "dossier", "progress": "step"}
TRACE = ("source", "pull_id", "run_id", "known_at", "file", "position")


def days_of_june(*days: int) -> tuple[datetime, ...]:
    """Ten o'clock on days counted from the beginning of June 2025 on; 31 is the first of July."""
    return tuple(datetime(2025, 6, 1, 10) + timedelta(days=day - 1) for day in days)


AT_ONCE = days_of_june(32, 33)
BY_DAYS = days_of_june(20, 23, 24, 26, 31, 39)
# the last pull before an outage and the first after it
OUTAGE = (BY_DAYS[1], BY_DAYS[4])
LOG = ("dossier_version", "progress", "quarantine")


@dataclass
class Province:
    """A folder of systems with the same records, one per case, and what was pulled from them.

    `days` are the moments at which daily cases are asked; the records end on 30 June 2025.
    """

    folder: Path
    port: int
    seed: int
    cases: Sequence[Case]
    days: Sequence[datetime] = BY_DAYS
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict[str, list[Outcome]])

    def write(self, dossiers: int, *, since: date) -> None:
        """Simulate a province; every case gets the records of the centre told from `since`."""
        origin = self.folder / "origin"
        write_province(origin, dossiers=dossiers, seed=self.seed, until=date(2025, 6, 30))
        for feed in ("dossiers", "progress"):
            records = pl.read_parquet(origin / "systems" / "centre" / f"{feed}.parquet")
            records = records.filter(pl.col("updated_at") >= since)
            for case in self.cases:
                system = self.folder / "systems" / case.system
                system.mkdir(parents=True, exist_ok=True)
                told = _crowded(records, case.same_second)
                if feed == "dossiers":
                    bad = _bad_rows(told)
                    if case.is_forgetful:
                        told = _without_states_between(told, OUTAGE)
                    told = pl.concat([told, bad]).sort("updated_at", maintain_order=True)
                told.write_parquet(system / f"{feed}.parquet")
        (self.folder / HAND_FILE).write_text(SIMULATOR_TOKEN)

    def serve(self, serving: Serving, now: datetime | None) -> AbstractContextManager[None]:
        """The systems up, each with its behaviours."""
        told = {
            "behaviours": [text for case in self.cases for text in case.texts],
            "seed": self.seed,
            "now": now.isoformat() if now else None,
        }
        command = [sys.executable, str(SERVER), str(self.folder), str(self.port), json.dumps(told)]
        return serving(command, self.port)

    def pull_rounds(self) -> None:
        """Ask the daily cases at their moments, the others once and, if need be, once more; the
        server's clock goes with them."""
        for moment in sorted({*self.days, *AT_ONCE}):
            self.move_clock(moment)
            asked = [case for case in self.cases if self._is_asked(case, moment)]
            self.pull(asked, moment)
            if moment == AT_ONCE[0]:
                # whoever keeps the token by hand brings the new one after the first pull
                (self.folder / HAND_FILE).write_text(f"{SIMULATOR_TOKEN}-renewed")

    def _is_asked(self, case: Case, moment: datetime) -> bool:
        if case.is_daily:
            return moment in self.days
        is_done = any(o.status == "ok" for feed in case.feeds for o in self.of(case, feed))
        is_lasting = case in LASTING and moment != AT_ONCE[0]
        return moment in AT_ONCE and not is_done and not is_lasting

    def move_clock(self, moment: datetime) -> None:
        """Let the server's present be another one."""
        httpx.post(
            f"http://127.0.0.1:{self.port}/_clock",
            json={"now": moment.isoformat()},
            headers={"Authorization": f"Bearer {SIMULATOR_TOKEN}"},
        ).raise_for_status()

    def pull(self, cases: Sequence[Case], moment: datetime) -> None:
        """One round of pulls."""
        sources = tuple(self._source(case, feed, moment) for case in cases for feed in case.feeds)
        pull = Pull(
            landing=self.folder / "landing",
            reference=settings().reference_dir,
            folder=self.folder,
            window=Window(None, moment),
            fetched_at=moment,
            run_id=f"{moment:%m%d%H%M}",
            report=lambda _source, _records: None,
        )
        for outcome in pull_all(
            SourceList(sources, (), self.folder), pull, ("dossiers", "progress")
        ):
            self.outcomes.setdefault(outcome.source, []).append(outcome)

    def load(self) -> None:
        """Take everything that landed into the log."""
        load_landing(
            self.folder / "motcua.duckdb",
            self.folder / "landing",
            settings().reference_dir,
            self.folder,
            lambda *_: None,
        )

    def of(self, case: Case, feed: str = "dossiers") -> list[Outcome]:
        """The outcomes of a case, in order."""
        return self.outcomes.get(f"{case.system}-{feed}", [])

    def state(self, case: Case) -> pl.DataFrame:
        """The newest version of every dossier and every step, stamps on the true clock, without
        trace. One row per dossier or step, as text."""
        with duckdb.connect(str(self.folder / "motcua.duckdb"), read_only=True) as db:
            newest = db.sql(
                """select * exclude (content_hash) from log.dossier_version where source = $1
                qualify row_number() over (partition by dossier_code order by
                    source_updated_at desc, latest_event_at desc, is_closed desc,
                    file desc, position desc, content_hash desc) = 1""",
                params=[case.system],
            ).pl()
            steps = db.sql("select * from log.progress where source = $1", params=[case.system])
            steps = steps.pl()
        newest = newest.with_columns(pl.col("source_updated_at") - case.ahead)
        return pl.concat([_as_text("dossier", newest), _as_text("step", steps)])

    def log(self, case: Case, table: str) -> pl.DataFrame:
        """What the log holds of a case, stamps on the true clock: one column per column, without
        the system's name and without trace."""
        with duckdb.connect(str(self.folder / "motcua.duckdb"), read_only=True) as db:
            names = [case.system, *(f"{case.system}-{feed}" for feed in KINDS)]
            rows = db.sql(
                f"select * from log.{table} where list_contains($1, source)", params=[names]
            )
            found = rows.pl()
        found = found.drop([name for name in TRACE if name in found.columns])
        if case.ahead:
            # the stamp is part of the content: with it its hash, and the record put aside
            found = found.drop("content_hash")
            if "source_updated_at" in found.columns:
                found = found.with_columns(pl.col("source_updated_at") - case.ahead)
            if "record" in found.columns:
                found = found.drop("record")
        return found

    def _source(self, case: Case, feed: str, moment: datetime) -> Source:
        port = NOBODY if case.is_refused and moment in self.days[2:4] else self.port
        rest: dict[str, Any] = {
            "url": f"http://127.0.0.1:{port}/{case.system}/{feed}",
            "auth": {"kind": "bearer", "env": TOKEN_ENV},
            "page": {"style": "cursor", "size": PAGE_SIZE},
        }
        return Source.model_validate(
            {
                "id": f"{case.system}-{feed}",
                "kind": "rest",
                "feed": feed,
                "system": case.system,
                "synthetic": True,
                "rest": rest | dict(case.rest),
            }
        )


def _crowded(records: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The first rows told in one and the same second."""
    is_crowd = pl.int_range(pl.len()) < rows
    first = pl.col("updated_at").first()
    return records.with_columns(
        pl.when(is_crowd).then(first).otherwise("updated_at").alias("updated_at")
    )


def _bad_rows(records: pl.DataFrame) -> pl.DataFrame:
    """Every fortieth record once more, a second later and with a status that is none."""
    return records.gather_every(40).with_columns(
        pl.col("updated_at") + timedelta(seconds=1), TrangThaiHoSo=pl.lit("77")
    )


def _without_states_between(records: pl.DataFrame, span: tuple[datetime, datetime]) -> pl.DataFrame:
    """Without what changed again before anybody asked: a system that keeps the last state alone."""
    inside = pl.col("updated_at").is_between(*span, closed="right")
    last = pl.when(inside).then("updated_at").max().over("MaHoSo")
    return records.filter(~inside | (pl.col("updated_at") == last))


def hash_content(rows: pl.DataFrame) -> str:
    """A fingerprint of rows, free of their order."""
    with duckdb.connect() as db:
        db.register("found", rows.select(sorted(rows.columns)))
        answer = db.execute(
            "select count(*), sum(md5_number_lower(to_json(t)::varchar)::hugeint) from found as t"
        ).fetchall()[0]
    return f"{answer[0]}:{answer[1] or 0:x}"


def _as_text(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    content = rows.drop([name for name in TRACE if name in rows.columns])
    content = content.select(sorted(content.columns))
    return pl.DataFrame(
        {
            "kind": [kind] * content.height,
            "code": content["dossier_code"],
            "content": content.select(pl.struct(pl.all()).struct.json_encode()).to_series(),
        }
    )


def find_differences(ours: pl.DataFrame, right: pl.DataFrame, feeds: Feeds) -> pl.DataFrame:
    """Rows of the feeds that only one of two states has: kind, code and which of them."""
    kinds = [KINDS[feed] for feed in feeds]
    ours, right = (state.filter(pl.col("kind").is_in(kinds)) for state in (ours, right))
    only_ours = ours.join(right, on=ours.columns, how="anti").with_columns(only=pl.lit("ours"))
    only_right = right.join(ours, on=ours.columns, how="anti").with_columns(only=pl.lit("right"))
    return pl.concat([only_ours, only_right]).drop("content")
