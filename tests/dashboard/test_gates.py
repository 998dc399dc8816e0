"""What stands before Streamlit's routes: files for their owners alone, the way back, no other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard import gates
from dashboard.gates import CALLBACK, LOGIN, LOGOUT, FileGate, WayBack, read_claims, safe_address
from dashboard.handed_out import OPEN_SECONDS, HandedOut, draw_mark, mark_type, read_mark
from tests.dashboard.visiting import PROVIDER, claims_of

HOST = "http://motcua.test"


async def _to_provider(_: Request) -> Response:
    return RedirectResponse("https://login.example.org/authorize", 302)


async def _to_first_page(_: Request) -> Response:
    return RedirectResponse("/", 302)


async def _file(_: Request) -> Response:
    return PlainTextResponse("the file")


ROUTES = [
    Route(LOGIN, _to_provider), Route(LOGOUT, _to_first_page), Route(CALLBACK, _to_first_page),
    Route("/media/{name}", _file), Route("/overview", _file),
]  # fmt: skip


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=ROUTES)
    return TestClient(WayBack(FileGate(app)), base_url=HOST, follow_redirects=False)


def test_a_login_leads_back_to_the_address_it_was_asked_on(client: TestClient) -> None:
    wanted = "/definitions?period=last_year&scope=00691%402025-07-01&lang=en"
    away = client.get(LOGIN, headers={"referer": HOST + wanted})
    assert away.headers["location"] == "https://login.example.org/authorize"
    assert client.get(CALLBACK).headers["location"] == wanted
    assert client.get(CALLBACK).headers["location"] == "/"  # once


def test_a_logout_stays_on_the_page(client: TestClient) -> None:
    gone = client.get(LOGOUT, headers={"referer": f"{HOST}/score766?grain=year"})
    assert gone.headers["location"] == "/score766?grain=year"


@pytest.mark.parametrize(
    "referer",
    [
        "https://evil.example/overview", "http://motcua.test.evil.example/x", "", "overview",
        f"{HOST}//evil.example/x", f"{HOST}/auth/logout", f"{HOST}/oauth2callback?code=1",
        f"{HOST}/media/1", f"{HOST}/\\evil.example",
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: TestClient, referer: str) -> None:
    client.get(LOGIN, headers={"referer": referer})
    assert client.get(CALLBACK).headers["location"] == "/"


@given(st.text())
def test_an_address_to_come_back_to_is_on_this_site(text: str) -> None:
    for one in (text, f"/{text}"):
        safe = safe_address(one)
        assert safe is None or (safe.startswith("/") and not safe.startswith(("//", "/\\")))


def test_other_routes_are_left_as_they_are(client: TestClient) -> None:
    answer = client.get("/overview", headers={"referer": f"{HOST}/score766"})
    assert answer.text == "the file"
    assert "set-cookie" not in answer.headers


class Files:
    """The files that Streamlit keeps: one without a mark, one with."""

    def __init__(self, mark: str) -> None:
        self.types = {"plain": "image/png", "marked": mark_type("text/csv", mark)}

    @property
    def media_file_mgr(self) -> Files:
        return self

    def read_file(self, name: str) -> object:
        return type("File", (), {"mimetype": self.types[name]}) if name in self.types else None


@pytest.fixture
def sign(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Streamlit's identity cookie for claims."""
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(gates, "get_cookie_secret", lambda: "secret of the tests")

    def make(claims: dict[str, object], secret: str = "secret of the tests") -> dict[str, str]:
        value = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(claims))
        return {USER_COOKIE_NAME: value.decode()}

    return make


def test_a_file_is_given_to_its_login_alone(
    client: TestClient, sign: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, handed_out = draw_mark(), HandedOut()
    monkeypatch.setattr(gates, "HANDED_OUT", handed_out)
    monkeypatch.setattr(gates.runtime, "get_instance", lambda: Files(mark))
    mine, theirs = claims_of("leader"), claims_of("operator")
    expired = claims_of("leader", exp=int(time.time()) - 1, nonce="old")
    handed_out.open(mark, gates.identify(mine).login_key)

    def ask(name: str, cookies: dict[str, str]) -> int:
        client.cookies = cookies  # pyright: ignore
        return client.get(f"/media/{name}").status_code

    assert ask("marked", sign(mine)) == 200
    assert ask("marked", sign(theirs)) == 403
    for nobody in ({}, sign(mine, "another secret"), sign(expired), {USER_COOKIE_NAME: "x"}):
        assert ask("marked", nobody) == 403
        assert ask("plain", nobody) == 403
    assert ask("plain", sign(theirs)) == 200


def test_a_file_may_be_fetched_for_a_while_by_its_owner() -> None:
    handed_out, mark, owner = HandedOut(), draw_mark(), ("iss", "sub")
    assert not handed_out.may_fetch(mark, owner)
    handed_out.open(mark, owner, now=100)
    assert handed_out.may_fetch(mark, owner, now=100 + OPEN_SECONDS - 1)
    assert not handed_out.may_fetch(mark, owner, now=100 + OPEN_SECONDS)
    assert not handed_out.may_fetch(mark, ("iss", "other"), now=101)
    assert not handed_out.may_fetch(mark, None, now=101)
    assert not handed_out.may_fetch(draw_mark(), owner, now=101)


def test_a_mark_stands_in_the_media_type() -> None:
    mark = draw_mark()
    assert len(mark) == 32
    assert read_mark(mark_type("text/csv", mark)) == mark
    assert read_mark("text/csv; charset=utf-8") is None


@pytest.mark.parametrize("value", ["", "x", "e30.x.y", "ế"])
def test_a_cookie_that_is_none_claims_nothing(
    sign: Callable[..., dict[str, str]], value: str
) -> None:
    assert sign({})
    assert read_claims({USER_COOKIE_NAME: value}) == {}
