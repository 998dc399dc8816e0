"""The cells of time an answer has: their labels and their days."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.serving.metrics.query import MetricQuery
from pipelines.serving.metrics.snapshot import Dimensions

_EVERY = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
_LABELS = {
    "day": pl.col("start").dt.strftime("%Y-%m-%d"),
    "week": pl.col("start").dt.strftime("%G-W%V"),
    "month": pl.col("start").dt.strftime("%Y-%m"),
    "quarter": pl.format("{}Q{}", pl.col("start").dt.year(), pl.col("start").dt.quarter()),
    "year": pl.col("start").dt.strftime("%Y"),
}


def list_cells(query: MetricQuery, dimensions: Dimensions) -> pl.DataFrame:
    """The cells from the first to the last day asked, up to the data's own date.

    One row per cell: start (first day of the whole cell, by which answers are joined), label
    (`2025-06-14`, `2025-W24` as in ISO 8601, `2025-06`, `2025Q2`, `2025`), first_on and
    last_on (its days within the period), is_known (false where it lies before the first day of
    the data), is_whole (whether the period asked for covers all its days up to the data's own
    date). Without a grain of time there is always one cell. No other cell lies after the data's
    own date.
    """
    opening = dimensions.first_day or dimensions.as_of
    first = query.date_from or min(opening, query.date_to or opening)
    last = min(query.date_to or dimensions.as_of, dimensions.as_of)
    grain = query.grain
    if grain is None:
        cells = pl.DataFrame({"start": [first], "first_on": [first], "last_on": [last]})
        is_whole = pl.lit(value=True)
        label, is_known = pl.lit(None, dtype=pl.String), pl.lit(opening <= last >= first)
    else:
        days = pl.DataFrame({"day": _days(first, last)})
        start = pl.col("day").dt.truncate(_EVERY[grain])
        cells = days.group_by(start=start).agg(
            first_on=pl.col("day").min(), last_on=pl.col("day").max()
        )
        end = pl.col("start").dt.offset_by(_EVERY[grain]).dt.offset_by("-1d")
        is_whole = pl.lit(query.date_from is None) | (pl.col("first_on") == pl.col("start"))
        is_whole &= (pl.col("last_on") == end) | (pl.col("last_on") == dimensions.as_of)
        label, is_known = _LABELS[grain], pl.col("last_on") >= opening
    return cells.with_columns(label=label, is_known=is_known, is_whole=is_whole).sort("start")


def _days(first: date, last: date) -> pl.Series:
    if first > last:
        return pl.Series("day", [], dtype=pl.Date)
    return pl.date_range(first, last, "1d", eager=True)
