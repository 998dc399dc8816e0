"""The three rows of headline tiles of the overview."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard.components.tiles import tile, tile_grid, write_basis
from dashboard.figures import (
    DIGITAL,
    NO_FIGURE,
    TIMELINESS,
    VOLUME,
    Figure,
    compare,
    months_up_to,
)
from dashboard.filters import Filters
from dashboard.i18n import Language
from dashboard.links import link_here
from dashboard.periods import Period
from dashboard.reader import SnapshotReader
from dashboard.theme import current_palette
from pipelines.charts import sparkline

_LEAD = "early_or_on_time_rate"
_SPARK_MONTHS = 13


def headline_sections(
    language: Language,
    reader: SnapshotReader,
    filters: Filters,
    now: Mapping[str, Figure],
    before: Mapping[str, Figure],
    months: pl.DataFrame,
) -> list[str]:
    """Timeliness, digitization and volume, each a titled row of tiles as HTML."""

    period = filters.period
    palette = current_palette()

    def draw(metric: str) -> str:
        spec = reader.metrics[metric]
        figure = now.get(metric, NO_FIGURE)
        year = months_up_to(months, metric, period.last_on, _SPARK_MONTHS)
        return tile(
            language,
            spec,
            figure,
            detail=_detail(language, metric, figure, now, period),
            target=reader.about.target(metric, period.last_on),
            change=compare(spec, figure, before.get(metric, NO_FIGURE)),
            spark=sparkline(year["value"].to_list(), palette),
            is_lead=metric == _LEAD,
            link=link_here(filters, metric=metric),
        )

    definition = language.say_html("hồ sơ có ít nhất một thành phần được số hóa")
    return [
        tile_grid(language.say("Thời hạn giải quyết"), [draw(m) for m in TIMELINESS]),
        tile_grid(language.say("Khối lượng"), [draw(m) for m in VOLUME]),
        tile_grid(
            language.say("Số hóa và trực tuyến"),
            [draw(m) for m in DIGITAL],
            note=f"{language.say_html('Số hóa')}: {definition}",
        ),
    ]


def _detail(
    language: Language,
    metric: str,
    figure: Figure,
    now: Mapping[str, Figure],
    period: Period,
) -> str:
    populations = {
        "early_or_on_time_rate": language.say("hồ sơ đã giải quyết"),
        "early_rate": language.say("hồ sơ đã giải quyết"),
        "on_time_rate": language.say("hồ sơ đã giải quyết"),
        "late_rate": language.say("hồ sơ đã giải quyết"),
        "digitization_rate": language.say("hồ sơ tiếp nhận"),
        "digitization_full_rate": language.say("hồ sơ đã giải quyết"),
        "digitization_item_rate": language.say("thành phần hồ sơ"),
        "online_rate": language.say("hồ sơ tiếp nhận"),
        "e_result_rate": language.say("hồ sơ phải trả kết quả"),
    }
    if metric in populations:
        return write_basis(language, figure, populations[metric])
    if metric == "received":
        return language.say("tính theo ngày tiếp nhận")
    if metric == "resolved":
        return language.say("tính theo ngày kết thúc xử lý")
    numbers = language.numbers
    if metric == "open":
        return language.say("tại ngày {day}", day=numbers.day(period.last_on))
    total = numbers.count(now.get("open", NO_FIGURE).value)
    return language.say("trong {total} hồ sơ đang giải quyết", total=total)
