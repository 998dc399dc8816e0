"""Pictures of the network and of effects: what is drawn is what was given."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.charts import (
    DARK,
    PALETTE,
    ComparedLine,
    FlowBand,
    FlowNode,
    MapBlock,
    MapUnit,
    before_after,
    class_limits,
    class_of,
    flow_picture,
    interval_line,
    kinds,
    mix,
    months_around,
    placebo_fan,
    placebo_strip,
    ramp,
    unit_map,
)
from pipelines.charts.theme import Palette

SQUARE = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)),)
MONTHS = [date(2024, month, 1) for month in range(1, 13)]


def lightness(colour: str) -> float:
    """Relative luminance of WCAG."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_units_of_one_class_are_drawn_in_its_colour_and_those_without_are_hatched() -> None:
    units = [
        MapUnit(SQUARE, (0.5, 0.5), 1, "một"),
        MapUnit(SQUARE, (1.5, 0.5), None, "hai", is_marked=True),
        MapUnit(SQUARE, (2.5, 0.5), 1, "ba"),
    ]
    block = MapBlock(SQUARE, (0.5, 0.5), "Đồng Văn")
    data = unit_map(units, [block], ["#111111", "#222222"]).to_plotly_json()["data"]
    fills = [trace for trace in data if trace.get("fill") == "toself"]
    assert [trace["fillcolor"] for trace in fills] == [PALETTE.wash, "#222222"]
    assert fills[0]["fillpattern"]["shape"] == "/"
    assert list(fills[1]["x"]).count(None) == 2
    signs, pointers = data[-2:]
    assert list(signs["x"]) == [1.5]
    assert list(pointers["customdata"]) == ["một", "hai", "ba"]


def test_bands_are_as_wide_as_what_goes_and_nothing_is_still_seen() -> None:
    nodes = [FlowNode(key, key, key) for key in ("a", "b", "x", "y")]
    bands = [
        FlowBand("a", "x", "unit_merger", 1.0, ""),
        FlowBand("b", "x", "unit_split", 1.0, ""),
        FlowBand("b", "y", "unit_split", 0.0, ""),
    ]
    (sankey,) = flow_picture(nodes, bands).to_plotly_json()["data"]
    assert list(sankey["link"]["source"]) == [0, 1, 1]
    assert list(sankey["link"]["target"]) == [2, 2, 3]
    first, second, nothing = sankey["link"]["value"]
    assert first == second == 1
    assert 0 < nothing < 0.1
    assert sankey["node"]["y"][0] < sankey["node"]["y"][1]
    assert set(sankey["node"]["x"]) == {0.001, 0.999}


def test_a_counter_that_was_handed_on_stands_between() -> None:
    nodes = [FlowNode(key, key, key) for key in ("ward", "district", "area")]
    bands = [
        FlowBand("ward", "district", "shop_merger", 1.0, ""),
        FlowBand("district", "area", "unit_abolished", 1.0, ""),
    ]
    (sankey,) = flow_picture(nodes, bands).to_plotly_json()["data"]
    assert list(sankey["node"]["x"]) == [0.001, 0.5, 0.999]
    assert sankey["node"]["y"][1] == sankey["node"]["y"][0]


def test_months_on_few_dossiers_are_hollow_and_the_day_is_marked() -> None:
    line = ComparedLine(
        "treated", "Nơi sáp nhập", MONTHS, [1.0] * 11 + [None], [""] * 12, [True] + [False] * 11
    )
    other = ComparedLine("controls", "Khác", MONTHS, [2.0] * 12, [""] * 12, [False] * 12)
    figure = before_after([line, other], date(2024, 7, 1), changed="01/07/2024").to_plotly_json()
    compared, led = figure["data"]
    assert (compared["mode"], led["mode"]) == ("lines", "lines+markers")
    assert led["marker"]["color"][0] == PALETTE.card
    assert set(led["marker"]["color"][1:]) == {PALETTE.lacquer}
    assert led["connectgaps"] is False
    assert figure["layout"]["shapes"][0]["x0"] == date(2024, 7, 1)
    assert figure["layout"]["annotations"][0]["text"] == "01/07/2024"


@pytest.mark.parametrize(
    ("low", "high", "arrows"), [(-1.0, -0.2, 0), (-9.0, 0.4, 1), (-9.0, 9.0, 2)]
)
def test_an_interval_beyond_the_scale_ends_in_an_arrow(
    low: float, high: float, arrows: int
) -> None:
    svg = interval_line(-0.4, low, high, reach=1.5, colour="#123456", is_sure=high < 0)
    assert svg.count('z"') == arrows
    full = re.search(r'fill="(#\w+)"/></svg>', svg)
    assert full is not None
    assert full[1] == ("#123456" if high < 0 else PALETTE.card)


