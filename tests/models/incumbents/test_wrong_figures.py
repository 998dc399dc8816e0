"""What other products get wrong (domain §10): figures that are wrong.

One test each, named by its id. The check is put to the models as they are, where it must hold,
and to the same models with the mistake planted, where it must not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.serving import publish
from pipelines.serving.metrics import MetricLayer, MetricQuery, answer
from pipelines.serving.metrics.registry import read_registry
from pipelines.warehouse.tables import connect_writer
from tests.models.compiled import KNOWN_AT, Mistake, Models, fetch
from tests.models.incumbents.province import DOSSIERS

Build = Callable[..., Path]
DEFINITIONS = ("ii06a", "ii06a_vendor", "half_day", "instant")
# D9: what incumbents do not measure at all
MEASURED = (
    "digitization_rate", "digitization_full_rate", "digitization_item_rate", "e_result_rate",
    "e_result_rate_lenient", "reuse_rate", "personal_store_rate", "vneid_rate", "online_rate",
    "online_payment_rate", "postal_return_rate", "acceptance_on_time_rate", "not_accepted_rate",
    "waiting_at_counter",
)  # fmt: skip


def check_shares(snapshot: Path) -> None:
    layer = MetricLayer.open(snapshot)
    try:
        rows = layer.query(MetricQuery(("online_rate", "late_rate"), by=("month",)))
    finally:
        layer.close()
    over_some = rows.filter(pl.col("denominator") > 0)
    exact = over_some["numerator"] / over_some["denominator"]
    assert (exact * 100 % 1 > 0).any()
    assert over_some["value"].to_list() == pytest.approx(exact.to_list(), abs=1e-12)
    over_nothing = rows.filter(pl.col("denominator") == 0)
    assert over_nothing.height > 0
    assert over_nothing["value"].null_count() == over_nothing.height


@pytest.mark.parametrize("mistake", ["integer percentages", "100 % over nothing"])
def test_d01_shares_are_exact_and_empty_over_nothing(
    published: Path, mistake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_shares(published)
    complete = answer._complete  # pyright: ignore[reportPrivateUsage]

    def spoilt(*given: object) -> pl.LazyFrame:
        rows = complete(*given)  # pyright: ignore[reportArgumentType]
        if mistake == "integer percentages":
            value = pl.col("numerator") * 100 // pl.col("denominator") / 100
        else:
            value = pl.when(pl.col("denominator") == 0).then(1.0).otherwise("value")
        return rows.with_columns(value=value)

    monkeypatch.setattr(answer, "_complete", spoilt)
    with pytest.raises(AssertionError):
        check_shares(published)


def check_december_asked(snapshot: Path) -> None:
    last = date(2024, 12, 31)
    names = {"month": date(2024, 12, 1), "quarter": date(2024, 10, 1), "year": date(2024, 1, 1)}
    for name, first in names.items():
        exactly = MetricQuery(("on_time_rate",), definition="d766", date_from=first, date_to=last)
        assert exactly.period == name
    layer = MetricLayer.open(snapshot)
    try:
        for grain, label in {"month": "2024-12", "quarter": "2024Q4", "year": "2024"}.items():
            rows = layer.query(
                MetricQuery(("resolved", "open"), by=(grain,), date_to=date(2025, 1, 31))
            )
            cells = dict(rows.filter(pl.col(grain) == label).select("metric", "value").iter_rows())
            assert cells == {"resolved": 1.0, "open": 1.0}
    finally:
        layer.close()


def test_d02_december_ends_on_its_31st_where_a_period_is_asked(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_december_asked(published)

    def month_13(query: MetricQuery) -> str | None:
        first = query.date_from or date.min
        for name, length in {"month": 1, "quarter": 3, "year": 12}.items():
            end = date(first.year, first.month + length, 1) - timedelta(days=1)
            if end == query.date_to:
                return name
        return None

    monkeypatch.setattr(MetricQuery, "period", property(month_13))
    with pytest.raises((AssertionError, ValueError)):
        check_december_asked(published)


def test_d02_december_ends_on_its_31st_where_a_period_is_counted(build: Build, right: Path) -> None:
    def check(file: Path) -> None:
        assert fetch(
            file,
            """select definition, on_time_n, late_n from main.met_deadline
            where counted_on + 0 in ('2024-12-01', '2024-10-01', '2024-01-01')
                and definition like 'd766%' order by all""",
        ) == [("d766_month", 1, 1), ("d766_quarter", 1, 1), ("d766_year", 1, 1)]

    check(right)
    month_13 = Mistake(
        "int_dossier_period",
        "cast(period_on + to_months(1) as date)",
        "make_date(year(period_on), month(period_on) + 1, 1)",
    )
    with pytest.raises((AssertionError, duckdb.Error)):
        check(build(month_13))


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake("fct_dossier", "sent.field_code, 'unknown')", "sent.field_code)"),
        Mistake(
            "met_resolved", "where state = 'resolved'",
            "where state = 'resolved' and field_code <> 'unknown'",
        ),
    ],
    ids=["without a name", "dropped"],
)  # fmt: skip
def test_d06_dossiers_without_a_field_are_counted_and_totals_add_up(
    models: Models, build: Build, published: Path, mistake: Mistake
) -> None:
    def check(snapshot: Path) -> None:
        layer = MetricLayer.open(snapshot)
        try:
            rows = layer.query(MetricQuery(("received", "resolved"), by=("field",)))
        finally:
            layer.close()
        unknown = rows.filter(pl.col("field_code") == "unknown")
        assert unknown["value"].to_list() == [1.0, 1.0]
        sums = dict(rows.group_by("metric").agg(pl.col("numerator").sum()).iter_rows())
        assert sums == {
            "received": len(DOSSIERS),
            "resolved": sum(record["status_code"] in ("9", "10") for record in DOSSIERS),
        }

    check(published)
    with pytest.raises((AssertionError, publish.VerificationError)):
        check(models.publish(build(mistake)))


_OVERWRITE = """
update log.published_figure as said set published_at = ?::timestamp, snapshot = ?,
    numerator = figures.numerator, denominator = figures.denominator, rules_hash = ?,
    network_hash = ?
