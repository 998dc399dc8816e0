"""What a snapshot says about itself: its age, place, silence and targets."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import polars as pl

from pipelines.serving.ground import describe_place
from pipelines.serving.metrics.boundaries import last_change_on
from pipelines.serving.metrics.snapshot import SealedSnapshot

_SHOPS = """
select unit_key, unit_name_vi, district_name_vi, last_heard_at, is_silent
from motcua.dq_shop
order by last_heard_at nulls first, unit_name_vi
"""
_FAILED = """
select source, feed, last_status, last_complete_pull_at
from motcua.dq_source where last_status <> 'ok' order by source, feed
"""
_UNITS = """
select unit_key, unit_code, unit_valid_from, unit_valid_to, unit_name_vi, level, district_code
from motcua.dim_unit
"""


@dataclass(frozen=True)
class Target:
    """A target as a fraction 0-1 or a count, with its validity; `direction` is up or down."""

    metric: str
    direction: str
    value: float
    valid_from: date
    valid_to: date | None

    def covers(self, day: date) -> bool:
        """Whether the target is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def is_met(self, value: float) -> bool:
        """Whether a value, unrounded, reaches the target."""
        return value <= self.value if self.direction == "down" else value >= self.value


@dataclass(frozen=True)
class SilentShop:
    """A shop in force that told nothing for longer than the rule allows."""

    name_vi: str
    district_name_vi: str | None
    last_heard_at: datetime | None
    unit_key: str = ""


@dataclass(frozen=True)
class FailedSource:
    """A source whose last pull was not complete."""

    source: str
    feed: str
    status: str
    last_complete_pull_at: datetime | None


@dataclass(frozen=True)
class About:
    """Facts of one snapshot.

    `units`: unit_key, unit_code, unit_valid_from, unit_valid_to, unit_name_vi, level,
    district_code. `province_vi` is None for a log of another place, which brings its own units.
    `former_vi` and `communes` speak of the former province's ground inside the present one.
    `shop_units` are the keys of the units with a shop. `own_vi` names the units that all of it was
    narrowed to, empty for the whole.
    `boundaries_from` is the day from which today's boundaries are in force, after `as_of` where
    they are planned; None where nothing ever changed, and in a snapshot that does not keep them.
    """

    version: str
    published_at: datetime
    as_of: date
    code_revision: str
    rules_hash: str
    is_synthetic: bool
    province_vi: str | None
    former_vi: str | None
    communes: int
    shops: int
    silent: tuple[SilentShop, ...]
    failed: tuple[FailedSource, ...]
    targets: tuple[Target, ...]
    units: pl.DataFrame
    shop_units: frozenset[str] = frozenset()
    own_vi: tuple[str, ...] = ()
    boundaries_from: date | None = None

    def target(self, metric: str, day: date) -> Target | None:
        """The target of a metric in force on a day."""
        return next((t for t in self.targets if t.metric == metric and t.covers(day)), None)


def read_about(snapshot_file: Path) -> About:
    """Read the facts of a snapshot file. Raises `SnapshotError` where it is none."""
    with contextlib.closing(SealedSnapshot(snapshot_file)) as snapshot:
        meta = dict(snapshot.run("select key, value from motcua.meta").iter_rows())
        units, successors = snapshot.run(_UNITS), snapshot.find_successors()
        shops = snapshot.run(_SHOPS)
        failed = [FailedSource(*row) for row in snapshot.run(_FAILED).iter_rows()]
        targets = snapshot.run(
            "select metric, direction, target, valid_from, valid_to from motcua.dim_target"
        )
    as_of = date.fromisoformat(meta["data_as_of"][:10])
    place = describe_place(units, as_of)
    silent = shops.filter("is_silent").select(
        "unit_name_vi", "district_name_vi", "last_heard_at", "unit_key"
    )
    return About(
        version=meta["version"],
        published_at=datetime.fromisoformat(meta["published_at"]),
        as_of=as_of,
        code_revision=meta["code_revision"],
        rules_hash=meta["rules_hash"],
        is_synthetic=meta.get("is_synthetic") == "true",
        province_vi=place.province_vi,
        former_vi=place.former_vi,
        communes=place.communes,
        shops=shops.height,
        silent=tuple(SilentShop(*row) for row in silent.iter_rows()),
        failed=tuple(failed),
        targets=tuple(Target(*cast("Any", row)) for row in targets.iter_rows()),
        units=units,
        shop_units=frozenset(shops["unit_key"]),
        boundaries_from=last_change_on(successors),
    )


def narrow_about(about: About, own: frozenset[str]) -> About:
    """The facts as far as they speak of some units, by their keys.

    Which sources failed is left out: a source may speak for units of others.
    """
    units = about.units.filter(pl.col("unit_key").is_in(list(own))).sort(
        "unit_valid_from", "unit_code", nulls_last=False
    )
    return replace(
        about,
        shops=len(own & about.shop_units),
        silent=tuple(shop for shop in about.silent if shop.unit_key in own),
        failed=(),
        units=units,
        shop_units=own & about.shop_units,
        own_vi=tuple(dict.fromkeys(units["unit_name_vi"])),
    )
