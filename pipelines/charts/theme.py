"""The palette, the typeface and the quiet layout that every figure shares."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

FONT_FAMILY = "Be Vietnam Pro, Noto Sans, sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours by role, as hex. Text roles reach WCAG AA (4.5:1) on `paper`, `card` and `wash`.

    Lacquer red leads and marks what is late, teal what is good, sand what is neutral; good and
    bad differ in lightness too and are never told by colour alone. `band` is the ground of the
    page's header, with white on it.
    """

    ink: str = "#231f1c"
    ink_soft: str = "#564e46"
    ink_faint: str = "#6f665c"
    line: str = "#e0d6c6"
    paper: str = "#faf7f1"
    card: str = "#ffffff"
    wash: str = "#f2ece1"
    band: str = "#8e1f1a"
    lacquer: str = "#8e1f1a"
    lacquer_deep: str = "#6d1511"
    lacquer_tint: str = "#f8e9e5"
    teal: str = "#17645f"
    teal_tint: str = "#e3efec"
    teal_mid: str = "#3f857f"
    sand: str = "#c9a14a"
    ochre: str = "#7a4f00"
    ochre_tint: str = "#fbf0d5"
    grey: str = "#cbc6be"

    def as_css(self) -> str:
        """The roles as CSS custom properties."""
        pairs = (f"--{f.name.replace('_', '-')}:{getattr(self, f.name)}" for f in fields(self))
        return ";".join(pairs)


PALETTE = Palette()
"""By day and on paper."""

DARK = Palette(
    ink="#f2ece3",
    ink_soft="#cbc2b6",
    ink_faint="#a89e92",
    line="#3d362f",
    paper="#161311",
    card="#201c19",
    wash="#2a2521",
    band="#641814",
    lacquer="#f0938a",
    lacquer_deep="#f6b4ad",
    lacquer_tint="#3d211e",
    teal="#6cc5bb",
    teal_tint="#17322f",
    teal_mid="#3a857e",
    sand="#ecdcb4",
    ochre="#e8bb66",
    ochre_tint="#352a14",
    grey="#5a534c",
)
"""For a dark screen."""


def quiet_layout(
    *, height: int | None, separators: str, palette: Palette = PALETTE
) -> dict[str, Any]:
    """Layout arguments of a Plotly figure: on the ground of a card, thin lines.

    `height` is in pixels, None where the figure fills the room it is given; `separators` is
    Plotly's decimal and thousands mark, `,.` in Vietnamese.
    """
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"size": 12, "color": palette.ink_soft},
        "fixedrange": True,
    }
    return {
        **({} if height is None else {"height": height}),
        "separators": separators,
        "margin": {"l": 8, "r": 12, "t": 34, "b": 8},
        "paper_bgcolor": palette.card,
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT_FAMILY, "size": 13, "color": palette.ink},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": palette.card,
            "bordercolor": palette.line,
            "font": {"family": FONT_FAMILY, "size": 13, "color": palette.ink},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12, "color": palette.ink_soft},
            "bgcolor": "rgba(0,0,0,0)",
        },
        "xaxis": {**axis, "showgrid": False, "automargin": True, "ticklabelstandoff": 4},
        "yaxis": {**axis, "automargin": True, "ticklabelposition": "outside", "nticks": 5},
    }


def month_axis(months: int) -> dict[str, Any]:
    """Ticks of a monthly axis: `06/2026`, at most about four of them, so that a phone has room."""
    step = next((n for n in (1, 2, 3, 6, 12) if months <= 4 * n), 24)
    return {"type": "date", "tickformat": "%m/%Y", "dtick": f"M{step}", "hoverformat": "%m/%Y"}