from figures
where said.metric = figures.metric and said.period = figures.period
    and said.definition is not distinct from figures.definition
    and said.unit_code = figures.unit_code
"""


@pytest.mark.parametrize("overwrites", [False, True], ids=["kept", "overwritten"])
def test_d08_what_was_published_of_a_month_is_kept_beside_what_is_said_now(
    models: Models, right: Path, tmp_path: Path, overwrites: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "motcua.duckdb"
    shutil.copy(right, file)
    models.publish(file)
    db = connect_writer(file)
    db.execute(
        "update main.met_deadline set early_n = early_n - 1, late_n = late_n + 1"
        " where definition = 'ii06a' and early_n > 0 and counted_on = '2025-03-28'"
    )
    db.close()
    if overwrites:
        monkeypatch.setattr(publish, "_APPEND_FIGURES", _OVERWRITE)
    models.publish(file, hour=1)
    said = fetch(
        file,
        """select published_at, numerator from log.published_figure
        where metric = 'late_rate' and period = '2025-03' and unit_code = '026' order by all""",
    )
    now = (KNOWN_AT + timedelta(hours=1), 2)
    assert said == ([now] if overwrites else [(KNOWN_AT, 1), now])


def test_d09_digitization_results_and_online_are_measured(models: Models) -> None:
    manifest = models.semantic_manifest.read_text(encoding="utf-8")

    def list_missing(text: str) -> set[str]:
        known = read_registry(text).published
        return {name for name in MEASURED if name not in known}

    assert list_missing(manifest) == set()
    without = json.loads(manifest)
    without["metrics"] = [m for m in without["metrics"] if m["name"] != "reuse_rate"]
    assert list_missing(json.dumps(without)) == {"reuse_rate"}


def test_d12_a_missing_due_date_and_a_withdrawal_are_on_time_by_the_vendor_rule_alone(
    models: Models, build: Build, published: Path
) -> None:
    def check(snapshot: Path) -> None:
        layer = MetricLayer.open(snapshot)
        try:
            rows = pl.concat(
                layer.query(
                    MetricQuery(
                        ("on_time_rate", "no_due_date"), definition=name,
                        date_from=date(2025, 3, 1), date_to=date(2025, 3, 31),
                    )
                )
                for name in DEFINITIONS
            )  # fmt: skip
        finally:
            layer.close()
        # finished in March: early, due at nine, late, no due date, no field, on a Saturday,
        # returned next month; the vendor rule adds the withdrawal
        expected = {
            ("ii06a", "on_time_rate"): (2, 7), ("ii06a", "no_due_date"): (1, None),
            ("ii06a_vendor", "on_time_rate"): (4, 8), ("ii06a_vendor", "no_due_date"): (None, None),
            ("half_day", "no_due_date"): (1, None), ("instant", "no_due_date"): (1, None),
        }  # fmt: skip
        found = {(row[0], row[1]): (row[2], row[3]) for row in rows.select(
            "definition", "metric", "numerator", "denominator").iter_rows()}  # fmt: skip
        assert {key: found[key] for key in expected} == expected
        assert {found[name, "on_time_rate"][1] for name in ("half_day", "instant")} == {7}

    check(published)
    vendor = Mistake(
        "int_dossier_classified",
        "when due_at is null then 'no_due_date'",
        "when due_at is null then 'on_time'",
    )
    with pytest.raises(AssertionError):
        check(models.publish(build(vendor)))
