"""Readers as the dashboard has them, as a process: `python reading.py SERVING THREADS`.

One reader of each version per process, which all its threads share; the last three stay open. Every
thread asks, says what it was told, and rests, until the input ends. Lines of JSON on the output:
{"reader", "version", "at", "answer"} or {"reader", "fault"}.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import OrderedDict
from pathlib import Path

from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot

QUESTION = MetricQuery(("received", "digitization_rate", "online_rate"))
OPEN = 3
REST = 1.0


class Readers:
    """The layers of the last versions, each opened once."""

    def __init__(self, serving_dir: Path) -> None:
        self._folder = serving_dir
        self._lock = threading.Lock()
        self._layers: OrderedDict[str, MetricLayer] = OrderedDict()

    def current(self) -> tuple[str, MetricLayer]:
        """The version the pointer names, and its layer."""
        found = current_snapshot(self._folder)
        with self._lock:
            layer = self._layers.get(found.version)
            if layer is None:
                layer = self._layers[found.version] = MetricLayer.open(found.file)
            while len(self._layers) > OPEN:
                self._layers.popitem(last=False)[1].close()
        return found.version, layer


def ask(layer: MetricLayer) -> list[list[int | None]]:
    """What a version answers, as counts."""
    return [list(row) for row in layer.query(QUESTION).select("numerator", "denominator").rows()]


def read(readers: Readers, name: str, done: threading.Event, first: float) -> None:
    """Ask until told to stop."""
    done.wait(first)
    while not done.is_set():
        try:
            version, layer = readers.current()
            told = {"version": version, "answer": ask(layer)}
        except Exception as error:
            told = {"fault": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"reader": name, "at": time.time(), **told}) + "\n")
        sys.stdout.flush()
        done.wait(REST)


if __name__ == "__main__":
    threads, over = int(sys.argv[2]), threading.Event()
    shared = Readers(Path(sys.argv[1]))
    people = [
        threading.Thread(target=read, args=(shared, f"{os.getpid()}-{n}", over, REST * n / threads))
        for n in range(threads)
    ]
    for person in people:
        person.start()
    sys.stdin.read()
    over.set()
    for person in people:
        person.join()
