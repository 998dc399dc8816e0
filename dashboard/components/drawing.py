"""Figures on a page: shown, described, taken along, and followed where a mark is a link."""

from __future__ import annotations

from typing import Any, cast

import plotly.graph_objects as go
import streamlit as st

from dashboard.i18n import Language
from dashboard.links import follow

# the one button of the mode bar is not seen: the buttons below the figure press it
_CONFIG = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "responsive": True,
    "scrollZoom": False,
}
_IMAGES = ("png", "svg")
_FOLLOWED = "charts-followed"


def draw_chart(
    language: Language, figure: go.Figure, *, key: str, alt: str, has_links: bool = False
) -> None:
    """Show a figure; `alt` says in words what it shows, `key` is ASCII and unique on the page.

    With `has_links` the `customdata` of a mark is the address it leads to (`links.link_to`), and
    a click follows it. The page must offer the same links as text too, for the keyboard.
    """
    # a chart that was clicked is not drawn again: coming back, its click would be followed anew
    followed = int(st.session_state.get(_FOLLOWED, 0))
    with st.container(key=f"chart-{key}"):
        picked = st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
            figure,
            theme=None,
            config=_CONFIG,
            key=f"{key}-{followed}",
            alt=alt,
            on_select="rerun" if has_links else "ignore",
            selection_mode="points",
        )
        st.html(_image_buttons(language, key))
    link = _picked_link(cast("dict[str, Any]", picked)) if has_links else None
    if link is not None:
        st.session_state[_FOLLOWED] = followed + 1
        follow(link)


def _image_buttons(language: Language, key: str) -> str:
    """The browser draws the picture: no figure leaves the page by another way."""
    label = language.say_html("Tải hình")
    buttons = "".join(
        f'<button type="button" data-image="{form}" data-name="motcua-{key}">'
        f'<span class="mc-unseen">{label} </span>{form.upper()}</button>'
        for form in _IMAGES
    )
    return f'<p class="mc-images"><span aria-hidden="true">{label}</span>{buttons}</p>'


def _picked_link(picked: dict[str, Any]) -> str | None:
    """The address of the mark that was clicked."""
    points: list[dict[str, Any]] = picked.get("selection", {}).get("points", [])
    found = points[0].get("customdata") if points else None
    if isinstance(found, list):
        found = cast("list[object]", found)[0] if found else None
    return found if isinstance(found, str) else None
