"""`python -m pipelines.bench.impact_worlds` (`make impact-calibration`): worlds, judged, as tables.

`--write` puts the tables into `docs/impact.md` between its marks.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import polars as pl
from rich.console import Console

from pipelines.bench.impact_worlds.judge import KIND_OF, Judged, Wish, judge_worlds
from pipelines.bench.impact_worlds.table import (
    promises,
    promises_to_markdown,
    summarise,
    to_markdown,
)
from pipelines.progress import advance, progress_bars
from pipelines.settings import PROJECT_ROOT

DOCUMENT = PROJECT_ROOT / "docs" / "impact.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
SEED, DOSSIERS = 20_240_701, 190_000
OTHERS = (
    ("Ups and downs of units twice as large", DOSSIERS, 2.0, 0.1),
    ("1,000,000 dossiers", 1_000_000, 1.0, 0.05),
    ("5,000 dossiers", 5_000, 1.0, 0.1),
    ("500 dossiers", 500, 1.0, 0.1),
)
"""Other provinces: what they are called, dossiers, ups and downs, worlds as a share of the main."""


def main() -> int:
    """Draw, judge, print; 1 where the tables cannot be written."""
    parser = argparse.ArgumentParser(prog="impact-calibration", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1_000, help="How many of the usual size.")
    parser.add_argument("--seed", type=int, default=SEED, help="The seed of the first world.")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--usual-only", action="store_true", help="No other sizes.")
    parser.add_argument(
        "--write", action="store_true", help=f"Put the tables into {DOCUMENT.name}."
    )
    asked = parser.parse_args()
    begun = time.perf_counter()
    with progress_bars(Console(stderr=True)):
        usual = _judge("usual", asked.worlds, asked.seed, DOSSIERS, 1.0, asked.processes)
        text = _tell_usual(usual, asked.worlds, asked.seed)
        if not asked.usual_only:
            for place, (name, dossiers, restless, share) in enumerate(OTHERS, start=1):
                worlds = max(int(asked.worlds * share), len(KIND_OF))
                seed = asked.seed + place * 1_000_000
                found = _judge(name, worlds, seed, dossiers, restless, asked.processes)
                text += f"\n\n**{name}** ({worlds} worlds), all four mergers together:\n\n"
                text += _tell_other(found)
    print(text)
    print(f"\n{time.perf_counter() - begun:.0f} seconds", file=sys.stderr)
    return _write(text) if asked.write else 0


def _judge(
    name: str, worlds: int, seed: int, dossiers: int, restless: float, processes: int
) -> pl.DataFrame:
    wishes = [
        Wish(seed + number, KIND_OF[number % len(KIND_OF)], dossiers, restless)
        for number in range(worlds)
    ]
    judged: list[Judged] = []
    for done, found in enumerate(judge_worlds(wishes, processes), start=1):
        judged += found
        advance(f"worlds: {name}", done, worlds)
    return summarise(judged)


def _tell_usual(summary: pl.DataFrame, worlds: int, seed: int) -> str:
    return "\n\n".join(
        [
            f"{worlds} worlds of about {DOSSIERS:,} dossiers, seeds from {seed}."
            " Coverage is over all worlds but those with a trend of the merged alone, false"
            " alarms over those without an effect, power over the planted ones.",
            promises_to_markdown(promises(summary)),
            "**All four mergers together**, by kind of world:",
            to_markdown(summary, is_group=True),
            "**Single mergers** (four a world):",
            to_markdown(summary, is_group=False),
        ]
    )


def _tell_other(summary: pl.DataFrame) -> str:
    estimated = summary.filter("is_group")["estimated"]
    if estimated.is_empty() or estimated.max() == 0:
        return "Nothing is estimated: too few dossiers, and said so."
    return to_markdown(summary, is_group=True)


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
