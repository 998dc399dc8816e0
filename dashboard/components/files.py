"""Files to take along: made on the click, for whoever is here then, and for nobody else.

Streamlit keeps a file under an address that is a hash of it, and asks nobody who comes for it. So
the address gets a share of chance (a mark in the file's type), and the server gives a marked file
to the login that it was made for alone, for a short time (`dashboard.gates`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from dashboard.access import Viewer, check_again, dossiers_of
from dashboard.handed_out import HANDED_OUT, draw_mark, mark_type
from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.exports import Export, export
from pipelines.serving.roles import State
from pipelines.serving.visits import Visit, record_visit
from pipelines.settings import now, settings

TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "svg": "image/svg+xml",
}
"""Media type of every form of file."""


def offer_file(
    label: str,
    make: Callable[[], bytes],
    *,
    viewer: Viewer,
    version: str,
    name: str,
    form: str,
    key: str,
) -> None:
    """A button that makes a file when it is clicked, if the viewer is still who may have it.

    `name` is without its ending, `form` one of `TYPES`; `version` is the snapshot's; `key` is
    unique on the page and says in the access log what was taken. `make` may not draw anything.
    """
    mark = draw_mark()
    visit = Visit(
        at=now(), event="export", who=viewer.pseudonym, role=viewer.role, page=key,
        parameters={"form": form}, snapshot=version,
    )  # fmt: skip
    st.download_button(
        label,
        partial(hand_out, make, viewer, visit, mark),
        file_name=f"{name}.{form}",
        mime=mark_type(TYPES[form], mark),
        key=f"file-{key}-{form}",
        on_click="ignore",
    )


def hand_out(make: Callable[[], bytes], viewer: Viewer, visit: Visit, mark: str) -> bytes:
    """Make a file now. Raises `NoViewerError` where the viewer is no more who may have it."""
    check_again(viewer)
    content = make()
    record_visit(visit.model_copy(update={"at": now()}), settings().dashboard_dir)
    HANDED_OUT.open(mark, viewer.login_key)
    return content


def offer_dossiers(
    language: Language, reader: SnapshotReader, viewer: Viewer, state: State
) -> None:
    """Buttons for the dossiers of a state as XLSX and CSV; each file stands in `exports.ndjson`."""
    with st.container(key="files", horizontal=True, vertical_alignment="center"):
        for form in ("xlsx", "csv"):
            offer_file(
                language.say("Tải về {form}", form=form.upper()),
                partial(dossier_file, reader, viewer, state, form),
                viewer=viewer,
                version=reader.about.version,
                name=f"dossiers-{state}",
                form=form,
                key=f"dossiers-{state}",
            )


def dossier_file(reader: SnapshotReader, viewer: Viewer, state: State, form: str) -> bytes:
    """The dossiers of a state that the viewer may see, as a file that stands in the log."""
    rows = dossiers_of(reader, viewer, state)

    def entry(sha256: str) -> Export:
        return Export(
            at=now(), who=viewer.pseudonym, role=viewer.role, units=sorted(viewer.units),
            state=state, columns=rows.columns, has_codes=viewer.sees_codes, rows=rows.height,
            file=f"{state}.{form}", sha256=sha256, snapshot=reader.about.version,
        )  # fmt: skip

    with TemporaryDirectory(prefix="motcua-") as folder:
        file = Path(folder) / f"{state}.{form}"
        export(rows, file, form, entry, settings().dashboard_dir)
        return file.read_bytes()
