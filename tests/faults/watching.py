"""A reader that never rests: opens whatever the pointer names and looks whether it is whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.serving.metrics.snapshot import SealedSnapshot
from pipelines.serving.snapshot import current_snapshot

PAUSE = 0.05
TOTALS = """
select (select count(*) from motcua.fct_dossier), (select sum(received_n) from motcua.met_received),
    (select count(*) from motcua.fct_dossier where is_accepted),
    (select count(*) from motcua.meta_document),
    (select value from motcua.meta where key = 'version')
"""


@dataclass
class Watch:
    """What the reader saw: totals by version, and whatever went wrong. It looks before the block,
    all through it, and after it."""

    seen: dict[str, set[tuple[object, ...]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Every version was one and the same whenever it was looked at, and whole."""
        assert self.faults == []
        for version, totals in self.seen.items():
            ((dossiers, received, accepted, documents, name),) = totals
            assert dossiers and received == accepted and documents == 2 and name == version


@contextmanager
def watching(home: Path) -> Iterator[Watch]:
    """Watch the current snapshot of a home for a block."""
    watch, done = Watch(), threading.Event()

    def look() -> None:
        try:
            found = current_snapshot(home / "serving")
            with closing(SealedSnapshot(found.file)) as snapshot:
                totals = snapshot.run(TOTALS).row(0)
            watch.seen.setdefault(found.version, set()).add(totals)
        except Exception as error:
            watch.faults.append(f"{type(error).__name__}: {error}")

    def look_on() -> None:
        while not done.is_set():
            look()
            time.sleep(PAUSE)

    look()
    reader = threading.Thread(target=look_on)
    reader.start()
    try:
        yield watch
    finally:
        done.set()
        reader.join()
        look()
