"""The surroundings of the program: its home, key, clock, memory and cores."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.doctor.finding import Finding, broken, note, warning
from pipelines.settings import Settings

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_SHARE = 0.9


def check_environment(config: Settings) -> Iterator[Finding]:
    """Home writable, key there and private, clock running, memory and cores as configured."""
    yield from _check_home(config)
    yield from _check_key(config)
    yield from _check_clock(config)
    yield from _check_memory(config)
    yield from _check_cores(config)


def _check_home(config: Settings) -> Iterator[Finding]:
    folder = next(f for f in (config.root, *config.root.parents) if f.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        yield broken(
            f"{config.root} cannot be written by this user",
            "nothing can land, be loaded or be published",
            f"give the user of the service the folder: chown -R motcua {config.root}",
        )


def _check_key(config: Settings) -> Iterator[Finding]:
    if config.pseudonym_key:
        return
    path = config.key_file.expanduser()
    if not path.exists():
        if (config.root / "landing").exists():
            yield broken(
                f"the pseudonym key {path} is gone",
                "the next run would make a new one, and no pseudonym would equal the ones before",
                "bring it back from where it is kept (docs/runbooks/restore.md)",
            )
        else:
            yield note(
                f"there is no pseudonym key at {path} yet",
                "the first run makes one",
                "keep a copy of it apart from the backups",
            )
        return
    if not os.access(path, os.R_OK) or not path.read_bytes().strip():
        yield broken(
            f"the pseudonym key {path} is empty or cannot be read",
            "no record can be de-identified",
            "bring it back from where it is kept (docs/runbooks/restore.md)",
        )
    elif path.stat().st_mode & 0o077:
        yield warning(
            f"the pseudonym key {path} can be read by others",
            "who has it can tell whether a known text stands behind a pseudonym",
            f"chmod 600 {path}",
        )


def _check_clock(config: Settings) -> Iterator[Finding]:
    if config.now is not None:
        yield note(
            f"the product's clock stands at {config.now:%Y-%m-%d %H:%M}: MOTCUA_NOW is set",
            "every run pulls up to that moment and no further",
            "take MOTCUA_NOW out of the environment, unless this is a demo or a test",
        )


def _check_memory(config: Settings) -> Iterator[Finding]:
    allowed = read_bytes(config.duckdb_memory)
    if allowed is None:
        yield broken(
            f"MOTCUA_DUCKDB_MEMORY is no amount of memory: {config.duckdb_memory}",
            "the engine refuses to open the warehouse",
            "set it to a number and a unit, as in 12GB",
        )
        return
    there = _memory()
    if allowed > there * _SHARE:
        yield warning(
            f"MOTCUA_DUCKDB_MEMORY allows {allowed / 1e9:.1f} GB of {there / 1e9:.1f} GB",
            "a large build may be killed by the system instead of spilling to disk",
            f"set MOTCUA_DUCKDB_MEMORY to {there * 0.6 / 1e9:.0f}GB or less",
        )


def _check_cores(config: Settings) -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0))
    if config.duckdb_threads and config.duckdb_threads > cores:
        yield warning(
            f"MOTCUA_DUCKDB_THREADS is {config.duckdb_threads}, this machine gives {cores} cores",
            "threads that wait for each other are slower than fewer",
            f"set MOTCUA_DUCKDB_THREADS to {cores}, or leave it out",
        )


def read_bytes(text: str) -> int | None:
    """The bytes of an amount as DuckDB writes it (`12GB`, `512 MiB`); None for none."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?I?B)\s*", text.upper())
    return int(float(found[1]) * _UNITS[found[2]]) if found and found[2] in _UNITS else None


def _memory() -> int:
    """What this process may use: the machine's memory, or less where a container limits it."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip() if _CGROUP_LIMIT.is_file() else "max"
    return min(physical, int(limit)) if limit.isdigit() else physical
