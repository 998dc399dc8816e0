"""What came lately: pulls that stopped, sources that fail, and the alerts on the outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb

from pipelines.doctor.finding import Finding, broken, note, warning
from pipelines.intake.sources import SourceListError, load_sources
from pipelines.settings import Settings, now
from pipelines.warehouse.alerts import Kind, find_alerts
from pipelines.warehouse.held import held_by
from pipelines.warehouse.tables import connect_reader

LONGEST_PAUSE = timedelta(days=2)
_RUNBOOKS: dict[Kind, tuple[str, str]] = {
    "silent": ("its shops' figures stand still", "docs/runbooks/a-shop-is-silent.md"),
    "corridor": ("figures may be incomplete or doubled", "docs/runbooks/a-shop-is-silent.md"),
    "quarantine": ("what is in quarantine is in no figure", "docs/runbooks/quarantine.md"),
}
_FAILING = """
with ranked as (
    select source, fetched_at, status, error_class,
        row_number() over (partition by source order by fetched_at desc, pull_id desc) as back_n,
        max(fetched_at) filter (status = 'ok') over (partition by source) as ok_at
    from log.outcome)
select source, any_value(error_class) filter (back_n = 1), min(fetched_at)
from ranked where fetched_at > ok_at or ok_at is null
group by source having bool_or(back_n = 1) order by source
"""


def check_deliveries(config: Settings) -> Iterator[Finding]:
    """Pulls are made, answered and as expected; nothing is said while somebody writes the log."""
    if not config.warehouse_file.exists() or held_by(config.warehouse_file) is not None:
        return
    try:
        listed = load_sources(config.sources_file).sources
        connection = connect_reader(config.warehouse_file)
    except (SourceListError, RuntimeError, duckdb.Error):
        return  # told by the checks of the list and of the warehouse
    try:
        yield from _check_pulls(connection)
        names = {source.id for source in listed}
        for source, error, since in connection.execute(_FAILING).fetchall():
            if source in names:
                yield warning(
                    f"{source}: no complete pull since {since:%Y-%m-%d %H:%M}: {error}",
                    "what its shops entered since then is in no figure",
                    "docs/runbooks/a-shop-is-silent.md",
                )
        for alert in find_alerts(connection, listed, now().date()):
            yield warning(alert.line, *_RUNBOOKS[alert.kind])
    finally:
        connection.close()


def _check_pulls(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    last: datetime | None = connection.execute(
        "select max(fetched_at) from log.outcome"
    ).fetchall()[0][0]
    if last is None:
        yield note("nothing was pulled yet", "there are no figures", "motcua run")
    elif last > now() + timedelta(hours=1):
        yield broken(
            f"the last pull says {last:%Y-%m-%d %H:%M}, which is yet to come",
            "known times and windows of the next pulls would be wrong",
            "set the machine's clock right (and MOTCUA_NOW, if it is set), then `motcua run`",
        )
    elif now() - last > LONGEST_PAUSE:
        yield warning(
            f"nothing was pulled since {last:%Y-%m-%d %H:%M}",
            "the figures stand still",
            "motcua run; then look why the timer or the schedule did not (docs/operating.md)",
        )
