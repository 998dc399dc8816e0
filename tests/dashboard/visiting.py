"""Opening a page of the dashboard as somebody, and what stands on it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.reader import SnapshotReader
from dashboard.views import PAGES
from pipelines.serving.access import Reader
from pipelines.serving.roles import Role, State
from pipelines.settings import PROJECT_ROOT

APP = str(PROJECT_ROOT / "dashboard" / "app.py")
PROVIDER = {
    "MOTCUA_OIDC_METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "MOTCUA_OIDC_CLIENT_ID": "motcua",
    "MOTCUA_OIDC_CLIENT_SECRET": "a secret of the tests",
}
PATHS = tuple(entry.path for entry in PAGES)


def make_home(folder: Path, published_home: Path, people: list[dict[str, object]]) -> Path:
    """A home with the published snapshot and a list of people of its own."""
    (folder / "serving").symlink_to(published_home / "serving")
    (folder / "access.yml").write_text(yaml.safe_dump({"people": people}))
    return folder


def busiest_units(reader: SnapshotReader) -> tuple[str, ...]:
    """The two units with most open dossiers: whoever leads them has something to see."""
    rows = reader.dossiers(Reader(Role.operator), State.open)
    return tuple(rows["unit_key"].value_counts(sort=True)["unit_key"].head(2).sort().to_list())


def claims_of(name: str, **claims: object) -> dict[str, object]:
    """What a provider's token says of somebody who has just logged in."""
    now = int(time.time())
    plain = {
        "is_logged_in": True, "iss": "https://login.example.org", "sub": name, "name": name.title(),
        "email": f"{name}@example.org", "iat": now, "exp": now + 3600, "nonce": f"{name}-{now}",
    }  # fmt: skip
    return plain | claims


def open_as(
    patch: pytest.MonkeyPatch,
    home: Path,
    user: dict[str, object],
    path: str = PATHS[0],
    **query: str | list[str],
) -> AppTest:
    """A page of a dashboard with a provider, as the bearer of a token sees it."""
    for name, value in PROVIDER.items():
        patch.setenv(name, value)
    patch.setenv("MOTCUA_HOME", str(home))
    page = AppTest.from_file(APP, default_timeout=60)
    page.user = user
    if path != PATHS[0]:
        page._page_hash = calc_hash(path)  # pyright: ignore[reportPrivateUsage]
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def html_of(page: AppTest) -> str:
    """All that our own HTML says, without its style sheet."""
    parts = [str(element.value) for element in page.get("html")]
    return "".join(part for part in parts if not part.startswith("<style>"))
