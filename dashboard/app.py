"""The router: finds the snapshot, offers the pages, and nothing else."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.address import read_choice
from dashboard.components.navigation import show_navigation
from dashboard.components.style import ICON_FILE, apply_style, install_typeface
from dashboard.data import open_current, watch_for_newer
from dashboard.filters import read_filters
from dashboard.i18n import LANGUAGES, Language
from dashboard.links import FIRST_PAGE
from dashboard.views import PAGES
from dashboard.views.empty import show_empty
from pipelines.serving.snapshot import NoSnapshotError


def main() -> None:
    """Show the page asked for on the current snapshot, and watch for a newer one."""
    install_typeface()
    language = Language(read_choice("lang", LANGUAGES, LANGUAGES[0]))
    st.set_page_config(
        page_title=language.say("Một cửa · Kết quả giải quyết thủ tục hành chính"),
        page_icon=str(ICON_FILE),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    apply_style(language)
    try:
        reader = open_current()
    except NoSnapshotError:
        show_empty(language)
        watch_for_newer(None)
        return
    offered = {
        entry.path: st.Page(
            partial(entry.show, reader, language),
            title=language.say(entry.title),
            url_path=entry.path,
            default=entry.path == FIRST_PAGE,
        )
        for entry in PAGES
    }
    # Streamlit's own bar drops the address of a view: the links are ours
    page = st.navigation(list(offered.values()), position="hidden")
    here = next(entry for entry in PAGES if offered[entry.path].url_path == page.url_path)
    show_navigation(language, PAGES, here, read_filters(reader, st.query_params.to_dict(), ()))
    page.run()
    watch_for_newer(reader.about.version)


main()
