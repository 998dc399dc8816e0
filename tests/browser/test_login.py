"""The login against a provider that runs, in a real browser: deep links, expiry, files, roles."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard.gates import read_claims
from dashboard.reader import SnapshotReader
from pipelines.serving.snapshot import current_snapshot
from tests.browser.conftest import Serving
from tests.browser.pages import PATIENCE
from tests.dashboard.visiting import busiest_units, make_home

LOG_IN = ".st-key-login button"
PEOPLE = ("leader", "unit_leader", "operator")
TOKEN_SECONDS = 12


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)


@pytest.fixture(scope="module")
def own(published_home: Path) -> tuple[str, ...]:
    return busiest_units(SnapshotReader(current_snapshot(published_home / "serving").file))


@pytest.fixture(scope="module")
def home(
    published_home: Path, own: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    people: list[dict[str, object]] = [
        {"email": f"{name}@example.org", "role": name}
        | ({"units": list(own)} if name == "unit_leader" else {})
        for name in PEOPLE
    ]
    return make_home(tmp_path_factory.mktemp("home"), published_home, people)


@pytest.fixture(scope="module")
def address(home: Path, serving: Serving, find_port: Callable[[], int]) -> Iterator[str]:
    """A provider and a dashboard as processes of their own; gives the dashboard's address."""
    provider, port = find_port(), find_port()
    users = [json.dumps({"sub": name, "email": f"{name}@example.org"}) for name in PEOPLE]
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(provider)]
    named = {
        "MOTCUA_HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "MOTCUA_OIDC_METADATA_URL": f"http://127.0.0.1:{provider}/.well-known/openid-configuration",
        "MOTCUA_OIDC_CLIENT_ID": "motcua",
        "MOTCUA_OIDC_CLIENT_SECRET": "a secret of the tests",
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        serving([*command, *(f"--user-claims={user}" for user in users)], provider),
    ):
        for name, value in named.items():
            patch.setenv(name, value)
        dashboard = [sys.executable, "-m", "pipelines.cli", "dashboard", "--port", str(port)]
        with serving(dashboard, port):
            yield f"http://127.0.0.1:{port}"


def log_in(page: Page, name: str) -> None:
    """Press the button, and be somebody at the provider."""
    page.locator(LOG_IN).click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)


def test_a_deep_link_opens_after_the_login_in_its_language(page: Page, address: str) -> None:
    wanted = f"{address}/definitions?period=last_year&scope=commune&lang=en"
    page.goto(wanted)
    expect(page.locator(".mc-empty")).to_contain_text("Log in to see", timeout=PATIENCE)
    expect(page.locator(".mc-table, .mc-tile")).to_have_count(0)
    log_in(page, "leader")
    assert page.url == wanted
    expect(page.locator(".st-key-filters")).to_contain_text("Year 2025")
    page.locator(".st-key-viewer button").click()
    page.locator(".st-key-logout button").click()
    page.get_by_role("button", name="End session").click()  # at the provider
    expect(page.locator(LOG_IN)).to_be_visible(timeout=PATIENCE)
    assert page.url == wanted
    assert not [c for c in page.context.cookies() if c.get("name") == USER_COOKIE_NAME]


def test_an_expired_login_closes_the_page_and_leads_back(
    page: Page, address: str, home: Path
) -> None:
    page.goto(address)
    log_in(page, "leader")
    secret = (home / "dashboard" / ".cookie-secret").read_text()
    shorten_token(page.context, address, secret)
    wanted = f"{address}/score766?grain=year&period=2025"
    page.goto(wanted)
    expect(page.locator(".mc-footer")).to_be_visible(timeout=PATIENCE)
    # nobody touches the page
    expect(page.locator(".mc-empty")).to_contain_text("đã hết hạn", timeout=PATIENCE)
    expect(page.locator(".mc-table, .mc-score-points")).to_have_count(0)
    log_in(page, "leader")
    assert page.url == wanted


def shorten_token(context: BrowserContext, address: str, secret: str) -> None:
    """The same login with a token that ends soon."""
    [cookie] = [c for c in context.cookies() if c.get("name") == USER_COOKIE_NAME]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.gates.get_cookie_secret", lambda: secret)
        claims = read_claims({USER_COOKIE_NAME: str(cookie.get("value"))})
    assert claims["sub"] == "leader"
    claims["exp"] = int(time.time()) + TOKEN_SECONDS
    value = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(claims)).decode()
    context.add_cookies([{"name": USER_COOKIE_NAME, "value": value, "url": address}])


def test_a_file_is_for_who_clicked_alone(
    page: Page, browser: Browser, address: str, own: tuple[str, ...]
) -> None:
    page.goto(f"{address}/dossiers?state=open")
    log_in(page, "unit_leader")
    with (
        page.expect_response(lambda answer: "/media/" in answer.url) as answered,
        page.expect_download() as taken,
    ):
        page.get_by_role("button", name="Tải về CSV").click()
    rows = pl.read_csv(taken.value.path(), infer_schema=False)
    assert set(rows["unit_key"]) == set(own)
    url = answered.value.url
    assert page.context.request.get(url).status == 200
    stranger = browser.new_context()
    stranger.set_default_timeout(PATIENCE)
    assert stranger.request.get(url).status == 403
    other = stranger.new_page()
    other.goto(address)
    log_in(other, "operator")
    refused = stranger.request.get(url)
    assert refused.status in (403, 404)  # refused, or gone by then
    assert not any(code in refused.text() for code in rows["dossier_code"])
    stranger.close()
    page.goto(f"{address}/published")
    expect(page.locator(".mc-empty")).to_contain_text("không dành cho vai trò", timeout=PATIENCE)
    expect(page.locator(".mc-table")).to_have_count(0)


def test_without_a_provider_another_name_sees_nothing(page: Page, dashboard_address: str) -> None:
    page.goto(dashboard_address)
    expect(page.locator(".mc-local")).to_contain_text("127.0.0.1", timeout=PATIENCE)
    page.goto(dashboard_address.replace("127.0.0.1", "motcua.localhost"))
    expect(page.locator(".mc-empty")).to_contain_text("chưa có đăng nhập", timeout=PATIENCE)
    expect(page.locator(".mc-tile")).to_have_count(0)
