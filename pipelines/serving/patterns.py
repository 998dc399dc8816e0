"""Pattern findings of a snapshot, each with one sentence: what was counted, against what."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from pipelines.serving.metrics.snapshot import SealedSnapshot, SnapshotError

_SELECT = """
select source, pattern, field, reason, records_n, affected_n,
    affected_n / records_n as affected_ratio, expected_n / records_n as expected_ratio,
    since_on, until_on
from motcua.dq_pattern order by source, pattern, field, reason
"""

_SAID = {
    "is_received_midnight": "receptions are at exactly 00:00:00",
    "is_finished_midnight": "finishes are at exactly 00:00:00",
    "is_received_when_submitted": "online dossiers are received in the second they are submitted",
    "is_received_at_night": "receptions of the afternoon or the night are from 01 to 05 o'clock, "
    "as a 12-hour clock would write the afternoon",
    "is_finished_at_night": "finishes of the afternoon or the night are from 01 to 05 o'clock, "
    "as a 12-hour clock would write the afternoon",
    "is_submitted_exchanged": "submissions fit the date in the dossier's code only with day and "
    "month exchanged",
    "is_received_exchanged": "receptions fit the date in the dossier's code only with day and "
    "month exchanged",
    "is_no_day_beyond_12": "receptions are on days 1 to 12",
    "is_fee_without_payment": "dossiers with a fee say that there was none to pay",
    "is_payment_without_fee": "dossiers without a fee say that one was due or paid",
    "is_digitized_denied": "dossiers with a digitized component say that there is none",
    "is_digitized_claimed": "dossiers without a digitized component say that there is one",
    "is_yes_beyond_peers": "dossiers have a VNeID account",
    "is_no_beyond_peers": "dossiers have no VNeID account",
    "is_yes_without_exception": "dossiers of these months have a VNeID account, every one",
    "is_no_without_exception": "dossiers of these months have no VNeID account, none of them",
}
_PEERS = (
    "is_yes_beyond_peers",
    "is_no_beyond_peers",
    "is_yes_without_exception",
    "is_no_without_exception",
)


def read_patterns(snapshot: SealedSnapshot) -> list[dict[str, Any]]:
    """The findings, sorted: source, pattern, field, counts, shares 0-1, months, sentence.

    `since` and `until` are months (`2025-03`), null where the finding reaches the source's first
    or last one. Raises `SnapshotError` for a snapshot made before findings were kept.
    """
    try:
        rows = snapshot.run(_SELECT)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise SnapshotError(
            f"{snapshot.file.name} was published before pattern findings were kept so: "
            "run `motcua run`"
        ) from error
    return [_describe(row) for row in rows.iter_rows(named=True)]


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    since, until = _month(row.pop("since_on")), _month(row.pop("until_on"))
    share, expected = f"{row['affected_ratio']:.1%}", f"{row['expected_ratio']:.1%}"
    rule = (
        f"the other sources of the same months {expected}"
        if row["reason"] in _PEERS
        else f"a clean source up to {expected}"
    )
    when = (f" from {since}" if since else "") + (f" up to {until}" if until else "")
    sentence = (
        f"{row['source']}, {row['field']}: {row['affected_n']:,} of {row['records_n']:,} ({share}) "
        f"{_SAID[row['reason']]}{when}; {rule}."
    )
    return row | {"since": since, "until": until, "sentence": sentence}


def _month(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m}"
