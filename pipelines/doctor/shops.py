"""The shops in the published data: none receives after the day on which it was folded."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.doctor.finding import Finding, warning
from pipelines.serving.snapshot import NoSnapshotError, current_snapshot
from pipelines.settings import Settings

_AFTERWARDS = """
select
    shop.change_id, shop.unit_name_vi, shop.shop_folded_on, shop.is_folded_on_assumed,
    count(*), max(cast(dossier.received_at as date))
from dim_shop as shop
inner join fct_dossier as dossier on shop.unit_key = dossier.unit_key
where dossier.received_at >= shop.shop_folded_on and dossier.is_accepted
group by all
order by shop.change_id
"""


def check_shops(config: Settings) -> Iterator[Finding]:
    """Dossiers with the code of a folded shop from after its day: the day may be another."""
    try:
        file = current_snapshot(config.serving_dir).file
        with duckdb.connect(str(file), read_only=True) as db:
            rows = db.execute(_AFTERWARDS).fetchall()
    except (NoSnapshotError, ValueError, KeyError, duckdb.Error):
        return  # that there is no readable snapshot, or an old one, is told by its own check
    for change_id, name, day, is_assumed, n, last in rows:
        word = "assumed" if is_assumed else "published"
        yield warning(
            f"{name}: {n} dossiers bear its code from {day} ({word}) on, when its shop was folded,"
            f" the last of {last}",
            "they stay with the unit of their code, and no shop is in force for them",
            f"motcua changes move {change_id} --to the day on which the shop really moved",
        )
