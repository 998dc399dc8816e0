"""The simulated systems of a folder as a process: `python province_server.py OUT PORT SETTINGS`.

SETTINGS is JSON: {"behaviours": […], "seed": 7, "now": ISO or null}.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from pipelines.simulator.server import serve

if __name__ == "__main__":
    settings = json.loads(sys.argv[3])
    now = datetime.fromisoformat(settings["now"]) if settings["now"] else None
    serve(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        behaviours=settings["behaviours"],
        seed=settings["seed"],
        now=now,
    )
