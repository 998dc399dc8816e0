"""The published snapshot: there, readable, not old, and of the rules in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import duckdb

from pipelines.doctor.finding import Finding, broken, note, warning
from pipelines.serving.publish import network_hash, rules_hash
from pipelines.serving.snapshot import NoSnapshotError, current_snapshot
from pipelines.settings import Settings, now

OLDEST = timedelta(days=2)
OLDEST_DATA = timedelta(days=4)


def check_snapshot(config: Settings) -> Iterator[Finding]:
    """The current version opens, says what it is, and its data are of these days."""
    try:
        snapshot = current_snapshot(config.serving_dir)
    except (NoSnapshotError, ValueError, KeyError) as error:
        if not (config.serving_dir / "CURRENT.json").exists():
            if config.warehouse_file.exists():
                yield broken("nothing has been published", "there is nothing to show", "motcua run")
            return
        what = str(error) if isinstance(error, NoSnapshotError) else "CURRENT.json is damaged"
        yield broken(what, "readers find no figures", "docs/runbooks/roll-back.md")
        return
    try:
        with duckdb.connect(str(snapshot.file), read_only=True) as db:
            meta = dict(db.execute("select key, value from meta").fetchall())
    except duckdb.Error as error:
        yield broken(
            f"{snapshot.file.name} cannot be read ({type(error).__name__})",
            "readers find no figures",
            "docs/runbooks/roll-back.md",
        )
        return
    published = datetime.fromisoformat(meta["published_at"])
    if now() - published > OLDEST:
        yield warning(
            f"the current snapshot is of {published:%Y-%m-%d %H:%M}",
            "readers see old figures",
            "motcua run",
        )
    told = date.fromisoformat(meta["data_as_of"])
    if now().date() - told > OLDEST_DATA:
        yield warning(
            f"the data speak up to {told}",
            "readers see old figures, however new the snapshot is",
            "docs/runbooks/a-shop-is-silent.md",
        )
    if meta.get("rules_hash") != rules_hash():
        yield note(
            "the current snapshot was computed under other rules, models or reference lists",
            "figures will change with the next run for that reason too",
            "motcua run",
        )
    if meta.get("network_hash") != network_hash():
        yield note(
            "the current snapshot was computed with other units or changes of units",
            "figures that hang on them will change with the next run",
            "motcua run",
        )
