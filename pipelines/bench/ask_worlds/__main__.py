"""`python -m pipelines.bench.ask_worlds` (`make ask-calibration`): worlds asked, as a table.

`--write` puts the table into `docs/signals.md` between its marks.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from pipelines.bench.ask_worlds.judge import Asked, Wish, ask_worlds
from pipelines.progress import advance, progress_bars
from pipelines.settings import PROJECT_ROOT
from pipelines.simulator.asking.worlds import DOSSIERS, KINDS

DOCUMENT = PROJECT_ROOT / "docs" / "signals.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
SEED = 20_260_700
_HEAD = ("world", "worlds", "tests a week", "found", "with the right cause", "questions in vain")


def main() -> int:
    """Draw, ask, print; 1 where the table cannot be written."""
    parser = argparse.ArgumentParser(prog="ask-calibration", description=__doc__)
    parser.add_argument("--worlds", type=int, default=100, help="How many of each kind.")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="Only these kinds.")
    parser.add_argument("--seed", type=int, default=SEED, help="The seed of the first world.")
    parser.add_argument("--dossiers", type=int, default=DOSSIERS, help="Of a province since 2021.")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help=f"Put it into {DOCUMENT.name}.")
    parser.add_argument(
        "--tell", action="store_true", help="Say what was missed and asked in vain."
    )
    wanted = parser.parse_args()
    begun = time.perf_counter()
    kinds = wanted.kind or list(KINDS)
    wishes = [
        Wish(kind, wanted.seed + number, wanted.dossiers)
        for kind in kinds
        for number in range(wanted.worlds)
    ]
    asked: list[Asked] = []
    with progress_bars(Console(stderr=True)):
        for done, one in enumerate(ask_worlds(wishes, wanted.processes), start=1):
            asked.append(one)
            advance("worlds", done, len(wishes))
    text = _tabulate(asked, kinds, wanted.worlds, wanted.seed, wanted.dossiers)
    print(text)
    if wanted.tell:
        print(_tell(asked))
    print(f"\n{time.perf_counter() - begun:.0f} seconds", file=sys.stderr)
    return _write(text) if wanted.write else 0


def _tabulate(
    asked: Sequence[Asked], kinds: Sequence[str], worlds: int, seed: int, dossiers: int
) -> str:
    lines = [
        f"{worlds} worlds of each kind, about {dossiers:,} dossiers each, seeds from {seed}.",
        "",
        "| " + " | ".join(_HEAD) + " |",
        "|---" * len(_HEAD) + "|",
    ]
    for kind in kinds:
        mine = [one for one in asked if one.kind == kind]
        causes = [one.is_explained for one in mine if one.is_explained is not None]
        is_planted = kind not in ("noise", "tet")
        cells = (
            kind.replace("_", " "),
            str(len(mine)),
            str(round(sum(one.tests for one in mine) / len(mine))),
            str(sum(one.is_found for one in mine)) if is_planted else "–",
            str(sum(causes)) if causes else "–",
            str(sum(len(one.others) for one in mine)),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _tell(asked: Sequence[Asked]) -> str:
    lines = [f"{one.kind} {one.seed}: {said}" for one in asked for said in one.others]
    lines += [
        f"{one.kind} {one.seed}: {'missed' if not one.is_found else 'another cause'}"
        for one in asked
        if one.kind not in ("noise", "tet") and (not one.is_found or one.is_explained is False)
    ]
    return "\n".join(lines)


def _write(text: str) -> int:
    document = DOCUMENT.read_text(encoding="utf-8")
    if BEGIN not in document or END not in document:
        print(f"{DOCUMENT.name}: the marks {BEGIN} and {END} are missing", file=sys.stderr)
        return 1
    head, _, rest = document.partition(BEGIN)
    tail = rest.partition(END)[2]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
