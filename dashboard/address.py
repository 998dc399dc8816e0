"""The address of a view: what was chosen stands in the query, so that a link reopens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard.i18n import Language

Changes = Mapping[str, str | None]
"""What a choice writes to the address; None takes a name out of it."""

_CHOSEN = "address-chosen"
_PAGE = "address-page"


def begin_address() -> None:
    """Forget what the run before chose."""
    st.session_state[_CHOSEN] = {}


def chosen_parameters() -> dict[str, str]:
    """What this run took from the address: choices that the page offers, nothing else."""
    return dict(st.session_state.get(_CHOSEN, {}))


def note_page(path: str) -> None:
    """Say which page this run shows."""
    st.session_state[_PAGE] = path


def page_shown() -> str:
    """The address of the page that this run shows, without what is chosen on it."""
    return str(st.session_state.get(_PAGE, ""))


def note_choices(choices: Mapping[str, str]) -> None:
    """Say what else this run took from the address."""
    st.session_state.setdefault(_CHOSEN, {}).update(choices)


def read_choice(key: str, options: Sequence[str], default: str) -> str:
    """The choice the address names; anything that is no option means the default."""
    asked = st.query_params.get(key)
    chosen = asked if asked is not None and asked in options else default
    st.session_state.setdefault(_CHOSEN, {})[key] = chosen
    return chosen


def write_address(changes: Changes) -> None:
    """Change the address."""
    for key, value in changes.items():
        if value is None:
            st.query_params.pop(key, None)
        else:
            st.query_params[key] = value


def choose_segment(
    language: Language,
    key: str,
    options: Sequence[str],
    default: str,
    *,
    label: str,
    name_option: Callable[[Language, str], str],
    chosen: str | None = None,
    write: Callable[[str], Changes] | None = None,
) -> str:
    """A row of buttons bound to the address; `label` is for screen readers.

    `chosen` is the option that the address means and `write` what an option writes to it, where
    that is not the option itself under `key`.
    """
    widget = _follow_address(key, options, default, chosen)
    picked = st.segmented_control(
        label,
        options,
        required=True,
        format_func=lambda option: name_option(language, option),
        key=widget,
        on_change=_write_choice,
        args=(key, default, write),
        label_visibility="collapsed",
        wrap=True,
    )
    return picked or default


def choose_from_list(
    key: str,
    options: Sequence[str],
    default: str,
    *,
    label: str,
    name_option: Callable[[str], str],
    width: int | None = None,
    is_searched: bool = False,
    has_label: bool = False,
    chosen: str | None = None,
    write: Callable[[str], Changes] | None = None,
) -> str:
    """A list to choose from, `width` pixels wide or as wide as there is room, bound to the address.

    A long list may be searched by typing. `chosen` and `write` as in `choose_segment`.
    """
    widget = _follow_address(key, options, default, chosen)
    return st.selectbox(
        label,
        options,
        format_func=name_option,
        key=widget,
        on_change=_write_choice,
        args=(key, default, write),
        filter_mode="contains" if is_searched else None,
        label_visibility="visible" if has_label else "collapsed",
        width=width or "stretch",
    )


def choose_on_scale(
    key: str,
    options: Sequence[str],
    default: str,
    *,
    label: str,
    name_option: Callable[[str], str],
) -> str:
    """A slider over ordered options, bound to the address."""
    widget = _follow_address(key, options, default, None)
    return st.select_slider(
        label,
        options,
        format_func=name_option,
        key=widget,
        on_change=_write_choice,
        args=(key, default, None),
    )


def _follow_address(key: str, options: Sequence[str], default: str, chosen: str | None) -> str:
    """Set the widget to what the address says: the address is the one truth."""
    widget = f"choose-{key}"
    st.session_state[widget] = chosen or read_choice(key, options, default)
    return widget


def _write_choice(key: str, default: str, write: Callable[[str], Changes] | None) -> None:
    chosen = st.session_state[f"choose-{key}"]
    if write is not None:
        write_address(write(chosen))
    else:
        write_address({key: None if chosen == default else chosen})
