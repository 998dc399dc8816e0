"""Closing a period: a form is signed once, then corrected, and every version of it is kept.

The figures go to `log.published_figure`, the act to `log.period_state`; both are only added to.
A new version of the current snapshot then shows them to readers; nothing else in it changes.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from contextlib import closing as closing_of
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disk import naming_full_disk
from pipelines.failpoints import reach
from pipelines.serving.forms.cells import CELL, COUNTS, DEFINITION, FormError
from pipelines.serving.forms.ii06a import Form, compose_form
from pipelines.serving.forms.states import PeriodState, SignedState, read_states, unit_from
from pipelines.serving.metrics import MetricLayer
from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.publication import show, sweep, withdraw_unfinished
from pipelines.serving.retention import keep_version, retire
from pipelines.serving.snapshot import Snapshot, current_snapshot, name_version
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_writer
from pipelines.warehouse.words import WordsError, check_words

MOST_OF_A_NAME = 80
MOST_OF_A_NOTE = 300
SERVED = ("srv_period_state", "srv_signed_figure")


def close_period(
    warehouse_file: Path,
    serving_dir: Path,
    *,
    period: str,
    unit: str | None,
    state: SignedState,
    by: str,
    note: str | None,
    at: datetime,
    keep: int,
) -> tuple[Form, Snapshot]:
    """Sign or correct a form with the figures of the current snapshot, and publish that.

    Returns the form as it is kept, and the new snapshot. Raises `FormError` (not ended, already
    signed, nothing to correct, a number of a person in `by` or `note`), `PeriodError`,
    `MetricQueryError`, `NoSnapshotError`, `DiskFullError`; nothing is said then.
    """
    who = _check_words(by, "the name or role", MOST_OF_A_NAME)
    why = None if note is None else _check_words(note, "the note or reason", MOST_OF_A_NOTE)
    with (
        writer_lock(warehouse_file, "closing a period"),
        naming_full_disk("closing a period", warehouse_file.parent),
    ):
        before = _show_unseen_acts(warehouse_file, current_snapshot(serving_dir), at)
        form = _read_form(before.file, period, unit)
        _check_order(form, state)
        act = PeriodState(
            form=DEFINITION,
            period=form.period.word,
            first_on=form.period.first_on,
            last_on=form.period.last_on,
            unit_code=form.unit.code if form.unit else None,
            unit_valid_from=unit_from(form.unit),
            state_n=len(form.closings) + 1,
            state=state,
            stated_by=who,
            stated_at=at,
            note=why,
            snapshot=form.facts.version,
            data_as_of_on=form.facts.as_of,
            rules_hash=form.facts.rules_hash,
        )
        # the snapshot it was signed on stays to be looked at; marked first, for a kill between
        keep_version(serving_dir, act.snapshot, f"{act.form} {act.period} {act.state}")
        after = _write(warehouse_file, before, act, form.cells)
    retire(serving_dir, keep)
    return _read_form(after.file, period, unit, current=False), after


def _read_form(file: Path, period: str, unit: str | None, *, current: bool = True) -> Form:
    with closing_of(SealedSnapshot(file)) as snapshot:
        return compose_form(
            snapshot, MetricLayer(snapshot), period=period, unit=unit, current=current
        )


def _check_words(text: str, what: str, most: int) -> str:
    try:
        return check_words(text, what, most)
    except WordsError as error:
        raise FormError(str(error)) from None


def _check_order(form: Form, state: SignedState) -> None:
    word = form.period.word
    if form.period.kind == "range":
        raise FormError(f"period {word}: months, quarters, half-years and years are closed alone")
    if form.facts.as_of < form.period.last_on:
        raise FormError(
            f"period {word} ends on {form.period.last_on}, the data on {form.facts.as_of}:"
            " it has not ended yet"
        )
    began = unit_from(form.unit)
    if began is not None and began > form.period.last_on:
        raise FormError(f"period {word}: the unit began on {began}, after its end")
    if state == "signed" and form.closings:
        last = form.closings[-1]
        raise FormError(
            f"period {word} is {last.state} since {last.stated_at:%Y-%m-%d %H:%M}:"
            " it can only be corrected"
        )
    if state == "corrected" and not form.closings:
        raise FormError(f"period {word} is not signed: there is nothing to correct")


def _show_unseen_acts(warehouse_file: Path, current: Snapshot, at: datetime) -> Snapshot:
    """Show readers what is signed in the log and in no snapshot: a closing was killed in between,
    or the pointer rolled back. Returns the snapshot that is then current."""
    connection = connect_writer(warehouse_file)
    try:
        withdraw_unfinished(connection, current.file.parent)
        acts = connection.execute(
            "select count(*) from log.period_state where form = ?", [DEFINITION]
        ).fetchall()[0][0]
        with closing_of(SealedSnapshot(current.file)) as snapshot:
            if acts == len(read_states(snapshot)):
                return current
        return _publish_renewed(connection, current, at, say=lambda: None)
    finally:
        connection.close()


def _write(
    warehouse_file: Path, before: Snapshot, act: PeriodState, cells: pl.DataFrame
) -> Snapshot:
    """Add act and figures to the log and publish; all of it, or the log as it was."""
    connection = connect_writer(warehouse_file)

    def commit() -> None:
        connection.commit()
        reach("act_committed")

    try:
        connection.begin()
        connection.register("act", pl.DataFrame([act]))
        connection.execute("insert into log.period_state by name select * from act")
        connection.register("figures", _list_figures(act, cells))
        connection.execute("insert into log.published_figure by name select * from figures")
        return _publish_renewed(connection, before, act.stated_at, say=commit)
    finally:
        connection.close()


def _publish_renewed(
    connection: duckdb.DuckDBPyConnection,
    before: Snapshot,
    at: datetime,
    say: Callable[[], None],
) -> Snapshot:
    """Publish a copy of a snapshot with the closed periods as the log has them now."""
    folder = before.file.parent
    sweep(folder)
    version = name_version(folder, at, uuid.uuid4().hex)
    building = folder / f".{version}.duckdb"
    try:
        served = {name: _read_served(connection, name) for name in SERVED}
        shutil.copyfile(before.file, building)
        _renew(building, version, at, served)
        return show(building, version, say)
    finally:
        sweep(folder)


def _list_figures(act: PeriodState, cells: pl.DataFrame) -> pl.DataFrame:
    """The figures of a form as rows of `log.published_figure`; a form of nothing has none."""
    long = cells.unpivot(COUNTS, index=CELL, variable_name="metric", value_name="numerator")
    return long.with_columns(
        published_at=pl.lit(act.stated_at),
        snapshot=pl.lit(act.snapshot),
        definition=pl.lit(DEFINITION),
        period=pl.lit(act.period),
        unit_code=pl.lit(act.unit_code, dtype=pl.String),
        unit_valid_from=pl.lit(act.unit_valid_from, dtype=pl.Date),
        rules_hash=pl.lit(act.rules_hash),
        form=pl.lit(act.form),
        state=pl.lit(act.state),
    )


def _read_served(connection: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    try:
        return connection.sql(f"select * from main.{name}").pl()
    except duckdb.CatalogException:
        raise FormError(
            "the models of this home are from before periods were closed: run `motcua run` first"
        ) from None


def _renew(
    building: Path, version: str, published_at: datetime, served: dict[str, pl.DataFrame]
) -> None:
    """Give the copy of a snapshot its own version and the tables of closed periods."""
    with duckdb.connect(str(building)) as copy:
        for name, rows in served.items():
            copy.register("served", rows)
            copy.execute(f"create or replace table {name} as from served")
            copy.unregister("served")
        marks = [("version", version), ("published_at", published_at.isoformat())]
        copy.executemany("update meta set value = $2 where key = $1", marks)
