"""Ports of this machine."""

from __future__ import annotations

import random
import socket

_OWN = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections: one of these may take a port that
was free a moment ago."""


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody listens there, else a free one. `OSError` where there is none."""
    drawn = random.SystemRandom().sample(_OWN, 100)
    for port in ([wanted] if wanted else []) + drawn:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port on this machine")
