"""Our classes beside the City of Boston's own label, request by request.

`python compare_labels.py HOME CSV` prints a short report; it ends with 1 if one class differs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.snapshot import current_snapshot

SOURCE = "boston-311"


@dataclass(frozen=True)
class OnTimeRate:
    """One "on-time rate" of the same log: our classes (instant) over a population of requests.

    Only requests that the City labelled are counted, so that ours and the City's may be compared.
    """

    population: str
    on_time: int
    counted: int
    on_time_by_label: int

    def line(self) -> str:
        """The rate with the population it speaks of."""
        return (
            f"on time {self.on_time / self.counted:.1%}: {self.on_time:,} of {self.counted:,}"
            f" {self.population}"
        )


@dataclass(frozen=True)
class Comparison:
    """Counts of records and of agreement; `closed_*` are requests with due date and label."""

    records_in: int
    accepted: int
    unchanged: int
    quarantined: int
    closed_with_label: int
    closed_agreeing: int
    without_due: int
    no_due_date: int
    open_without_due: int
    moved_to_on_time: int
    rates: tuple[OnTimeRate, ...]

    @property
    def is_whole(self) -> bool:
        """Every record is accounted for and every label agreed with."""
        return (
            self.records_in == self.accepted + self.unchanged + self.quarantined
            and self.closed_with_label == self.closed_agreeing > 0
            and self.without_due == self.no_due_date + self.open_without_due
            and all(rate.on_time == rate.on_time_by_label for rate in self.rates)
        )

    def lines(self) -> list[str]:
        """The report."""
        return [
            f"records in {self.records_in:,} = accepted {self.accepted:,}"
            f" + unchanged {self.unchanged:,} + quarantined {self.quarantined:,}",
            f"closed with due date and label: {self.closed_agreeing:,} of"
            f" {self.closed_with_label:,} classes (instant) agree with the City's",
            f"without a due date {self.without_due:,} = closed, class no_due_date"
            f" {self.no_due_date:,} + open {self.open_without_due:,}",
            f"late to the second, on time by date (ii06a): {self.moved_to_on_time:,}",
            *(rate.line() for rate in self.rates),
        ]


def read_city(file: Path) -> pl.DataFrame:
    """The City's rows: dossier_code, has_due, is_closed, label."""
    return pl.read_csv(file, infer_schema=False).select(
        dossier_code=pl.col("case_enquiry_id").str.to_uppercase(),
        has_due=pl.col("target_dt").is_not_null(),
        is_closed=pl.col("closed_dt").is_not_null(),
        label=pl.col("ontime"),
    )


def label_of(column: str) -> pl.Expr:
    """The City knows two labels: at or before the due moment, and after it."""
    return pl.when(pl.col(column) == "late").then(pl.lit("OVERDUE")).otherwise(pl.lit("ONTIME"))


def rates_of(both: pl.DataFrame) -> tuple[OnTimeRate, ...]:
    """Three rates that are all called on-time: they differ in whom they count."""
    labelled = both.filter(pl.col("label").is_not_null()).with_columns(
        is_open=pl.col("state").is_in(["open", "waiting"]),
        is_on_time=pl.col("class_instant").is_in(["early", "on_time"]),
        is_on_time_by_label=pl.col("label") == "ONTIME",
    )
    without_due = ~pl.col("has_our_due")
    populations = {
        "labelled requests, those without a due date on time and open ones past theirs late": (
            labelled.with_columns(is_on_time=pl.col("is_on_time") | without_due)
        ),
        "labelled requests with a due date, open ones past theirs late": labelled.filter(
            "has_our_due"
        ),
        "labelled requests with a due date that are closed": labelled.filter(
            "has_our_due", ~pl.col("is_open")
        ),
    }
    return tuple(
        OnTimeRate(
            name, frame["is_on_time"].sum(), frame.height, frame["is_on_time_by_label"].sum()
        )
        for name, frame in populations.items()
    )


def compare(home: Path, file: Path) -> Comparison:
    """Read the current snapshot of a home and the City's file, and count."""
    snapshot = current_snapshot(home / "serving").file
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        ours = connection.sql(
            "select dossier_code, class_instant, state, due_at is not null as has_our_due"
            " from fct_dossier where source = ?",
            params=[SOURCE],
        ).pl()
        counts = connection.execute(
            "select records_in_n, accepted_n, unchanged_n, quarantined_n from dq_source"
            " where source = ?",
            [SOURCE],
        ).fetchall()[0]
    both = read_city(file).join(ours, on="dossier_code", how="left", validate="1:1")
    labelled = both.filter("is_closed", "has_due", pl.col("label").is_not_null())
    agreeing = labelled.filter(
        pl.col("class_instant").is_in(["early", "on_time", "late"]),
        label_of("class_instant") == pl.col("label"),
    )
    layer = MetricLayer.open(snapshot)
    try:
        answer = layer.query(MetricQuery(("no_due_date",), definition="instant"))
        moves = layer.query(
            MetricQuery(("compared",), by=("class_from", "class_to"), definition="instant")
        )
    finally:
        layer.close()
    return Comparison(
        *(int(n) for n in counts),
        closed_with_label=labelled.height,
        closed_agreeing=agreeing.height,
        without_due=both.filter(~pl.col("has_due")).height,
        no_due_date=int(answer["numerator"].sum()),
        open_without_due=both.filter(
            ~pl.col("has_our_due"), pl.col("state").is_in(["open", "waiting"])
        ).height,
        moved_to_on_time=int(
            moves.filter(
                pl.col("class_from").is_in(["early", "on_time"]), pl.col("class_to") == "late"
            )["numerator"].sum()
        ),
        rates=rates_of(both),
    )


def main() -> int:
    """Print the report; 1 if a figure does not hold."""
    home, file = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ["MOTCUA_HOME"] = str(home)
    found = compare(home, file)
    print("\n".join(found.lines()))
    if not found.is_whole:
        print("make real: our figures differ from the City's", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
