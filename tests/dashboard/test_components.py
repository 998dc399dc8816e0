from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations, product

import pytest

from dashboard.about import About, FailedSource, SilentShop, Target
from dashboard.components.header import page_header
from dashboard.components.tables import COLUMNS, TableRow, figure_table
from dashboard.components.tiles import tile
from dashboard.figures import Change, Figure
from dashboard.i18n import Language
from pipelines.charts import DARK, PALETTE, Palette
from pipelines.serving.metrics import MetricSpec
from pipelines.settings import PROJECT_ROOT, now, settings

MakeSpec = Callable[..., MetricSpec]
MakeAbout = Callable[..., About]
VI = Language("vi")
NOTHING = Figure(0, 0, None, None)
SIGHTS = {
    # Machado, Oliveira and Fernandes 2009, severity 1, on linear light
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
AIM = Target("late_rate", "down", 0.02, date(2024, 1, 1), None)


def draw(spec: MetricSpec, figure: Figure, change: Change | None = None) -> str:
    return tile(VI, spec, figure, detail="3 / 100", target=AIM, change=change, spark=None)


def test_nothing_over_nothing_is_a_dash_with_its_reason(make_spec: MakeSpec) -> None:
    html = draw(make_spec(), NOTHING)
    assert '<span class="mc-value">–</span>' in html
    assert "Không có hồ sơ để tính" in html
    assert "Đạt" not in html
    assert "100,00" not in html


@pytest.mark.parametrize(("late", "word"), [(2, "<b>Đạt</b>"), (3, "<b>Chưa đạt</b>")])
def test_a_target_is_met_or_not_in_words(make_spec: MakeSpec, late: int, word: str) -> None:
    html = draw(make_spec(), Figure(late, 100, late / 100, None))
    assert word in html
    assert "mục tiêu ≤ 2,00" in html


def test_a_change_says_which_way_is_good(make_spec: MakeSpec) -> None:
    figure = Figure(3, 100, 0.03, None)
    html = draw(make_spec(), figure, Change(-0.01, is_points=True, verdict="better"))
    assert "\N{MINUS SIGN}1,00 điểm % so với cùng kỳ" in html
    assert "(tốt hơn)" in html
    assert "Không có cùng kỳ để so sánh" in draw(make_spec(), figure)


def test_a_small_share_is_greyed_and_not_judged(make_spec: MakeSpec) -> None:
    html = draw(make_spec(), Figure(1, 6, 1 / 6, None))
    assert '<span class="mc-value mc-small">16,67' in html
    assert "Mẫu số dưới 30: không so sánh" in html
    assert "<b>" not in html


def test_the_table_greys_small_shares_and_keeps_nothing_empty(make_spec: MakeSpec) -> None:
    rates = ("early_rate", "on_time_rate", "late_rate", "e_result_rate")
    metrics = {m: make_spec(m, "ratio" if m.endswith("_rate") else "count") for m in COLUMNS}
    figures = {m: Figure(3, 12, 0.25, None) for m in rates} | {"received": NOTHING}
    row = TableRow("Xã <Một>", figures, absent=Figure(None, None, None, "unit_ended"))
    html = figure_table(VI, metrics, [row], caption="Bảng", first_column="Đơn vị")
    assert "Xã &lt;Một&gt;" in html
    assert html.count('class="mc-small"') == len(rates)
    assert html.count('title="Đơn vị đã kết thúc hoạt động">–<') == len(COLUMNS) - 5
    assert "0,00" not in html


def test_the_header_says_of_where_and_when(make_about: MakeAbout) -> None:
    html = page_header(VI, make_about(), title="Tổng quan", definition="ii06a")
    assert "Tỉnh Tuyên Quang · địa bàn Hà Giang cũ (73 xã, phường)" in html
    assert "30/06/2026" in html
    assert "theo biểu II.06a, so theo ngày" in html
    assert "0 / 74 bộ phận một cửa chưa gửi số liệu mới" in html
    assert "06:05 01/07/2026" in html
    assert "DỮ LIỆU TỔNG HỢP" not in html


def test_the_header_warns(make_about: MakeAbout) -> None:
    about = make_about(
        is_synthetic=True,
        silent=(SilentShop("Xã Sơn Vĩ", None, None),),
        failed=(FailedSource("bac-me", "dossiers", "failed", datetime(2026, 6, 1)),),
    )
    html = page_header(VI, about, title="Tổng quan", definition="ii06a")
    assert "DỮ LIỆU TỔNG HỢP (mô phỏng)" in html
    assert "1 / 74 bộ phận một cửa" in html
    assert "Xã Sơn Vĩ" in html
    assert "1 nguồn kết nối lỗi" in html


def test_old_figures_say_since_when(make_about: MakeAbout) -> None:
    fresh, limit = now().date(), timedelta(days=settings().stale_after_days)

    def header(as_of: date, *, is_synthetic: bool = False) -> str:
        about = make_about(as_of=as_of, is_synthetic=is_synthetic)
        return page_header(VI, about, title="", definition="ii06a")

    old = fresh - limit - timedelta(days=1)
    assert f"SỐ LIỆU CŨ: không có gì mới từ {old:%d/%m/%Y}" in header(old)
    assert "SỐ LIỆU CŨ" not in header(fresh - limit)
    assert "SỐ LIỆU CŨ" not in header(old, is_synthetic=True)


def test_before_the_merger_the_province_stands_alone(make_about: MakeAbout) -> None:
    about = make_about(province_vi="Tỉnh Hà Giang", former_vi=None)
    html = page_header(VI, about, title="", definition="ii06a")
    assert '<p class="mc-place">Tỉnh Hà Giang</p>' in html


@pytest.mark.parametrize("palette", [PALETTE, DARK], ids=["light", "dark"])
def test_text_is_readable_on_every_ground(palette: Palette) -> None:
    texts = (palette.ink, palette.ink_soft, palette.ink_faint, palette.lacquer, palette.teal)
    grounds = (palette.paper, palette.card, palette.wash)
    pairs = [*product((*texts, palette.ochre), grounds), (palette.ochre, palette.ochre_tint)]
    pairs += [("#ffffff", palette.band), (palette.lacquer_deep, palette.lacquer_tint)]
    pairs += [(palette.teal, palette.teal_tint), (palette.lacquer_deep, palette.wash)]
    assert min(contrast(text, ground) for text, ground in pairs) >= 4.5


@pytest.mark.parametrize("palette", [PALETTE, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_classes_differ_to_every_sight(palette: Palette, sight: str) -> None:
    classes = (palette.teal_mid, palette.sand, palette.lacquer, palette.grey)
    seen = [see(colour, SIGHTS[sight]) for colour in classes]
    # about five times a just noticeable difference of OKLab
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) >= 0.1


def test_the_settings_of_the_frame_are_the_palettes() -> None:
    themes = tomllib.loads((PROJECT_ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name, palette in (("light", PALETTE), ("dark", DARK)):
        assert themes[name] == {
            "primaryColor": palette.lacquer,
            "backgroundColor": palette.paper,
            "secondaryBackgroundColor": palette.wash,
            "textColor": palette.ink,
            "borderColor": palette.line,
            "linkColor": palette.lacquer,
        }


Matrix = tuple[tuple[float, float, float], ...]


def see(colour: str, sight: Matrix) -> list[float]:
    """A colour as somebody sees it, in OKLab."""
    light = times(sight, linear(colour))
    cones = times(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        light,
    )
    return times(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        [math.cbrt(cone) for cone in cones],
    )


def times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
