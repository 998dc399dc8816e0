"""Times and numbers: both national forms, offsets, zeros, and what is no time."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from pipelines.intake.dialects import Dialect, load_dialect
from pipelines.intake.typed import parse_time

NATIONAL = load_dialect("national")
SHOP = load_dialect("shop-csv")
BOSTON = load_dialect("boston311")


def parse(text: str | None, dialect: Dialect) -> datetime | None:
    frame = pl.DataFrame({"t": [text]}, schema={"t": pl.String})
    return frame.select(parse_time(pl.col("t"), dialect)).item()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20250303080159", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01:59", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01:59.123", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01:59.1234567", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03 08:01:59", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03 08:01", datetime(2025, 3, 3, 8, 1)),
        ("2025-03-03", datetime(2025, 3, 3)),
        ("20250303", datetime(2025, 3, 3)),
        ("20250303000000", datetime(2025, 3, 3)),
        ("2025-03-03T01:01:59Z", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T01:01:59.5Z", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01:59+07:00", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-02T20:01:59-05:00", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01:59.250+0700", datetime(2025, 3, 3, 8, 1, 59)),
        ("20250303080159 ", datetime(2025, 3, 3, 8, 1, 59)),
        (" 2025-03-03 08:01:59", datetime(2025, 3, 3, 8, 1, 59)),
        ("2025-03-03T08:01", datetime(2025, 3, 3, 8, 1)),
        ("20240229000000", datetime(2024, 2, 29)),
        ("20250229000000", None),
        ("20251301000000", None),
        ("20250303250000", None),
        ("2025-03-03T24:30:00", None),
        ("03/03/2025", None),
        ("masked", None),
        ("2025", None),
        (None, None),
    ],
)
def test_a_national_time_is_read_in_both_forms(text: str | None, moment: datetime | None) -> None:
    assert parse(text, NATIONAL) == moment


@pytest.mark.parametrize(
    ("dialect", "text", "moment"),
    [
        (SHOP, "03/04/2025 08:01:59", datetime(2025, 4, 3, 8, 1, 59)),
        (SHOP, "20250303080159", None),
        (SHOP, "2025-04-03 08:01:59", datetime(2025, 4, 3, 8, 1, 59)),
        (SHOP, "45750.3344791667", None),
        (SHOP, "31/04/2025 08:00:00", None),
        (BOSTON, "2011-07-01 01:32:33", datetime(2011, 7, 1, 1, 32, 33)),
        (BOSTON, "2011-07-01T05:32:33Z", datetime(2011, 7, 1, 1, 32, 33)),
        (BOSTON, "2011-12-01T05:32:33Z", datetime(2011, 12, 1, 0, 32, 33)),
    ],
)
def test_a_dialect_reads_its_own_forms_and_zone(
    dialect: Dialect, text: str, moment: datetime | None
) -> None:
    assert parse(text, dialect) == moment
