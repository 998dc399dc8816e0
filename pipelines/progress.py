"""Progress of long steps, told to whoever is listening: a terminal, or nobody."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Listener(Protocol):
    """What a step says about itself."""

    def advance(self, step: str, done: float, total: float | None) -> None:
        """`step` has done so much of `total`; None where the total is not known."""
        ...


class _Nobody:
    def advance(self, step: str, done: float, total: float | None) -> None:
        """Say nothing."""


_listener: Listener = _Nobody()


def advance(step: str, done: float, total: float | None = None) -> None:
    """Tell the listener of this process."""
    _listener.advance(step, done, total)


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def advance(self, step: str, done: float, total: float | None) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total, shown="")
        shown = f"{done:,.0f}" if total is None else f"{done:,.0f} / {total:,.0f}"
        self._bars.update(self._tasks[step], completed=done, total=total, shown=shown)


@contextmanager
def progress_bars(console: Console) -> Generator[None]:
    """Show a bar for every step while the block runs."""
    global _listener
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[shown]}"),
        TimeElapsedColumn(),
    )
    before = _listener
    with Progress(*columns, console=console) as bars:
        bars_of_steps = _Bars(bars)
        _listener = bars_of_steps
        try:
            yield
        finally:
            _listener = before
