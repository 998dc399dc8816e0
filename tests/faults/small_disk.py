"""A disk of its own that can be filled: a tmpfs, or else files that may not grow.

Mounting needs root, as in the containers of this project's tests. Where it is refused, a limit on
the size of a file stands in for it: what the disk then says is another errno for the same fault.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 4096


@dataclass(frozen=True)
class Disk:
    """A folder and a way to leave it no more than some bytes."""

    folder: Path
    is_mounted: bool

    @contextmanager
    def full_but_for(self, left: int) -> Iterator[dict[str, Any]]:
        """Leave so many bytes for a block; yields what an order to the driver needs to say."""
        if not self.is_mounted:
            yield {"most_of_a_file": left}
            return
        ballast = self.folder / "ballast"
        stat = os.statvfs(self.folder)
        free = stat.f_bavail * stat.f_frsize
        assert free > left, "the disk is too small for the test"
        with ballast.open("wb") as stream:
            stream.write(b"\0" * (free - left))
        try:
            yield {}
        finally:
            ballast.unlink()


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """A disk of that size at a folder for a block."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"no tmpfs ({done.stderr.strip()}): the size of files is limited instead")
        yield Disk(folder, is_mounted=False)
        return
    try:
        yield Disk(folder, is_mounted=True)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
