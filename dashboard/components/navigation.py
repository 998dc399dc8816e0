"""The strip of pages and languages above every page; a link keeps the language chosen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.access import Viewer
from dashboard.address import choose_segment
from dashboard.components.viewer import show_viewer, show_without_login
from dashboard.i18n import LANGUAGES, Language


def show_navigation(
    language: Language, viewer: Viewer, pages: Sequence[StreamlitPage], current: StreamlitPage
) -> None:
    """Links to the pages, the one shown marked; language and viewer at the end."""
    kept = {} if language.code == LANGUAGES[0] else {"lang": language.code}
    with st.container(key="nav", horizontal=True, vertical_alignment="center"):
        for page in pages:
            here = "here" if page.url_path == current.url_path else "there"
            with st.container(key=f"nav-{here}-{page.url_path or 'first'}", width="content"):
                st.page_link(page, query_params=kept)
        show_languages(language)
        if viewer.claims:
            with st.container(key="nav-viewer", width="content"):
                show_viewer(language, viewer)
    if not viewer.claims:
        show_without_login(language)


def show_languages(language: Language) -> None:
    """The choice of language."""
    with st.container(key="nav-language", width="content"):
        choose_segment(
            language,
            "lang",
            LANGUAGES,
            LANGUAGES[0],
            label=language.say("Ngôn ngữ"),
            name_option=lambda _, code: code.upper(),
        )
