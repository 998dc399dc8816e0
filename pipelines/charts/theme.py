"""The palette, the typeface and the quiet layout that every figure shares."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

FONT_FAMILY = "Be Vietnam Pro, Noto Sans, sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours by role, as hex. Text roles reach WCAG AA (4.5:1) on `paper` and on `card`.

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
    lacquer: str = "#8e1f1a"
    lacquer_deep: str = "#6d1511"
    lacquer_tint: str = "#f8e9e5"
    teal: str = "#17645f"
    teal_tint: str = "#e3efec"
    teal_mid: str = "#5e9c96"
    sand: str = "#d3b978"
    ochre: str = "#7a4f00"
    ochre_tint: str = "#fbf0d5"
    grey: str = "#b5aca0"
    band: str = "#8e1f1a"

    def as_css(self) -> str:
        """The roles as CSS custom properties of the document."""
        pairs = (f"--{f.name.replace('_', '-')}:{getattr(self, f.name)}" for f in fields(self))
        return ":root{" + ";".join(pairs) + "}"


PALETTE = Palette()
DARK_PALETTE = Palette(
    ink="#f1ebe2",
    ink_soft="#c8beb1",
    ink_faint="#a89e91",
    line="#423a31",
    paper="#171411",
    card="#211d19",
    wash="#2c2721",
    lacquer="#ef958c",
    lacquer_deep="#f6b7b0",
    lacquer_tint="#3b2320",
    teal="#7fc8c0",
    teal_tint="#1d3532",
    teal_mid="#55968f",
    sand="#b99e5e",
    ochre="#e3b964",
    ochre_tint="#382c15",
    grey="#7f766b",
    band="#6d1511",
)


def quiet_layout(
    *, height: int | None, separators: str, palette: Palette = PALETTE
) -> dict[str, Any]:
    """Layout arguments of a Plotly figure: transparent, thin lines, numbers by `separators`.

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
        "paper_bgcolor": "rgba(0,0,0,0)",
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
