"""Light or dark: as the reader's system has it."""

from __future__ import annotations

import streamlit as st

from pipelines.charts import DARK, PALETTE, Palette


def current_palette() -> Palette:
    """The colours for charts and pictures drawn now; the style sheet follows the system itself."""
    return DARK if st.context.theme.type == "dark" else PALETTE


def palette_css() -> str:
    """Both palettes as custom properties of the document, chosen by the system."""
    return (
        f":root{{color-scheme:light dark;{PALETTE.as_css()}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{DARK.as_css()}}}}}"
    )
