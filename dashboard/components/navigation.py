"""The strip of pages and languages above every page; links take the choices along."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.access import Viewer
from dashboard.address import choose_segment
from dashboard.components.header import CONTENT
from dashboard.components.viewer import show_viewer, show_without_login
from dashboard.filters import Filters
from dashboard.i18n import LANGUAGES, Language
from dashboard.links import link_to
from dashboard.registry import PageEntry
from dashboard.wall import ALL


def show_navigation(
    language: Language,
    viewer: Viewer,
    pages: Sequence[PageEntry],
    here: PageEntry,
    filters: Filters,
) -> None:
    """The groups and the pages of the one shown; language and viewer at the end.

    On a narrow screen the links give way to a menu that opens.
    """
    with st.container(key="nav", horizontal=True, vertical_alignment="top"):
        st.html(navigation(language, pages, here, filters))
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


def navigation(
    language: Language, pages: Sequence[PageEntry], here: PageEntry, filters: Filters
) -> str:
    """The links as HTML: a group leads to its first page."""
    groups: dict[str, list[PageEntry]] = {}
    for page in pages:
        groups.setdefault(page.group, []).append(page)

    def link(page: PageEntry, name: str, mark: str) -> str:
        current = f' aria-current="{mark}"' if mark else ""
        address = escape(link_to(page.path, filters))
        return f'<li><a href="{address}"{current}>{escape(language.say(name))}</a></li>'

    def list_pages(group: str) -> str:
        return "".join(
            link(page, page.title, "page" if page == here else "") for page in groups[group]
        )

    tops = "".join(
        link(members[0], group, "true" if group == here.group else "")
        for group, members in groups.items()
    )
    menu = "".join(
        f"<h2>{escape(language.say(group))}</h2><ul>{list_pages(group)}</ul>" for group in groups
    )
    label = language.say_html("Các trang")
    below = list_pages(here.group) if len(groups.get(here.group, ())) > 1 else ""
    skip = language.say_html("Đến nội dung chính")
    return (
        f'<a class="mc-skip" href="#{CONTENT}">{skip}</a>'
        f'<nav class="mc-nav" aria-label="{label}"><ul>{tops}{_wall(language, here, filters)}</ul>'
        f'<ul class="mc-pages">{below}</ul></nav>'
        f'<details class="mc-menu"><summary>{escape(language.say(here.title))}</summary>'
        f'<nav aria-label="{label}">{menu}</nav></details>'
    )


def _wall(language: Language, here: PageEntry, filters: Filters) -> str:
    """The way to the big screen, on a page that stands there."""
    if not here.is_on_wall:
        return ""
    address = escape(link_to(here.path, filters, wall=ALL))
    return f'<li class="mc-to-wall"><a href="{address}">{language.say_html("Trình chiếu")}</a></li>'
