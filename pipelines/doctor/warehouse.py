"""The warehouse: readable, of today's layout, held by nobody for long, and nothing left over."""

from __future__ import annotations

import time
from collections.abc import Iterator

import duckdb

from pipelines.doctor.finding import Finding, broken, note, warning
from pipelines.settings import Settings
from pipelines.warehouse.held import held_by
from pipelines.warehouse.tables import connect_reader

LONGEST_HOLD_SECONDS = 6 * 3600
_KILLED = "a run was killed; what it had committed is kept, the rest comes again"


def check_warehouse(config: Settings) -> Iterator[Finding]:
    """The file opens, its layout is today's, and no killed run left anything beside it."""
    file = config.warehouse_file
    if (aside := file.with_suffix(".before-replay")).exists():
        yield broken(
            f"{aside.name} is left over: a replay did not come to its end",
            "what was published and signed is in that file alone",
            "docs/runbooks/replay.md",
        )
    if not file.exists():
        yield note("there is no warehouse yet", "there are no figures", "motcua run")
        return
    holder = held_by(file)
    if holder is not None:
        seconds = time.time() - holder.since
        say = warning if seconds > LONGEST_HOLD_SECONDS else note
        yield say(
            f"the warehouse is held by {holder.purpose} for {seconds / 3600:.1f} hours",
            "nothing else can load or publish meanwhile",
            "wait; if that process hangs, end it: what it had committed is kept",
        )
        return
    yield from _check_left_over(config)
    try:
        connection = connect_reader(file)
    except RuntimeError as error:
        yield broken(str(error), "nothing can be loaded or published", "what that line says")
    except duckdb.Error as error:
        yield broken(
            f"{file.name} cannot be opened ({type(error).__name__})",
            "nothing can be loaded or published; what is published stays",
            "docs/runbooks/restore.md, or docs/runbooks/replay.md if landing is whole",
        )
    else:
        connection.close()


def _check_left_over(config: Settings) -> Iterator[Finding]:
    folder = config.warehouse_file.parent
    logs = [path for path in folder.glob("*.wal") if path.stat().st_size]
    others = [
        *config.landing_dir.glob("*/*/.*"),
        *config.serving_dir.glob(".motcua-*"),
        *config.serving_dir.glob(".CURRENT.json.*"),
        *(path for path in folder.glob("spill/*")),
        *config.root.glob(".backup-*"),
    ]
    for path in logs:
        yield warning(f"{path.name} is left over", _KILLED, "motcua run")
    if others:
        names = sorted({path.relative_to(config.root).parts[0] for path in others})
        yield warning(
            f"{len(others)} hidden files are left over under {', '.join(names)}",
            _KILLED,
            "motcua run; what is still there afterwards may be deleted while nothing runs",
        )
