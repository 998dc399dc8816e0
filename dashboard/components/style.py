"""The look of the application: typeface, palette and style sheet, given to every page once."""

from __future__ import annotations

import shutil
from pathlib import Path

import fontpkg_be_vietnam_pro as typeface
import streamlit as st

from dashboard.components.marks import marks_css
from dashboard.i18n import Language
from dashboard.theme import palette_css

DASHBOARD_DIR = Path(__file__).resolve().parent.parent
ICON_FILE = DASHBOARD_DIR / "styles" / "icon.svg"

_SHEETS = ("motcua.css", "mergers.css")  # what all pages share, then what single pages add
_WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}


def install_typeface() -> None:
    """Copy the weights in use to where Streamlit serves files from, if they are not there."""
    static = DASHBOARD_DIR / "static"
    static.mkdir(exist_ok=True)
    for weight in _WEIGHTS.values():
        name = f"BeVietnamPro-{weight}.ttf"
        if not (static / name).exists():
            shutil.copyfile(Path(typeface.ROOT) / "files" / name, static / name)


def apply_style(language: Language) -> None:
    """Set the style sheet and tell the browser the language of the page."""
    styles = DASHBOARD_DIR / "styles"
    sheets = "".join((styles / name).read_text(encoding="utf-8") for name in _SHEETS)
    st.html(f"<style>{_font_faces()}{palette_css()}{marks_css()}{sheets}</style>")
    script = (styles / "motcua.js").read_text(encoding="utf-8")
    st.html(
        f'<script>document.documentElement.lang="{language.code}"\n{script}</script>'
        '<span class="mc-hidden"></span>',
        unsafe_allow_javascript=True,
    )


def apply_wall_style() -> None:
    """Big type and nothing to press, over the style sheet."""
    sheet = (DASHBOARD_DIR / "styles" / "wall.css").read_text(encoding="utf-8")
    st.html(f"<style>{sheet}</style>")


def _font_faces() -> str:
    return "".join(
        f'@font-face{{font-family:"{typeface.FAMILY}";font-weight:{weight};font-display:swap;'
        f'src:url("app/static/BeVietnamPro-{name}.ttf") format("truetype")}}'
        for weight, name in _WEIGHTS.items()
    )
