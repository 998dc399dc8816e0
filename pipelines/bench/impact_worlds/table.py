"""The table of a calibration: how often intervals covered, effects were found, nothing was said."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.bench.impact_worlds.judge import OUTCOMES, Judged

WITHOUT_EFFECT = ("none", "common_shock", "common_trend")
_HOLDS = ("planted", *WITHOUT_EFFECT)
_KINDS = {
    "planted": "planted",
    "none": "no effect",
    "common_shock": "common shock",
    "common_trend": "common trend",
    "treated_trend": "trend of the merged alone",
}
_OUTCOMES = {"working_days_mean": "working days", "online_rate": "online share"}
_HEAD = ("outcome", "world", "worlds", "covered", "excludes zero", "claimed", "trend flagged",
         "not concluded", "median width", "median error")  # fmt: skip
_SHARES = ("covered", "excluding", "claimed", "flagged", "open")


def summarise(judged: Iterable[Judged]) -> pl.DataFrame:
    """One row for the group or single mergers, outcome and kind of world.

    Shares are of the estimates made: `covered` the truth, `excluding` zero, `claimed` an effect,
    `flagged` by the look at the months before, `open` without a conclusion; `estimated` is of
    all. Width and absolute error are medians, in days or shares.
    """
    frame = pl.DataFrame(
        [vars(each) for each in judged],
        schema={
            "kind": pl.String, "is_group": pl.Boolean, "outcome": pl.String, "truth": pl.Float64,
            "estimate": pl.Float64, "low": pl.Float64, "high": pl.Float64, "passes": pl.Boolean,
            "verdict": pl.String,
        },
    )  # fmt: skip
    low, high, truth = pl.col("low"), pl.col("high"), pl.col("truth")
    estimated = low.is_not_null()
    return frame.group_by("is_group", "outcome", "kind").agg(
        worlds=pl.len(),
        estimated=estimated.mean(),
        covered=truth.is_between(low, high).filter(estimated).mean(),
        excluding=((low > 0) | (high < 0)).filter(estimated).mean(),
        claimed=pl.col("verdict").is_in(["better", "worse"]).filter(estimated).mean(),
        flagged=(~pl.col("passes")).filter(estimated).mean(),
        open=(pl.col("verdict") == "undetermined").filter(estimated).mean(),
        width=(high - low).median(),
        error=(pl.col("estimate") - truth).abs().median(),
    )


def promises(summary: pl.DataFrame) -> pl.DataFrame:
    """What is asked of the group's estimates: coverage, false alarms and power by outcome.

    Coverage is over all worlds in which the comparison's assumption holds, false alarms over
    those without an effect: intervals that exclude zero, claimed or not.
    """
    group = summary.filter("is_group")
    weight = pl.col("worlds")

    def mean(column: str, kinds: tuple[str, ...]) -> pl.Expr:
        chosen = pl.col("kind").is_in(kinds)
        return (pl.col(column) * weight).filter(chosen).sum() / weight.filter(chosen).sum()

    return group.group_by("outcome").agg(
        covered=mean("covered", _HOLDS),
        false_alarms=mean("excluding", WITHOUT_EFFECT),
        power=mean("excluding", ("planted",)),
    )


def to_markdown(summary: pl.DataFrame, *, is_group: bool) -> str:
    """The rows of the group or of single mergers as a table."""
    lines = ["| " + " | ".join(_HEAD) + " |", "|---" * len(_HEAD) + "|"]
    for outcome in OUTCOMES:
        for kind, words in _KINDS.items():
            rows = summary.filter(is_group=is_group, outcome=outcome, kind=kind)
            for row in rows.iter_rows(named=True):
                shares = [_percent(row[name]) for name in _SHARES]
                sizes = [_size(row[name], outcome) for name in ("width", "error")]
                cells = [_OUTCOMES[outcome], words, str(row["worlds"]), *shares, *sizes]
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def promises_to_markdown(found: pl.DataFrame) -> str:
    """The three promises as a table, beside what is asked."""
    lines = ["| outcome | covered (93–98 %) | false alarms (≤ 6.5 %) | power (≥ 80 %) |",
             "|---|---|---|---|"]  # fmt: skip
    for outcome in OUTCOMES:
        for row in found.filter(outcome=outcome).iter_rows(named=True):
            shares = [_percent(row[name]) for name in ("covered", "false_alarms", "power")]
            lines.append("| " + " | ".join([_OUTCOMES[outcome], *shares]) + " |")
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}".replace("%", " %")


def _size(size: float | None, outcome: str) -> str:
    if size is None:
        return "–"
    return f"{size:.2f} days" if outcome == "working_days_mean" else f"{size * 100:.1f} points"
