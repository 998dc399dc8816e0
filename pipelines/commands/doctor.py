"""`motcua doctor`: what is wrong here, and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.console import Format, tell, write_rows
from pipelines.settings import now, settings

_STATUS = {"broken": 1, "warning": 3, "note": 0}


def doctor(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """Look for what is wrong with this home; exit status 0 healthy, 3 warnings, 1 broken."""
    from pipelines.doctor.examine import examine
    from pipelines.doctor.sizes import forecast

    config = settings()
    found = examine(config)
    worst = next((_STATUS[f.severity] for f in found if _STATUS[f.severity]), 0)
    disk = forecast(config)
    left = disk.days_left
    if form is Format.table:
        for finding in found:
            tell(f"{finding.severity}: {finding.what}")
            tell(f"  why: {finding.why}")
            tell(f"  do:  {finding.do}")
        until = f", full in {left:,.0f} days" if left is not None else ""
        tell(f"disk: {disk.used / 2**20:,.0f} MiB used, {disk.free / 2**20:,.0f} MiB free{until}")
        tell({0: "healthy", 3: "needs a look", 1: "broken"}[worst])
    else:
        head: dict[str, object] = {
            "status": {0: "healthy", 3: "warnings", 1: "broken"}[worst],
            "at": now().isoformat(),
            "disk": {
                "used_bytes": disk.used,
                "free_bytes": disk.free,
                "bytes_per_day": disk.per_day,
                "days_left": left,
            },
        }
        write_rows([finding.row() for finding in found], form, head)
    raise typer.Exit(worst)
