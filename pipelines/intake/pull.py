"""Pulls: from every source into the landing zone, each with an outcome, none stopping another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.failpoints import reach
from pipelines.intake.answers import Caller
from pipelines.intake.canonical import ALLOW_LIST_VERSION, RECORDS, Feed, Record
from pipelines.intake.database import rows
from pipelines.intake.deliveries import look
from pipelines.intake.dialects import GUESS, Dialect, DialectError, load_dialect
from pipelines.intake.errors import PullError
from pipelines.intake.files import inbox, put_away, read_file, sha256_of
from pipelines.intake.labels import file_label
from pipelines.intake.landing import LandingBatch, Outcome
from pipelines.intake.readers import Envelope, UnreadableError, read_json, read_rows
from pipelines.intake.rest import pages
from pipelines.intake.sources import BadSource, Source, SourceList
from pipelines.intake.windows import Window, complete_pulls, unseen, window_to_ask
from pipelines.logs import recorded

PAGES_PER_PART = 10
PARALLEL_PULLS = 4
# what a file that is not whole looks like to its reader
CUT = ("truncated_file", "truncated_page", "unreadable_file")
# what an engine says to bytes it cannot take quotes them: of that only the kind is ever told
ENGINE_ERRORS = (duckdb.Error, pl.exceptions.PolarsError, UnicodeError)

Reporter = Callable[[str, int], None]
"""Called with a source and the number of records that just arrived from it."""


@dataclass(frozen=True)
class Pull:
    """One round of pulls: where it lands, when it runs, and what it asks for."""

    landing: Path
    reference: Path
    folder: Path
    window: Window
    fetched_at: datetime
    run_id: str
    report: Reporter

    def begin(self, source: Source | BadSource) -> LandingBatch:
        """Open a batch for a source, with an id that sorts by time of arrival."""
        feed = source.feed if isinstance(source, Source) else "invalid"
        known = self.landing / feed / source.id
        stamp = f"{self.fetched_at:%Y%m%dT%H%M%S}"
        number = len(list(known.glob(f"{stamp}-*"))) if known.exists() else 0
        outcome = Outcome(
            pull_id=f"{stamp}-{number:04d}-{self.run_id[:8]}",
            run_id=self.run_id,
            source=source.id,
            identity=source.identity if isinstance(source, Source) else source.id,
            feed=feed,
            kind=source.kind if isinstance(source, Source) else "invalid",
            units=source.units if isinstance(source, Source) else (),
            fetched_at=self.fetched_at,
            is_synthetic=isinstance(source, Source) and source.synthetic,
            allow_list_version=ALLOW_LIST_VERSION,
        )
        batch = LandingBatch(self.landing, outcome)
        batch.abandon()
        return batch


def pull_all(listed: SourceList, pull: Pull, feeds: tuple[Feed, ...]) -> list[Outcome]:
    """Pull every usable source of the feeds; a bad entry or a failed pull is an outcome too."""
    outcomes: list[Outcome] = []
    for bad in listed.bad:
        batch = pull.begin(bad)
        _fail(batch, PullError("bad_source", bad.message.removeprefix(f"{bad.id}: ")))
        batch.close()
        outcomes.append(batch.outcome)
    wanted = [source for source in listed.sources if source.feed in feeds]
    with ThreadPoolExecutor(PARALLEL_PULLS) as pool:
        jobs = [pool.submit(_record_pull, source, pull) for source in wanted]
        outcomes += [job.result() for job in as_completed(jobs)]
    return sorted(outcomes, key=lambda outcome: outcome.source)


def _record_pull(source: Source, pull: Pull) -> Outcome:
    """Pull one source and leave an event in the log: what came in how long, and no text of it."""
    with recorded("pull", run_id=pull.run_id, source=source.id, feed=source.feed) as event:
        outcome = pull_source(source, pull)
        event |= outcome.model_dump(
            include={"status", "error_class", "records_in", "dropped_fields", "bytes", "parts"}
        )
    return outcome


def pull_source(source: Source, pull: Pull) -> Outcome:
    """Pull one source. Never raises for what a source does wrong: the outcome says it."""
    batch = pull.begin(source)
    try:
        dialect = load_dialect(source.dialect, pull.folder)
        batch.outcome.dialect = dialect.name
        batch.outcome.dialect_version = dialect.version
        record = RECORDS[source.feed]  # pyright: ignore[reportArgumentType]
        complete = complete_pulls(pull.landing / source.feed / source.id)
        if not complete:
            batch.outcome.known_at_rule = source.initial.known_at
        if source.kind == "rest":
            _pull_rest(source, pull, batch, record, dialect, complete)
            batch.close()
        elif source.kind == "database":
            _pull_database(source, pull, batch, record, dialect, complete)
            batch.close()
        else:
            taken = _pull_files(source, pull, batch, record, dialect)
            batch.close()
            assert source.files is not None
            for path in taken:
                put_away(path, source.files)
                reach("file_put_away")
    except DialectError as error:
        _fail(batch, PullError("bad_dialect", str(error)))
        batch.close()
    except BaseException:
        batch.abandon()
        raise
    return batch.outcome


def _fail(batch: LandingBatch, error: PullError) -> None:
    batch.outcome.status = "partial" if batch.outcome.records_in else "failed"
    batch.outcome.error_class = error.error_class
    batch.outcome.error = str(error)


def _pull_rest(
    source: Source,
    pull: Pull,
    batch: LandingBatch,
    record: Record,
    dialect: Dialect,
    complete: list[Outcome],
) -> None:
    assert source.rest is not None
    outcome, rest = batch.outcome, source.rest
    window = window_to_ask(pull.window, complete, rest, pull.fetched_at)
    outcome.window_from, outcome.window_to = window.since, window.until
    # an answer that does not say otherwise is UTF-8, as JSON demands; guessing is for files
    encoding = "utf-8" if dialect.encoding == GUESS else dialect.encoding
    # whatever the source sends, a page is UTF-8 from here on
    dialect = dialect.model_copy(update={"encoding": "utf-8"})
    digest = hashlib.sha256()
    waiting: list[bytes] = []

    def land() -> None:
        if not waiting:
            return
        read = read_json(
            waiting,
            record=record,
            dialect=dialect,
            envelope=Envelope(rest.records, rest.updated),
            file="answer",
            reference=pull.reference,
            first_position=outcome.records_in + 1,
        )
        waiting.clear()
        batch.dropped |= read.dropped
        batch.add(read.frame)
        pull.report(source.id, read.frame.height)

    try:
        with Caller(rest, encoding, pull.folder) as caller:
            try:
                for answer in pages(rest, window.since, window.until, caller):
                    digest.update(answer.sha256.encode())
                    outcome.bytes += answer.received
                    waiting.append(answer.body)
                    if len(waiting) == PAGES_PER_PART:
                        land()
            finally:
                # what came before a fault is whole pages: nothing of it is lost
                land()
    except PullError as error:
        _fail(batch, error)
    except ENGINE_ERRORS as error:
        _fail(batch, PullError("unexpected_answer", f"page: {type(error).__name__}"))
    else:
        outcome.unseen_from, outcome.unseen_to = unseen(
            complete, window.until, source.expect.interval
        )
    outcome.sha256 = digest.hexdigest()


def _pull_database(
    source: Source,
    pull: Pull,
    batch: LandingBatch,
    record: Record,
    dialect: Dialect,
    complete: list[Outcome],
) -> None:
    assert source.database is not None
    outcome, database = batch.outcome, source.database
    window = window_to_ask(pull.window, complete, database, pull.fetched_at)
    outcome.window_from, outcome.window_to = window.since, window.until
    digest = hashlib.sha256()
    try:
        for part in rows(database, window, dialect, pull.folder):
            digest.update(part.sha256.encode())
            outcome.bytes += part.received
            read = read_rows(
                part.frame,
                record=record,
                dialect=dialect,
                cursor=database.cursor,
                file="query",
                reference=pull.reference,
                first_position=outcome.records_in + 1,
            )
            batch.dropped |= read.dropped
            batch.add(read.frame)
            pull.report(source.id, read.frame.height)
    except UnreadableError as error:
        _fail(batch, PullError(error.error_class, f"database.query: {error}"))
    except ENGINE_ERRORS as error:
        _fail(batch, PullError("unexpected_answer", f"database.query: {type(error).__name__}"))
    except PullError as error:
        _fail(batch, error)
    else:
        outcome.unseen_from, outcome.unseen_to = unseen(
            complete, window.until, source.expect.interval
        )
    outcome.sha256 = digest.hexdigest()


def _pull_files(
    source: Source, pull: Pull, batch: LandingBatch, record: Record, dialect: Dialect
) -> list[Path]:
    """Read all waiting files; an unreadable one stays where it is. Returns those taken.

    So does one that is still being copied: it is no fault of the shop, but what it holds is
    missing from the figures, and the outcome says it (docs/source-contract.md).
    """
    assert source.files is not None
    outcome = batch.outcome
    outcome.window_to = pull.window.until
    digest = hashlib.sha256()
    taken: list[Path] = []
    failed: list[tuple[str, str]] = []
    seen = look(inbox(source.files, pull.folder))
    for path in seen.marks:
        try:
            if path in seen.growing:
                raise _still_being_copied()
            digest.update(sha256_of(path).encode())
            outcome.bytes += seen.marks[path].size
            for read in read_file(
                path, source.files, record=record, dialect=dialect, reference=pull.reference
            ):
                batch.dropped |= read.dropped
                batch.add(read.frame)
                pull.report(source.id, read.frame.height)
            if seen.has_changed(path):
                raise _still_being_copied()
        except UnreadableError as error:
            if path in seen.fresh and error.error_class in CUT:
                error = _still_being_copied()
            failed.append((error.error_class, f"{file_label(path.name)}: {error}"))
        except (OSError, *ENGINE_ERRORS) as error:
            failed.append(("unreadable_file", f"{file_label(path.name)}: {type(error).__name__}"))
        else:
            taken.append(path)
    outcome.sha256 = digest.hexdigest()
    if failed:
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        _fail(batch, PullError(failed[0][0], f"files.path: {failed[0][1]}{more}"))
    return taken


def _still_being_copied() -> UnreadableError:
    return UnreadableError("still_being_copied", "it is left for the next run")
