"""Every command leaves one event in the log: its name, exit status and seconds, no option.

What ends a command unexpectedly is one line for people and its places in the log: the text of a
foreign exception may hold a value of somebody's data, so nobody sees it.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from pipelines.commands.console import refuse
from pipelines.logs import describe, record
from pipelines.settings import settings

_NAMES = "motcua.command"


class RecordedGroup(TyperGroup):
    """The outermost group of commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Keep the command's name, with that of its own subcommand: words of ours, no option."""
        name, command, rest = super().resolve_command(ctx, args)
        inner = getattr(command, "commands", {})
        ctx.meta[_NAMES] = f"{name} {rest[0]}" if rest and rest[0] in inner else name
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command and record how it ended."""
        try:
            settings()
        except ValidationError as error:
            first = error.errors()[0]
            field = "_".join(str(part) for part in first["loc"]).upper()
            raise refuse(f"MOTCUA_{field}: {first['msg']}") from None
        begun = time.monotonic()
        status, failure = 0, None
        try:
            return super().invoke(ctx)
        except typer.Exit as end:
            status = end.exit_code
            raise
        except (SystemExit, KeyboardInterrupt, typer.Abort) as end:
            status = int(bool(getattr(end, "code", 1)))
            raise
        except Exception as error:
            status = getattr(error, "exit_code", 1)
            if hasattr(error, "exit_code"):  # wrong usage, told by typer itself
                raise
            failure = describe(error)
            name = ctx.meta.get(_NAMES)
            raise refuse(f"motcua {name}: not done: {failure.line}") from None
        finally:
            record(
                "command",
                level=logging.ERROR if status == 1 else logging.INFO,
                command=ctx.meta.get(_NAMES),
                exit_status=status,
                seconds=round(time.monotonic() - begun, 3),
                **(failure.fields() if failure else {}),
            )
