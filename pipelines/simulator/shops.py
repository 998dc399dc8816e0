"""The shops of the province over time, the systems they work in, and where demand arises.

Real units (`reference/units.csv`, `unit_changes.csv`) with synthetic shop codes
(`unit_codes.csv`) and invented sizes. An *origin* is a stream of demand: who receives it,
from when until when, at which level of procedures. Shop mergers and the network of 01/07/2025
are nothing but origins that end and origins that begin.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.settings import settings

SIZES_SEED = 193
LEVEL_DEMAND = {"province": 0.22, "district": 0.36, "commune": 0.42}
_FIRST_DAY = date(2019, 1, 1)
_LAST_DAY = date(2099, 12, 31)
CENTRE = "centre"
# two shops without an API: their unit codes and names stay the same in July 2025
FILE_SHOPS = {"lung-cu-commune": "00715", "nam-dan-commune": "01141"}


@dataclass(frozen=True)
class System:
    """One case system of the province: its id (ASCII), its name, the units that use it."""

    system_id: str
    name_vi: str
    unit_codes: tuple[str, ...]


class Network:
    """Units that receive dossiers (`units`) and streams of demand (`origins`).

    `units`: unit (position), unit_code, valid_from (ISO or null), name_vi, level, edoc_code,
    system, shop (inbox of a shop without an API, else null). `origins`: unit, level of the
    procedures, first_day, last_day (receptions, inclusive), weight (sums to 1 on every day).
    """

    def __init__(self, reference: Path | None = None) -> None:
        """Read the reference lists; `ValueError` names a file shop that is not there."""
        folder = reference or settings().reference_dir
        self._units = pl.read_csv(folder / "units.csv", infer_schema=False)
        self._changes = pl.read_csv(folder / "unit_changes.csv", infer_schema=False)
        self._codes = pl.read_csv(folder / "unit_codes.csv", infer_schema=False)
        known = set(self._units.filter(level="commune")["unit_code"].to_list())
        for shop, code in FILE_SHOPS.items():
            if code not in known:
                raise ValueError(f"units.csv: no commune {code} for the shop {shop}")

    @cached_property
    def units(self) -> pl.DataFrame:
        """See the class."""
        shop = {code: shop for shop, code in FILE_SHOPS.items()}
        return (
            self._units.filter(pl.col("level") != "area")
            .join(
                self._codes.select("unit_code", "valid_from", "edoc_code"),
                on=["unit_code", "valid_from"],
                nulls_equal=True,
                maintain_order="left",
            )
            .with_row_index("unit")
            .with_columns(
                system=pl.struct("unit_code", "valid_from", "level", "parent_code").map_elements(
                    self._system_of, return_dtype=pl.String
                ),
                shop=pl.col("unit_code").replace_strict(
                    shop, default=None, return_dtype=pl.String
                ),
            )
            .select(
                "unit", "unit_code", "valid_from", "valid_to", "name_vi", "level",
                "edoc_code", "system", "shop",
            )
        )  # fmt: skip

    @cached_property
    def origins(self) -> pl.DataFrame:
        """See the class."""
        weights = self._weights()
        rows = self._old_origins(weights) + self._new_origins(weights)
        position = {
            (code, valid_from): unit
            for unit, code, valid_from in self.units.select(
                "unit", "unit_code", "valid_from"
            ).iter_rows()
        }
        return pl.DataFrame(
            [(position[code, since], *rest) for code, since, *rest in rows],
            schema={
                "unit": pl.Int64,
                "level": pl.String,
                "first_day": pl.Date,
                "last_day": pl.Date,
                "weight": pl.Float64,
            },
            orient="row",
        )

    @cached_property
    def systems(self) -> list[System]:
        """The twelve systems: the centre first, then the districts by code."""
        codes = {
            str(system): tuple(sorted(set(group["unit_code"].to_list())))
            for (system,), group in self.units.filter(pl.col("shop").is_null()).group_by("system")
        }
        names = {CENTRE: "Trung tâm phục vụ hành chính công tỉnh"}
        for name, system in zip(
            self._districts["name_vi"], self._district_systems.values(), strict=True
        ):
            names[system] = f"Bộ phận một cửa khu vực {name[0].lower()}{name[1:]}"
        return [System(key, name, codes[key]) for key, name in names.items()]

    @cached_property
    def file_shops(self) -> list[System]:
        """The shops that deliver files, in the form of a system."""
        shops = self.units.filter(pl.col("shop").is_not_null())
        return [
            System(
                shop,
                f"Bộ phận một cửa {name[0].lower()}{name[1:]}",
                tuple(sorted(set(shops.filter(shop=shop)["unit_code"].to_list()))),
            )
            for shop in FILE_SHOPS
            for name in shops.filter(shop=shop)["name_vi"].to_list()[:1]
        ]

    def shops_on(self, day: date) -> int:
        """How many units receive dossiers on a day."""
        return self.origins.filter(pl.lit(day).is_between(pl.col("first_day"), pl.col("last_day")))[
            "unit"
        ].n_unique()

    @cached_property
    def _network_change(self) -> date:
        change = self._changes.filter(kind="unit_abolished")["effective_date"].unique()
        return date.fromisoformat(change.item())

    @cached_property
    def _districts(self) -> pl.DataFrame:
        return self._units.filter(level="district").sort("unit_code")

    @cached_property
    def _old_communes(self) -> pl.DataFrame:
        return self._units.filter((pl.col("level") == "commune") & pl.col("valid_from").is_null())

    @cached_property
    def _district_systems(self) -> dict[str, str]:
        return {
            code: system_id(name)
            for code, name in self._districts.select("unit_code", "name_vi").iter_rows()
        }

    @cached_property
    def _successors(self) -> pl.DataFrame:
        """from_code, to_code, parent_code of an old commune and its default successor."""
        return (
            self._changes.filter(
                pl.col("kind").is_in(["unit_merger", "unit_split"])
                & (pl.col("is_default") == "true")
            )
            .select("from_code", "to_code")
            .join(
                self._old_communes.select("unit_code", "parent_code"),
                left_on="from_code",
                right_on="unit_code",
            )
            .sort("to_code", "from_code")
        )

    @cached_property
    def _district_of_new(self) -> dict[str, str]:
        """The former district from which most of a new commune came (ties: lower code)."""
        counted = (
            self._successors.group_by("to_code", "parent_code")
            .len()
            .sort(["to_code", "len", "parent_code"], descending=[False, True, False])
            .unique("to_code", keep="first", maintain_order=True)
        )
        return dict(counted.select("to_code", "parent_code").iter_rows())

    def _system_of(self, unit: dict[str, str | None]) -> str:
        code = str(unit["unit_code"])
        if unit["level"] == "province":
            return CENTRE
        if unit["level"] == "district":
            return self._district_systems[code]
        parent = str(unit["parent_code"]) if unit["valid_from"] is None else None
        return self._district_systems[parent or self._district_of_new[code]]

    def _weights(self) -> dict[str, float]:
        """Demand of the units before July 2025 as a share of the province's."""
        rng = np.random.default_rng(SIZES_SEED)
        result: dict[str, float] = {}
        old = self._units.filter(pl.col("valid_from").is_null() & (pl.col("level") != "area"))
        for level, demand in LEVEL_DEMAND.items():
            units = old.filter(level=level).sort("unit_code")
            size = rng.lognormal(0.0, 0.35, units.height)
            size *= np.where(units["unit_type"].is_in(["phuong", "thi_tran"]).to_numpy(), 2.0, 1.0)
            shares = demand * size / size.sum()
            result |= dict(zip(units["unit_code"].to_list(), shares.tolist(), strict=True))
        return result

    def _old_origins(
        self, weights: dict[str, float]
    ) -> list[tuple[str, str | None, str, date, date, float]]:
        merged = {
            code: (date.fromisoformat(day), to)
            for code, day, to in self._changes.filter(kind="shop_merger")
            .select("from_code", "effective_date", "to_code")
            .iter_rows()
        }
        end = self._network_change - timedelta(days=1)
        levels = dict(
            self._units.filter(pl.col("valid_from").is_null())
            .select("unit_code", "level")
            .iter_rows()
        )
        rows: list[tuple[str, str | None, str, date, date, float]] = []
        for code, weight in weights.items():
            level = levels[code]
            if code not in merged:
                rows.append((code, None, level, _FIRST_DAY, end, weight))
                continue
            day, receiver = merged[code]
            rows.append((code, None, level, _FIRST_DAY, day - timedelta(days=1), weight))
            rows.append((receiver, None, level, day, end, weight))
        return rows

    def _new_origins(
        self, weights: dict[str, float]
    ) -> list[tuple[str, str | None, str, date, date, float]]:
        """The new communes take over their predecessors' demand and that of the districts."""
        start = self._network_change
        since = start.isoformat()
        siblings: dict[str, int] = {}
        for parent in self._successors["parent_code"]:
            siblings[parent] = siblings.get(parent, 0) + 1
        commune: dict[str, float] = {}
        district: dict[str, float] = {}
        for old, new, parent in self._successors.iter_rows():
            commune[new] = commune.get(new, 0.0) + weights[old]
            district[new] = district.get(new, 0.0) + weights[parent] / siblings[parent]
        centre = self._units.filter(
            (pl.col("level") == "province") & (pl.col("valid_from") == since)
        )
        rows: list[tuple[str, str | None, str, date, date, float]] = [
            (centre["unit_code"].item(), since, "province", start, _LAST_DAY,
             LEVEL_DEMAND["province"])
        ]  # fmt: skip
        for level, demand in (("commune", commune), ("district", district)):
            rows += [
                (code, since, level, start, _LAST_DAY, weight) for code, weight in demand.items()
            ]
        return rows


def system_id(district_name_vi: str) -> str:
    """`Huyện Vị Xuyên` → `vi-xuyen-district`, `Thành phố Hà Giang` → `ha-giang-city`."""
    name = district_name_vi.replace("đ", "d").replace("Đ", "D")
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    kind, bare = (
        ("city", plain.removeprefix("thanh pho "))
        if plain.startswith("thanh pho ")
        else ("district", plain.removeprefix("huyen "))
    )
    return f"{re.sub(r'[^a-z0-9]+', '-', bare)}-{kind}"
