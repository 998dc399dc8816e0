from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from itertools import product

import pytest

from dashboard.about import About, FailedSource, SilentShop, Target
from dashboard.components.header import page_header
from dashboard.components.tables import COLUMNS, TableRow, figure_table
from dashboard.components.tiles import tile
from dashboard.figures import Change, Figure
from dashboard.i18n import Language
from pipelines.charts import PALETTE
from pipelines.serving.metrics import MetricSpec

MakeSpec = Callable[..., MetricSpec]
MakeAbout = Callable[..., About]
VI = Language("vi")
NOTHING = Figure(0, 0, None, None)
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


def test_before_the_merger_the_province_stands_alone(make_about: MakeAbout) -> None:
    about = make_about(province_vi="Tỉnh Hà Giang", former_vi=None)
    html = page_header(VI, about, title="", definition="ii06a")
    assert '<p class="mc-place">Tỉnh Hà Giang</p>' in html


def test_text_is_readable_on_every_ground() -> None:
    texts = (PALETTE.ink, PALETTE.ink_soft, PALETTE.ink_faint, PALETTE.lacquer, PALETTE.teal)
    grounds = (PALETTE.paper, PALETTE.card, PALETTE.wash)
    pairs = [*product(texts, grounds), (PALETTE.ochre, PALETTE.ochre_tint)]
    pairs += [("#ffffff", PALETTE.lacquer), (PALETTE.lacquer_deep, PALETTE.lacquer_tint)]
    assert min(contrast(text, ground) for text, ground in pairs) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
