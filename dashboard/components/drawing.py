"""Figures on a page: shown, described, and followed where a mark of them is a link."""

from __future__ import annotations

from typing import Any, cast

import plotly.graph_objects as go
import streamlit as st

from dashboard.links import follow

_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def draw_chart(figure: go.Figure, *, key: str, alt: str, has_links: bool = False) -> None:
    """Show a figure; `alt` says in words what it shows.

    With `has_links` the `customdata` of a mark is the address it leads to (`links.link_to`), and
    a click follows it. The page must offer the same links as text too, for the keyboard.
    """
    if not has_links:
        st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
            figure, theme=None, config=_CONFIG, key=key, alt=alt
        )
        return
    picked = st.plotly_chart(  # pyright: ignore[reportUnknownMemberType]
        figure,
        theme=None,
        config=_CONFIG,
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode="points",
    )
    link = _picked_link(cast("dict[str, Any]", picked))
    if link is not None:
        follow(link)


def _picked_link(picked: dict[str, Any]) -> str | None:
    """The address of the mark that was clicked."""
    points: list[dict[str, Any]] = picked.get("selection", {}).get("points", [])
    found = points[0].get("customdata") if points else None
    if isinstance(found, list):
        found = cast("list[object]", found)[0] if found else None
    return found if isinstance(found, str) else None
