"""What all worlds share: units, changes, streams of demand, procedures, the months of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.settings import settings
from pipelines.simulator.arrivals import day_weights
from pipelines.simulator.catalogue import demand_weights, read_catalogue
from pipelines.simulator.shops import Network
from pipelines.simulator.trends import DIGITIZED, E_RESULT, ONLINE, Floats, share_at
from pipelines.worktime.vectorised import Integers

FIRST_MONTH, LAST_DAY = date(2021, 1, 1), date(2025, 12, 31)
LEVELS = ("province", "district", "commune")
MIXES = 4
ONLINE_SPREAD = 1.5
"""Of the propensity to be handed in online between procedures, on the logit scale."""
_SEED = 205
_DAYS_OF_TERM = {"working_day": 1.0, "calendar_day": 5 / 7, "hour": 1 / 8, "month": 21.0}
_TERM_USED = 0.5
_LEAST_DAYS = 0.8


@dataclass(frozen=True)
class Ground:
    """Arrays by origin, month and procedure; `units`, `changes` and `shops` as frames.

    `weight` of an origin and month is 0 where it receives nothing. `mixes` are cumulated
    weights of procedures by level: the usual one first, then others towards which demand may
    drift. `is_treated` marks the units of shop mergers, `merged_month` the month of the first.
    """

    units: pl.DataFrame
    changes: pl.DataFrame
    shops: pl.DataFrame
    months: pl.Series
    unit_of_origin: Integers
    level_of_origin: Integers
    weight: Floats
    unit_keys: list[str]
    unit_levels: list[str]
    is_treated: npt.NDArray[np.bool_]
    merged_month: int
    procedure_codes: list[str]
    yields_result: npt.NDArray[np.bool_]
    usual_days: Floats
    online_offset: Floats
    mixes: dict[int, list[Floats]]
    shares: dict[str, Floats]


@cache
def read_ground() -> Ground:
    """Read the reference lists once; sizes as the simulated province has them."""
    network, folder = Network(), settings().reference_dir
    calendar = pl.read_csv(folder / "calendar.csv", try_parse_dates=True)
    months = pl.date_range(FIRST_MONTH, LAST_DAY, "1mo", eager=True)
    units = _read_units()
    changes = _read_changes(units)
    mergers = changes.filter(kind="shop_merger")
    merged: set[str] = {*mergers["from_key"].to_list(), *mergers["to_key"].to_list()}
    keys: list[str] = network.units.with_columns(_key("unit_code", "valid_from"))["key"].to_list()
    catalogue = read_catalogue()
    rng = np.random.default_rng(_SEED)
    days = catalogue.select(
        pl.col("term_value") * pl.col("term_unit").replace_strict(_DAYS_OF_TERM)
    ).to_series()
    middle = months.dt.offset_by("15d").to_numpy().astype("datetime64[s]")
    weights = demand_weights(catalogue)
    return Ground(
        units=units,
        changes=changes,
        shops=_open_days(units, mergers, months, calendar),
        months=months,
        unit_of_origin=network.origins["unit"].to_numpy().astype(np.int64),
        level_of_origin=np.array([LEVELS.index(level) for level in network.origins["level"]]),
        weight=_weights(network.origins, months, calendar),
        unit_keys=keys,
        unit_levels=network.units["level"].to_list(),
        is_treated=np.array([key in merged for key in keys]),
        merged_month=int((months < mergers["effective_on"].min()).sum()),
        procedure_codes=catalogue["procedure_code"].to_list(),
        yields_result=catalogue["yields_result"].to_numpy() == 1,
        usual_days=_LEAST_DAYS + _TERM_USED * days.to_numpy(),
        online_offset=rng.normal(0, ONLINE_SPREAD, catalogue.height),
        mixes={
            place: [np.cumsum(weights[level]), *_other_mixes(rng, weights[level])]
            for place, level in enumerate(LEVELS)
        },
        shares={
            "online": share_at(ONLINE, middle),
            "digitized": share_at(DIGITIZED, middle),
            "e_result": share_at(E_RESULT, middle),
        },
    )


def _key(code: str, valid_from: str) -> pl.Expr:
    return (pl.col(code) + "@" + pl.col(valid_from).fill_null("")).alias("key")


def _read_units() -> pl.DataFrame:
    """The units in the form of `dim_unit`."""
    listed = pl.read_csv(settings().reference_dir / "units.csv", infer_schema=False)
    return listed.select(
        _key("unit_code", "valid_from").alias("unit_key"),
        "unit_code",
        unit_valid_from=pl.col("valid_from").str.to_date(),
        unit_valid_to=pl.col("valid_to").str.to_date(),
        unit_name_vi="name_vi",
        level="level",
        unit_type="unit_type",
        parent_code="parent_code",
    )


def _read_changes(units: pl.DataFrame) -> pl.DataFrame:
    """The changes with the keys and names of both sides."""
    listed = pl.read_csv(settings().reference_dir / "unit_changes.csv", infer_schema=False)
    changes = listed.select(
        "change_id",
        "kind",
        "from_code",
        "to_code",
        effective_on=pl.col("effective_date").str.to_date(),
        date_is_assumed=pl.col("date_is_assumed") == "true",
        share=pl.col("share").cast(pl.Float64),
    )
    for code, key, name, day in (
        ("from_code", "from_key", "name_vi", pl.col("effective_on").dt.offset_by("-1d")),
        ("to_code", "to_key", "to_name_vi", pl.col("effective_on")),
    ):
        changes = changes.join(
            units.select(
                "unit_valid_from",
                "unit_valid_to",
                pl.col("unit_code").alias(code),
                pl.col("unit_key").alias(key),
                pl.col("unit_name_vi").alias(name),
            ),
            on=code,
        ).filter(
            pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= day),
            pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= day),
        )
        changes = changes.drop("unit_valid_from", "unit_valid_to")
    return changes.drop("from_code", "to_code").sort("change_id")


def _weights(origins: pl.DataFrame, months: pl.Series, calendar: pl.DataFrame) -> Floats:
    """The share of all dossiers by origin and month; sums to 1 over both."""
    days, of_day = day_weights(calendar, LAST_DAY)
    month_of_day = np.searchsorted(months.to_numpy().astype("datetime64[D]"), days, "right") - 1
    of_month = np.bincount(month_of_day, of_day, months.len()).astype(np.float64)
    opens = (
        (origins["first_day"].to_numpy()[:, None] <= months.to_numpy())
        & (origins["last_day"].to_numpy()[:, None] >= months.to_numpy())
    )  # fmt: skip
    return origins["weight"].to_numpy()[:, None] * opens * of_month


def _other_mixes(rng: np.random.Generator, usual: Floats) -> list[Floats]:
    drawn = usual * rng.lognormal(0, 1.5, (MIXES, usual.size))
    return [np.cumsum(mix / mix.sum()) for mix in drawn]


def _open_days(
    units: pl.DataFrame, mergers: pl.DataFrame, months: pl.Series, calendar: pl.DataFrame
) -> pl.DataFrame:
    """Working days by month of every unit with a counter of its own; no costs."""
    days = (
        calendar.filter(pl.col("is_working_day") == 1)
        .group_by(month_on=pl.col("date").dt.month_start())
        .agg(open_days_n=pl.len().cast(pl.Int64))
    )
    folded = mergers.select("effective_on", unit_key="from_key")
    return (
        units.join(folded, on="unit_key", how="left")
        .join(months.to_frame("month_on"), how="cross")
        .filter(
            pl.col("unit_valid_from").is_null() | (pl.col("unit_valid_from") <= pl.col("month_on")),
            pl.col("unit_valid_to").is_null() | (pl.col("unit_valid_to") >= pl.col("month_on")),
            pl.col("effective_on").is_null() | (pl.col("effective_on") > pl.col("month_on")),
        )
        .join(days, on="month_on")
        .select("unit_key", "month_on", "open_days_n", cost=pl.lit(None, dtype=pl.Float64))
    )
