"""Notes what a session looks at in the access log: once a view, not once a run."""

from __future__ import annotations

import streamlit as st

from dashboard.access import NoViewerError, Viewer, pseudonym_of
from dashboard.address import chosen_parameters
from dashboard.reader import SnapshotReader
from pipelines.serving.visits import Event, Visit, keep_choices, record_visit
from pipelines.settings import now, settings

_NOTED = "visit-noted"


def note_visit(event: Event, viewer: Viewer, page: str, reader: SnapshotReader) -> None:
    """Note a page with what was chosen on it; the same view again is no new line."""
    _note(
        Visit(
            at=now(),
            event=event,
            who=viewer.pseudonym,
            role=viewer.role,
            page=page,
            parameters=keep_choices(chosen_parameters()),
            snapshot=reader.about.version,
        )
    )


def note_refusal(error: NoViewerError) -> None:
    """Note somebody who logged in and may see nothing."""
    if error.reason in ("unlisted", "no_unit"):
        who = pseudonym_of(error.claims)
        _note(
            Visit(
                at=now(), event="refused", who=who, role=None, page="", parameters={}, snapshot=None
            )
        )


def _note(visit: Visit) -> None:
    same = visit.model_dump(exclude={"at"})
    if st.session_state.get(_NOTED) != same:
        st.session_state[_NOTED] = same
        record_visit(visit, settings().dashboard_dir)
