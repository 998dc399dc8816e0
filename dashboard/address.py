"""The address of a view: what was chosen stands in the query, so that a link reopens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.i18n import Language

_CHOSEN = "address-chosen"


def begin_address() -> None:
    """Forget what the run before chose."""
    st.session_state[_CHOSEN] = {}


def chosen_parameters() -> dict[str, str]:
    """What this run took from the address: choices that the page offers, nothing else."""
    return dict(st.session_state.get(_CHOSEN, {}))


def read_choice(key: str, options: Sequence[str], default: str) -> str:
    """The choice the address names; anything that is no option means the default."""
    asked = st.query_params.get(key)
    chosen = asked if asked is not None and asked in options else default
    st.session_state.setdefault(_CHOSEN, {})[key] = chosen
    return chosen


def choose_segment(
    language: Language,
    key: str,
    options: Sequence[str],
    default: str,
    *,
    label: str,
    name_option: Callable[[Language, str], str],
) -> str:
    """A row of buttons bound to the address; `label` is for screen readers."""
    widget = _follow_address(key, options, default)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=lambda option: name_option(language, option),
        key=widget,
        on_change=_write_choice,
        args=(key, default),
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or default


def choose_from_list(
    key: str,
    options: Sequence[str],
    default: str,
    *,
    label: str,
    name_option: Callable[[str], str],
    width: int,
    is_searched: bool = False,
) -> str:
    """A list to choose from, `width` pixels wide, bound to the address.

    A long list may be searched by typing.
    """
    widget = _follow_address(key, options, default)
    return st.selectbox(
        label,
        options,
        format_func=name_option,
        key=widget,
        on_change=_write_choice,
        args=(key, default),
        filter_mode="contains" if is_searched else None,
        label_visibility="collapsed",
        width=width,
    )


def _follow_address(key: str, options: Sequence[str], default: str) -> str:
    """Set the widget to what the address says: the address is the one truth."""
    widget = f"choose-{key}"
    st.session_state[widget] = read_choice(key, options, default)
    return widget


def _write_choice(key: str, default: str) -> None:
    chosen = st.session_state[f"choose-{key}"]
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen
