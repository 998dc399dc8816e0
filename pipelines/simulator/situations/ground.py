"""Where situations fall: units by code and time, units by size, units that took others in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.settings import settings
from pipelines.simulator.arrivals import FIRST_RECEPTION
from pipelines.simulator.plan import Province
from pipelines.simulator.situations.model import PlantedUnit, Situation
from pipelines.simulator.situations.parse import ALL_UNITS, LARGEST_UNIT
from pipelines.worktime.vectorised import Booleans, Integers


class Ground:
    """The units of a province with what situations must know of them, by row of `units`."""

    def __init__(self, province: Province, reference: Path | None = None) -> None:
        """Take the province's units and origins; the changes of units from the reference."""
        folder = reference or settings().reference_dir
        self.province = province
        self._changes = pl.read_csv(folder / "unit_changes.csv", infer_schema=False).filter(
            pl.col("is_default") == "true"
        )
        self._life = (
            province.units.select("unit", "unit_code", "valid_from", "level", "shop")
            .join(
                province.origins.group_by("unit").agg(
                    pl.col("first_day").min().clip(lower_bound=FIRST_RECEPTION),
                    pl.col("last_day").max(),
                ),
                on="unit",
                how="left",
            )
            .sort("unit")
        )

    @property
    def opens(self) -> Integers:
        """The first moment at which each unit takes submissions, in epoch seconds."""
        return self._life["first_day"].cast(pl.Datetime("ms")).dt.epoch("s").to_numpy()

    @property
    def receives_until(self) -> Integers:
        """The last second at which each unit receives, in epoch seconds."""
        last = self._life["last_day"].cast(pl.Datetime("ms")).dt.epoch("s").to_numpy()
        return last + 86_399

    @property
    def tells_supplements(self) -> Booleans:
        """Whether a unit's records have a list of supplements (a shop with CSV files has none)."""
        return self._life["shop"].is_null().to_numpy()

    @property
    def no_units(self) -> pl.DataFrame:
        """unit, unit_code, valid_from of no unit: what is planted is planted everywhere."""
        return self._life.head(0)

    def units_of(self, situation: Situation) -> pl.DataFrame:
        """unit, unit_code, valid_from of the units named; empty where all are meant.

        `ValueError` where no unit of that code receives dossiers in the stretch.
        """
        code = situation.text("unit")
        if code == ALL_UNITS:
            return self.no_units
        first, last = situation.day("from"), situation.day("to")
        open_then = self._life.filter(pl.col("first_day") <= last, pl.col("last_day") >= first)
        if code == LARGEST_UNIT:
            return open_then.filter(pl.col("unit") == self._largest(first))
        found = open_then.filter(unit_code=code)
        if found.is_empty():
            raise ValueError(
                f"{situation.name}: unit: no unit {code} receives dossiers from {first} to {last}"
            )
        return found

    def receivers(self, change: str) -> pl.DataFrame:
        """Units that took others in: unit, unit_code, valid_from, dose, first_day.

        `shop`: the district shops into which a counter was folded, dose = counters folded in.
        `network`: the new communes, dose = old communes beyond the first that went into one
        (a commune made of one old one has no dose and is absent). `both`: all of them.
        """
        shops = (
            self._changes.filter(kind="shop_merger")
            .group_by("to_code")
            .agg(pl.len().alias("dose"), pl.col("effective_date").min())
            .with_columns(valid_from=pl.lit(None, dtype=pl.String))
        )
        merged = (
            self._changes.filter(pl.col("kind").is_in(["unit_merger", "unit_split"]))
            .filter(pl.col("from_code").str.len_chars() == 5)
            .group_by("to_code", "effective_date")
            .agg(dose=pl.col("from_code").n_unique() - 1)
            .filter(pl.col("dose") > 0)
            .with_columns(valid_from=pl.col("effective_date"))
        )
        columns = ["to_code", "valid_from", "dose", "effective_date"]
        chosen = {"shop": [shops], "network": [merged], "both": [shops, merged]}[change]
        return (
            pl.concat([frame.select(columns) for frame in chosen])
            .join(
                self._life.select("unit", "unit_code", "valid_from"),
                left_on=["to_code", "valid_from"],
                right_on=["unit_code", "valid_from"],
                nulls_equal=True,
            )
            .select(
                "unit",
                pl.col("to_code").alias("unit_code"),
                "valid_from",
                pl.col("dose").cast(pl.Int64),
                first_day=pl.col("effective_date").str.to_date(),
            )
            .sort("unit")
        )

    def treated(self) -> pl.DataFrame:
        """unit, unit_code, valid_from of all that merged, before and after: both sides of it."""
        receivers = self.receivers("both")
        new = receivers.filter(pl.col("valid_from").is_not_null())["unit_code"]
        old = self._changes.filter(
            pl.col("kind").is_in(["shop_merger"])
            | (
                pl.col("kind").is_in(["unit_merger", "unit_split"])
                & pl.col("to_code").is_in(new.implode())
            )
        )["from_code"]
        before = self._life.filter(
            pl.col("valid_from").is_null() & pl.col("unit_code").is_in(old.implode())
        )
        columns = ["unit", "unit_code", "valid_from"]
        return pl.concat([before.select(columns), receivers.select(columns)]).unique().sort("unit")

    def per_unit(self, units: pl.DataFrame, column: str) -> Integers:
        """A column of some units as an array by row of `units`, 0 for the others."""
        values = np.zeros(self._life.height, dtype=np.int64)
        values[units["unit"].to_numpy()] = units[column].to_numpy()
        return values

    def has_field(self, field_code: str) -> Booleans:
        """Whether each procedure of the catalogue is of a field; `ValueError` if none is."""
        found = (self.province.catalogue["field_code"] == field_code).to_numpy()
        if not found.any():
            raise ValueError(f"slow_step: field: no procedure of field {field_code}")
        return found

    def _largest(self, day: date) -> int:
        """The unit with the most demand on a day, the centre apart (ties: the first)."""
        return (
            self.province.origins.filter(
                pl.col("first_day") <= day,
                pl.col("last_day") >= day,
            )
            .join(self._life.select("unit", unit_level="level"), on="unit")
            .filter(pl.col("unit_level") != "province")
            .group_by("unit")
            .agg(pl.col("weight").sum())
            .sort(["weight", "unit"], descending=[True, False])["unit"][0]
        )


def planted_units(units: pl.DataFrame) -> tuple[PlantedUnit, ...]:
    """Units as `truth.json` names them."""
    dosed = units if "dose" in units.columns else units.with_columns(dose=pl.lit(1))
    return tuple(
        PlantedUnit(code, valid_from, dose)
        for code, valid_from, dose in dosed.select("unit_code", "valid_from", "dose").iter_rows()
    )
