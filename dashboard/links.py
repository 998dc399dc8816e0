"""Addresses of views: a link takes the choices along, and a click on a chart follows one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from dashboard.filters import Filters

FIRST_PAGE = "overview"
"""The page at the root of the address."""

_OPEN = "@.:"  # letters that need no escape in a query and are read more easily as they are


def link_to(path: str, filters: Filters, **changes: str | None) -> str:
    """The address of a page with the choices made, some of them changed; None takes one back.

    The names are those of the address: `period` (also `2025-06`, `2025-01..2025-03`), `unit`,
    `level`, `field`, `procedure`, `channel`, `boundaries`, `definition`, and whatever a page reads
    for itself. A unit and a level take the place of each other.
    """
    return ("./" if path == FIRST_PAGE else path) + _query(filters.kept, changes)


def link_here(filters: Filters, **changes: str | None) -> str:
    """The address of the same page with some choices changed, as `link_to`."""
    return _query(filters.kept, changes) or "?"


def follow(link: str) -> None:
    """Open the view that a link of this application names; the run ends here.

    Nothing happens where it is the view that is shown.
    """
    target = urlsplit(link)
    query = dict(parse_qsl(target.query))
    path = target.path.removeprefix("./")
    if not target.path:
        if query != st.query_params.to_dict():
            st.query_params.from_dict(query)
            st.rerun()
        return
    st.switch_page(st.Page(_nothing, url_path=path or FIRST_PAGE), query_params=query)


def _query(kept: Mapping[str, str], changes: Mapping[str, str | None]) -> str:
    chosen = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    if changes.get("unit"):
        chosen.pop("level", None)
    elif changes.get("level"):
        chosen.pop("unit", None)
    return f"?{urlencode(chosen, safe=_OPEN)}" if chosen else ""


def _nothing() -> None:
    """Streamlit knows a page by its path; this stands for one that is registered already."""
