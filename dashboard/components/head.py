"""The beginning of every page: what it is, how fresh, and the bar of choices."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from dashboard.components.filter_bar import show_filter_bar
from dashboard.components.header import page_header
from dashboard.filters import Filters, Use, read_filters
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader


def open_page(
    reader: SnapshotReader,
    language: Language,
    *,
    title: str,
    uses: Collection[Use],
    definition: str | None = None,
    compares: bool = False,
) -> Filters:
    """Draw the header and the bar; gives back what is chosen.

    `definition` is the deadline rule the header names where it is not the one chosen (`all`).
    """
    chosen = read_filters(reader, st.query_params.to_dict(), uses).definition
    st.html(page_header(language, reader.about, title=title, definition=definition or chosen))
    return show_filter_bar(reader, language, uses, compares=compares)
