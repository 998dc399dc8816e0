"""Parameters of what is shown, from `data/reference/rules.csv`: a change of them is one of data.

The parameters of the clock and of the classes are read by the models (`dim_rule`), not here.
"""

from __future__ import annotations

import csv
from datetime import date

from pipelines.settings import settings


def read_parameter(rule: str, day: date = date.max) -> str:
    """The value of a rule in force on a day, the newest by default.

    Raises `LookupError` where the table has none.
    """
    with (settings().reference_dir / "rules.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["rule"] == rule]
    in_force = {row["valid_from"] or "0001-01-01": row["value"] for row in rows}
    known = [valid_from for valid_from in in_force if valid_from <= day.isoformat()]
    if not known:
        raise LookupError(f"rules.csv: {rule} has no value on {day}")
    return in_force[max(known)]


MIN_DENOMINATOR = int(read_parameter("min_denominator"))
"""A share over fewer dossiers is greyed and given no verdict (domain §9)."""

HEADLINE_DIGITIZATION = read_parameter("headline_digitization")
"""The metric that the word digitization stands for on the first page (domain §5)."""
