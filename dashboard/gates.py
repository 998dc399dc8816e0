"""What stands before Streamlit's own routes: files for their owners alone, and the way back.

Streamlit gives a file to whoever knows its address, and brings everybody who logged in to the
first page. Both are put right on the way in and out, in plain ASGI: nothing else is touched.
"""

from __future__ import annotations

import json
from typing import cast
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard.access import NoViewerError, identify
from dashboard.handed_out import HANDED_OUT, Owner, read_mark
from pipelines.settings import settings

MEDIA = "/media/"
LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
WANTED = "motcua_wanted"
"""Cookie with the address to come back to; it goes to the callback alone."""

_LONGEST = 2_000
_PATIENCE_SECONDS = 900  # to find one's password


class FileGate:
    """Gives a file to a login that lives; one with a mark to the login it was made for."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 403 whoever may not have what `/media/` keeps."""
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and path.startswith(MEDIA):
            try:
                owner = _owner(HTTPConnection(scope))
            except NoViewerError:
                await PlainTextResponse("log in first", 403)(scope, receive, send)
                return
            if not _may_have(path.removeprefix(MEDIA), owner):
                await PlainTextResponse("not yours, or no longer there", 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class WayBack:
    """Remembers where a login or logout was asked for, and leads back there after it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the cookie on the way out, use it on the way back."""
        path = scope.get("path") if scope["type"] == "http" else None
        if path not in (LOGIN, LOGOUT, CALLBACK):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        wanted = _asked_on(request) if path != CALLBACK else _remembered(request)

        async def lead_back(message: Message) -> None:
            if message["type"] == "http.response.start" and wanted is not None:
                headers = MutableHeaders(scope=message)
                if headers.get("location") == "/":
                    headers["location"] = wanted
                headers.append("set-cookie", _cookie("" if path == CALLBACK else wanted))
            await send(message)

        await self._app(scope, receive, lead_back)


def safe_address(text: str | None) -> str | None:
    """An address of a view on this site, None for anything else: no other host, no own route."""
    if not text or len(text) > _LONGEST or not text.isprintable() or "\\" in text:
        return None
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return None
    if parts.path.startswith(("/auth/", CALLBACK, MEDIA, "/_stcore")):
        return None
    return quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")


def read_claims(cookies: dict[str, str]) -> dict[str, object]:
    """The claims of Streamlit's identity cookie; nothing where it is not signed by us."""

    def read_one(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, ""))

    found = get_cookie_with_chunks(read_one, USER_COOKIE_NAME)
    claims = cast(object, json.loads(found)) if found else None
    return cast("dict[str, object]", claims) if isinstance(claims, dict) else {}


def _owner(request: HTTPConnection) -> Owner:
    if not settings().needs_login:
        return None
    claims = read_claims(request.cookies)
    if not claims.get("is_logged_in"):
        raise NoViewerError("login")
    return identify(claims).login_key


def _may_have(name: str, owner: Owner) -> bool:
    file = runtime.get_instance().media_file_mgr.read_file(name)
    mark = read_mark(file.mimetype) if file is not None else None
    return mark is None or HANDED_OUT.may_fetch(mark, owner)


def _asked_on(request: HTTPConnection) -> str | None:
    """The page that the browser comes from, if it is one of ours."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host"):
        return None
    return safe_address(before.path + (f"?{before.query}" if before.query else ""))


def _remembered(request: HTTPConnection) -> str | None:
    return safe_address(unquote(request.cookies.get(WANTED, "")))


def _cookie(wanted: str) -> str:
    seconds = _PATIENCE_SECONDS if wanted else 0
    return (
        f"{WANTED}={quote(wanted, safe='')}; Path={CALLBACK}; Max-Age={seconds};"
        " HttpOnly; SameSite=Lax"
    )