def test_zero_is_the_middle_and_less_lies_left() -> None:
    spots = [
        float(found[1])
        for value in (-1.0, 0.0, 1.0)
        if (found := re.search(r'cx="([\d.]+)"', interval_line(
            value, value, value, reach=2, colour="#000000", is_sure=False)))
    ]  # fmt: skip
    assert spots[0] < spots[1] < spots[2]
    assert spots[1] == 150
    assert spots[1] - spots[0] == spots[2] - spots[1]


def test_the_months_before_differ_in_sign_from_those_after() -> None:
    figure = months_around(
        [-2, -1, 0, 1], [0.1, 0.0, -0.8, -0.9], [-0.1, None, -1.0, -1.1], [0.3, None, -0.6, -0.7],
        ["a", "b", "c", "d"], suffix="",
    ).to_plotly_json()  # fmt: skip
    before, after = figure["data"]
    assert list(before["x"]) == [-2, -1]
    assert list(after["customdata"]) == ["c", "d"]
    assert before["marker"]["symbol"] != after["marker"]["symbol"]
    assert before["error_y"]["array"][0] == pytest.approx(0.2)
    assert before["error_y"]["array"][1] is None


@given(st.lists(st.floats(-3, 3), max_size=60), st.floats(-3, 3))
def test_placebos_keep_their_values_and_are_stacked(values: list[float], found: float) -> None:
    figure = placebo_strip(values, [""] * len(values), found, found="", suffix="").to_plotly_json()
    (dots,) = figure["data"]
    assert list(dots["x"]) == values
    assert all(height >= 1 for height in dots["y"])
    assert figure["layout"]["shapes"][-1]["x0"] == found


def test_a_fan_has_a_line_for_every_other_and_the_unit_above_them() -> None:
    line = [(month, 0.5) for month in MONTHS]
    figure = placebo_fan(line, [line, line, line], date(2024, 7, 1), names=("a", "b"))
    others, treated = figure.to_plotly_json()["data"]
    assert list(others["y"]).count(None) == 3
    assert list(treated["x"]) == MONTHS
    assert (treated["name"], others["name"]) == ("a", "b")


@given(st.lists(st.floats(0, 1), min_size=2, max_size=200))
def test_classes_of_shares_are_round_and_in_order(values: list[float]) -> None:
    limits = class_limits(values, is_share=True)
    assert list(limits) == sorted(set(limits))
    assert len(limits) <= 4
    assert all(round(limit * 1000) == pytest.approx(limit * 1000) for limit in limits)
    assert all(0 <= class_of(value, limits) <= len(limits) for value in values)


@given(st.lists(st.integers(0, 100_000), min_size=2, max_size=200))
def test_classes_of_counts_are_whole(values: list[int]) -> None:
    limits = class_limits(values, is_share=False)
    assert list(limits) == sorted(set(limits))
    assert all(limit == int(limit) for limit in limits)


def test_one_value_makes_one_class() -> None:
    assert class_limits([0.5], is_share=True) == ()
    assert class_limits([0.5] * 9, is_share=True) == ()
    assert class_of(0.5, ()) == 0


@pytest.mark.parametrize("palette", [PALETTE, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card", "wash"])
@pytest.mark.parametrize(
    "text", ["ink", "ink_soft", "ink_faint", "lacquer", "lacquer_deep", "teal", "ochre"]
)
def test_text_is_readable_on_every_ground(palette: Palette, ground: str, text: str) -> None:
    pair = sorted(lightness(getattr(palette, role)) for role in (ground, text))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


@pytest.mark.parametrize("palette", [PALETTE, DARK], ids=["light", "dark"])
def test_the_steps_of_a_scale_differ_without_colour(palette: Palette) -> None:
    for colour in (palette.teal, palette.lacquer, palette.ochre):
        steps = [lightness(step) for step in ramp(palette, colour, 5)]
        order = sorted(steps, reverse=lightness(palette.card) > 0.5)
        assert steps == order
        ratios = [(max(a, b) + 0.05) / (min(a, b) + 0.05)
                  for a, b in itertools.pairwise(steps)]  # fmt: skip
        assert min(ratios) > 1.15
    assert len(set(kinds(palette))) == 6


def test_mixing_all_or_nothing_gives_either_colour() -> None:
    assert mix("#ffffff", "#8e1f1a", 0) == "#ffffff"
    assert mix("#ffffff", "#8e1f1a", 1) == "#8e1f1a"
