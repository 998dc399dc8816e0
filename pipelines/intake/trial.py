"""Trials: a source asked for a little, read as a pull would read it, and nothing kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.intake.answers import Caller
from pipelines.intake.canonical import RECORDS, Record
from pipelines.intake.contracts import check
from pipelines.intake.database import rows
from pipelines.intake.deliveries import look
from pipelines.intake.dialects import GUESS, Dialect, DialectError, load_dialect
from pipelines.intake.errors import PullError
from pipelines.intake.files import inbox, read_file
from pipelines.intake.paging import walk
from pipelines.intake.readers import Batch, Envelope, UnreadableError, read_json, read_rows
from pipelines.intake.sources import Source, SourceList
from pipelines.intake.typed import Context
from pipelines.intake.windows import Window

PARALLEL_TRIALS = 8
# one page may hide that the next one is not found
_PAGES = 2
_ROWS = 100


@dataclass(frozen=True)
class Trial:
    """What came of it: one line of words."""

    source: str
    kind: str
    is_ok: bool
    message: str


@dataclass(frozen=True)
class Trials:
    """What trials need: the reference lists, the folder of the list, the present moment."""

    reference: Path
    folder: Path
    now: datetime

    def validate(self, source: Source) -> Trial:
        """Whether its dialect and its units are known; nobody is asked."""
        try:
            load_dialect(source.dialect, self.folder)
        except DialectError as error:
            return _wrong(source, str(error))
        known = pl.read_csv(self.reference / "units.csv", infer_schema=False)["unit_code"]
        unknown = sorted(set(source.units) - set(known))
        if unknown:
            return _wrong(source, f"units: {unknown[0]!r} is no unit code of data/reference")
        return Trial(source.id, source.kind, True, "valid")

    def run(self, source: Source) -> Trial:
        """Ask for two pages, a hundred rows or the newest file, and hold it against the contract.

        Never raises for what a source does wrong: the trial says it.
        """
        valid = self.validate(source)
        if not valid.is_ok:
            return valid
        dialect = load_dialect(source.dialect, self.folder)
        try:
            found = list(_READERS[source.kind](self, source, dialect))
        except PullError as error:
            return _wrong(source, f"{error} [{error.error_class}]")
        except UnreadableError as error:
            return _wrong(source, f"{source.kind}: {error} [{error.error_class}]")
        except OSError as error:
            return _wrong(source, f"{source.kind}: {type(error).__name__} [unreadable_file]")
        return self._judge(source, dialect, found)

    def _judge(self, source: Source, dialect: Dialect, found: list[Batch]) -> Trial:
        n = sum(batch.frame.height for batch in found)
        if n == 0:
            nothing = "no file waits" if source.kind == "files" else "it answers, without a record"
            return Trial(source.id, source.kind, True, f"ok: {nothing}")
        context = Context(dialect, self.reference, self.now)
        frame = pl.concat([batch.frame for batch in found])
        bad = check(frame, source.feed, context).bad  # pyright: ignore[reportArgumentType]
        rules = bad.group_by("rule", "field").len().sort("len", "rule", "field", descending=True)
        told = ", ".join(
            f"{rule} {field} ({k})".replace("  ", " ") for rule, field, k in rules.rows()
        )
        if bad.height == n:
            return _wrong(source, f"all {n} records would be quarantined: {told}")
        less = f", {bad.height} would be quarantined: {told}" if told else ""
        return Trial(source.id, source.kind, True, f"ok: {n} records read{less}")

    def _rest(self, source: Source, dialect: Dialect) -> Iterator[Batch]:
        assert source.rest is not None
        rest = source.rest
        encoding = "utf-8" if dialect.encoding == GUESS else dialect.encoding
        with Caller(rest, encoding, self.folder) as caller:
            answers = islice(walk(rest, {rest.until: rest.written(self.now)}, caller), _PAGES)
            bodies = [answer.body for answer in answers]
        yield read_json(
            bodies,
            record=_record(source),
            dialect=dialect.model_copy(update={"encoding": "utf-8"}),
            envelope=Envelope(rest.records, rest.updated),
            file="answer",
            reference=self.reference,
        )

    def _database(self, source: Source, dialect: Dialect) -> Iterator[Batch]:
        assert source.database is not None
        window = Window(None, self.now)
        parts = rows(source.database, window, dialect, self.folder, limit=_ROWS)
        with closing(parts):
            for part in parts:
                yield read_rows(
                    part.frame,
                    record=_record(source),
                    dialect=dialect,
                    cursor=source.database.cursor,
                    file="query",
                    reference=self.reference,
                )

    def _files(self, source: Source, dialect: Dialect) -> Iterator[Batch]:
        assert source.files is not None
        seen = look(inbox(source.files, self.folder))
        waiting = [path for path in seen.marks if path not in seen.growing]
        if not waiting:
            return
        newest = max(waiting, key=lambda path: (path.stat().st_mtime, path.name))
        yield from islice(
            read_file(
                newest,
                source.files,
                record=_record(source),
                dialect=dialect,
                reference=self.reference,
            ),
            1,
        )


_READERS = {"rest": Trials._rest, "files": Trials._files, "database": Trials._database}  # pyright: ignore[reportPrivateUsage]


def try_all(
    listed: SourceList,
    trials: Trials,
    report: Callable[[int, int], None],
    *,
    is_offline: bool = False,
) -> list[Trial]:
    """Try every entry, those that are wrong as they stand too; in the order of their ids."""
    wrong = [
        Trial(bad.id, "invalid", False, bad.message.removeprefix(f"{bad.id}: "))
        for bad in listed.bad
    ]
    attempt = trials.validate if is_offline else trials.run
    done: list[Trial] = []
    with ThreadPoolExecutor(PARALLEL_TRIALS) as pool:
        jobs = [pool.submit(attempt, source) for source in listed.sources]
        for job in as_completed(jobs):
            done.append(job.result())
            report(len(done), len(jobs))
    return sorted([*wrong, *done], key=lambda trial: trial.source)


def _record(source: Source) -> Record:
    return RECORDS[source.feed]  # pyright: ignore[reportArgumentType]


def _wrong(source: Source, message: str) -> Trial:
    return Trial(source.id, source.kind, False, message)
