"""The current snapshot for a session: opened once per version, noticed when it changes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.access import NoViewerError, Viewer, is_over
from dashboard.reader import SnapshotReader
from pipelines.serving.access import AccessError
from pipelines.serving.snapshot import NoSnapshotError, Snapshot, current_snapshot
from pipelines.settings import settings

POLL_SECONDS = 4  # whoever looks at a page sees a new version within five seconds
_VERSIONS_OPEN = 3


def open_current() -> SnapshotReader:
    """The reader of the version the pointer names. Raises `NoSnapshotError`."""
    snapshot = current_snapshot(settings().serving_dir)
    return _open(snapshot.version, snapshot.file)


def open_for(viewer: Viewer) -> SnapshotReader:
    """The current version as far as somebody may see it.

    Raises `NoSnapshotError`, and `NoViewerError` for units that it does not know.
    """
    try:
        return open_current().for_viewer(viewer.as_reader)
    except AccessError:
        raise NoViewerError("no_unit", viewer.claims) from None


def current_version() -> str | None:
    """The version the pointer names, None before anything was published."""
    snapshot = _find()
    return None if snapshot is None else snapshot.version


@st.fragment(run_every=POLL_SECONDS)
def watch_for_newer(shown: str | None, viewer: Viewer | None) -> None:
    """Run the page again as soon as another version than the one shown is current, or the login
    of the viewer is over: nobody's figures stay on a screen that was left."""
    if current_version() != shown or (viewer is not None and is_over(viewer)):
        st.rerun(scope="app")


def _find() -> Snapshot | None:
    try:
        return current_snapshot(settings().serving_dir)
    except NoSnapshotError:
        return None


def _release(reader: SnapshotReader) -> None:
    reader.close()


@st.cache_resource(show_spinner=False, max_entries=_VERSIONS_OPEN, on_release=_release)
def _open(version: str, _file: Path) -> SnapshotReader:
    """One reader per version and process; `version` is the key, the file goes with it."""
    del version
    return SnapshotReader(_file)
