"""Which unit became which, as bands: of one district by unit, of the whole by district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard.components.merger_words import name_kind
from dashboard.i18n import Language
from dashboard.mergers import WHOLE, changes_of
from dashboard.network import short_district
from dashboard.reader import SnapshotReader
from dashboard.theme import current_palette
from pipelines.charts import FlowBand, FlowNode, band_colours, flow_picture

_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
_SHOP = "shop:"  # a counter is another node than its unit
_SHOP_WIDTH = 9.0  # of a counter beside districts, which are as wide as they have communes
_TOO_MANY = 40  # communes on one side that can still be read


def show_flow(language: Language, reader: SnapshotReader, district: str) -> None:
    """The picture with its legend; a word where nothing was changed."""
    changes = changes_of(reader.unit_changes, district).filter(pl.col("from_level") != "province")
    if changes.is_empty():
        st.html(f'<p class="mc-nothing">{language.say_html("Không có thay đổi nào.")}</p>')
        return
    is_whole = district == WHOLE and changes.height > _TOO_MANY
    units = reader.about.units.select("unit_code", "unit_name_vi").iter_rows()
    names = {code: short_district(name) for code, name in units}
    if is_whole:
        nodes, bands = _by_district(language, names, changes)
    else:
        nodes, bands = _by_unit(language, names, changes.to_dicts(), district)
    figure = flow_picture(nodes, bands, palette=current_palette())
    kinds = dict.fromkeys(changes["kind"].to_list())
    described = language.say(
        "Sơ đồ {before} đơn vị thành {after} đơn vị; chi tiết ở bảng bên dưới",
        before=changes["from_key"].n_unique(),
        after=changes["to_key"].n_unique(),
    )
    st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
        figure, theme=None, config=_CONFIG, key="flow", alt=described
    )
    st.html(_legend(language, kinds, is_whole=is_whole))


def _by_unit(
    language: Language, districts: Mapping[str, str], rows: list[dict[str, Any]], district: str
) -> tuple[list[FlowNode], list[FlowBand]]:
    """Every unit a node; those that went together stand together, a split one with its heir."""
    order = {"unit_merger": 0, "unit_split": 0, "shop_merger": 1, "unit_abolished": 2}
    heirs = {(row["kind"], row["from_key"]): row["to_key"] for row in rows if row["is_default"]}
    rows.sort(
        key=lambda row: (
            order[row["kind"]],
            heirs.get((row["kind"], row["from_key"]), row["to_key"]),
            row["from_key"],
        )
    )
    shares = _shares(language, rows)
    nodes: dict[str, FlowNode] = {}
    bands: list[FlowBand] = []
    for row in rows:
        before, after = _ends(row)
        name = str(row["from_name_vi"])
        if row["from_level"] == "commune" and row["from_district_code"] != district != WHOLE:
            name = f"{name} ({districts[row['from_district_code']]})"
        label = f"{name}  ◇ {shares[row['from_key']]}" if row["kind"] == "unit_split" else name
        target = str(row["to_name_vi"])
        if row["kind"] == "unit_abolished":
            target = language.say("Khu vực huyện cũ")
        nodes.setdefault(before, FlowNode(before, label, escape(name)))
        nodes.setdefault(after, FlowNode(after, target, escape(target)))
        bands.append(FlowBand(before, after, row["kind"], row["share"], _tell(language, row)))
    return list(nodes.values()), bands


def _by_district(
    language: Language, names: Mapping[str, str], changes: pl.DataFrame
) -> tuple[list[FlowNode], list[FlowBand]]:
    """Districts on the left, their areas on the right, as wide as the communes that went.

    Counters that were folded into another stand below, one by one.
    """
    communes = changes.filter(pl.col("from_level") == "commune", pl.col("is_default")).filter(
        pl.col("kind") != "shop_merger"
    )
    widths = (
        communes.group_by("from_district_code", "to_district_code")
        .agg(pl.len().alias("units"))
        .sort("from_district_code", "to_district_code")
    )
    nodes: list[FlowNode] = []
    for side, code in (("from_key", "from_district_code"), ("to_key", "to_district_code")):
        counts = communes.group_by(code).agg(pl.col(side).n_unique().alias("units")).sort(code)
        for district, count in counts.iter_rows():
            told = language.say(
                "{name}: {count} xã, phường, thị trấn", name=names[district], count=count
            )
            nodes.append(FlowNode(district, f"{names[district]} · {count}", told))
    bands = [
        FlowBand(
            before,
            after,
            "unit_merger" if after == f"area-{before}" else "unit_split",
            count,
            language.say(
                "{count} xã, phường: {before} → {after}",
                count=count,
                before=names[before],
                after=names[after],
            ),
        )
        for before, after, count in widths.iter_rows()
    ]
    folded = changes.filter(pl.col("kind") == "shop_merger").to_dicts()
    shop_nodes, shop_bands = _by_unit(language, names, folded, WHOLE)
    return nodes + shop_nodes, bands + [replace(band, size=_SHOP_WIDTH) for band in shop_bands]


def _ends(row: Mapping[str, Any]) -> tuple[str, str]:
    """The nodes of a change; a shop merger joins counters, and the district's counter ends."""
    if row["kind"] == "shop_merger":
        return _SHOP + row["from_key"], _SHOP + row["to_key"]
    if row["kind"] == "unit_abolished":
        return _SHOP + row["from_key"], row["to_key"]
    return row["from_key"], row["to_key"]


def _shares(language: Language, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The shares of a split unit in the order of size, as `100 % / 0 %`."""
    shares: dict[str, list[float]] = {}
    for row in rows:
        shares.setdefault(row["from_key"], []).append(row["share"])
    percent = language.numbers.percent
    return {
        key: " / ".join(percent(share, 0) for share in sorted(own, reverse=True))
        for key, own in shares.items()
    }


def _tell(language: Language, row: Mapping[str, Any]) -> str:
    numbers = language.numbers
    share = language.say("tỷ lệ {share}", share=numbers.percent(row["share"], 0))
    if row["share_is_assumed"]:
        share = language.say("{share} (giả định)", share=share)
    day = numbers.day(row["effective_on"])
    if row["date_is_assumed"]:
        day = language.say("{day} (ngày giả định)", day=day)
    names = f"{row['from_name_vi']} → {row['to_name_vi']}"
    return "<br>".join(
        escape(line) for line in (names, f"{name_kind(language, row['kind'])} · {share}", day)
    )


def _legend(language: Language, present: Iterable[str], *, is_whole: bool) -> str:
    colours = band_colours(current_palette())
    if is_whole:
        words = {
            "unit_merger": language.say("xã, phường ở lại địa bàn huyện cũ"),
            "unit_split": language.say("xã, phường sang địa bàn huyện khác"),
            "shop_merger": language.say("mỗi dải một bộ phận một cửa đã gộp"),
        }
    else:
        words = {kind: name_kind(language, kind) for kind in colours if kind in set(present)}
    swatches = "".join(
        f'<span><i style="background:{colours[kind]}"></i>{escape(word)}</span>'
        for kind, word in words.items()
    )
    return f'<div class="mc-legend">{swatches}</div>'
