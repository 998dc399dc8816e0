"""The router: finds out who is here, finds the snapshot, offers the pages, and nothing else."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.access import NoViewerError, Viewer, current_viewer
from dashboard.address import begin_address, note_page, read_choice
from dashboard.components.navigation import show_languages, show_navigation
from dashboard.components.style import (
    ICON_FILE,
    apply_style,
    apply_wall_style,
    install_typeface,
)
from dashboard.data import open_for, watch_for_newer
from dashboard.filters import read_filters
from dashboard.i18n import LANGUAGES, Language
from dashboard.links import FIRST_PAGE
from dashboard.reader import SnapshotReader
from dashboard.registry import PageEntry
from dashboard.views import PAGES
from dashboard.views.empty import show_empty
from dashboard.views.entrance import show_entrance, show_refused
from dashboard.visits import note_refusal, note_visit
from dashboard.wall import read_wall, turn_after
from pipelines.serving.access import AccessError
from pipelines.serving.snapshot import NoSnapshotError


def main() -> None:
    """Show the page asked for on the current snapshot, and watch for a newer one."""
    install_typeface()
    begin_address()
    language = Language(read_choice("lang", LANGUAGES, LANGUAGES[0]))
    st.set_page_config(
        page_title=language.say("Một cửa · Kết quả giải quyết thủ tục hành chính"),
        page_icon=str(ICON_FILE),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    apply_style(language)
    try:
        viewer = current_viewer()
        reader = open_for(viewer)
    except NoViewerError as error:
        note_refusal(error)
        _show_entrance(language, error)
    except NoSnapshotError:
        show_empty(language)
        watch_for_newer(None, None)
    else:
        _show_page(reader, language, viewer)


def _show_page(reader: SnapshotReader, language: Language, viewer: Viewer) -> None:
    offered = [entry for entry in PAGES if viewer.role in entry.roles]
    pages = {
        entry: st.Page(
            partial(_open, entry, reader, language, viewer),
            title=language.say(entry.title),
            url_path=entry.path,
            default=entry.path == FIRST_PAGE,
        )
        for entry in PAGES
    }
    # Streamlit's own bar drops the address of a view: the links are ours
    page = st.navigation(list(pages.values()), position="hidden")
    here = next(entry for entry in PAGES if pages[entry].url_path == page.url_path)
    filters = read_filters(reader, st.query_params.to_dict(), ())
    wall = read_wall(st.query_params.to_dict(), offered)
    if wall is None:
        show_navigation(language, viewer, offered, here, filters)
    else:
        apply_wall_style()
    page.run()
    if wall is not None:
        turn_after(wall, here, filters)
    watch_for_newer(reader.about.version, viewer)


def _open(entry: PageEntry, reader: SnapshotReader, language: Language, viewer: Viewer) -> None:
    try:
        if viewer.role not in entry.roles:
            raise AccessError(f"{entry.path} is not for this role")
        note_page(entry.path)
        entry.show(reader, language)
    except AccessError:
        show_refused(language)
        note_visit("refused", viewer, entry.path, reader)
    else:
        note_visit("view", viewer, entry.path, reader)


def _show_entrance(language: Language, error: NoViewerError) -> None:
    """The entrance under every page's address: it stays what it was, for the way back."""
    show = partial(show_entrance, language, error)
    pages = [
        st.Page(
            show,
            title=language.say(entry.title),
            url_path=entry.path,
            default=entry.path == FIRST_PAGE,
        )
        for entry in PAGES
    ]
    page = st.navigation(pages, position="hidden")
    with st.container(key="nav", horizontal=True):
        show_languages(language)
    page.run()


main()
