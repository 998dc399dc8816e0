"""What every command says to people and to machines in the same way."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from enum import StrEnum

import typer
from rich.console import Console
from rich.table import Column, Table

console = Console(stderr=True)
_WIDE = 10_000


class Format(StrEnum):
    """How an answer is written to standard output."""

    table = "table"
    json = "json"
    csv = "csv"


def refuse(message: str, status: int = 1) -> typer.Exit:
    """One line that says why it was not done, and the exit to raise."""
    console.print(message, style="red", highlight=False, soft_wrap=True, markup=False)
    return typer.Exit(status)


def tell(message: str) -> None:
    """One line for people, beside the answer."""
    console.print(message, highlight=False, soft_wrap=True, markup=False)


def write_rows(
    rows: Sequence[dict[str, object]], form: Format, head: dict[str, object] | None = None
) -> None:
    """Write rows to standard output; `head` stands beside `rows` in JSON only."""
    if form is Format.json:
        json.dump({**(head or {}), "rows": rows}, sys.stdout, ensure_ascii=False, default=str)
        sys.stdout.write("\n")
        return
    names = list(rows[0]) if rows else []
    if form is Format.csv:
        writer = csv.DictWriter(sys.stdout, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)
        return
    table = Table(*(Column(name, overflow="fold") for name in names))
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    screen = Console()
    if not screen.is_terminal:
        # a file or a pipe has no width: nothing is folded there
        screen.width = screen.measure(table, options=screen.options.update(width=_WIDE)).maximum
    screen.print(table)
