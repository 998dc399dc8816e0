"""A shop's service that pages in every style and asks for every proof.

`python server.py RECORDS PORT`: RECORDS is a JSON file with a list of records that bear
`updated_at`. `GET /{proof}/{style}` gives them by window and page; `POST /token` gives OAuth2
tokens that are good for three requests; `GET /asked` tells how often each was asked.
"""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = "a secret & more: of the tests"
CLIENT = "motcua:client"
USES = 3
SMALL = 7


class Shop:
    """The records, the tokens that were given, and what was asked."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = sorted(records, key=lambda record: record["updated_at"])
        self.uses: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    async def token(self, request: Request) -> Response:
        """A new token for the client, three requests long."""
        self.asked["token"] += 1
        form = await request.form()
        kind, _, login = request.headers.get("authorization", "").partition(" ")
        right = base64.b64encode(b"motcua%3Aclient:a%20secret%20%26%20more%3A%20of%20the%20tests")
        if kind != "Basic" or login.encode() != right:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "dossiers":
            return JSONResponse({"error": "invalid_request"}, 400)
        name = f"token-{self.asked['token']}"
        self.uses[name] = USES
        return JSONResponse({"access_token": name, "token_type": "Bearer", "expires_in": 3600})

    def may(self, proof: str, request: Request) -> bool:
        """Whether the request carries the proof of its path."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if proof == "oauth2":
            self.uses[bearer] -= 1
            return self.uses[bearer] >= 0
        return {
            "none": True,
            "bearer": bearer == SECRET,
            "header": request.headers.get("x-api-key") == SECRET,
            "query": request.query_params.get("key") == SECRET,
        }[proof]

    async def answer(self, request: Request) -> Response:
        """A page of a window, in the style of the path."""
        proof, style = request.path_params["proof"], request.path_params["style"]
        self.asked[f"{proof}/{style}"] += 1
        if not self.may(proof, request):
            return JSONResponse({"error": "who are you"}, 401)
        asked = request.query_params
        shown = [
            record
            for record in self.records
            if asked.get("updated_from", "") <= record["updated_at"] < asked["updated_to"]
        ]
        size = int(asked["size"])
        is_shuffled = style.startswith("shuffled-")
        style = style.removeprefix("shuffled-")
        if style == "number-small":
            size = SMALL
        first = 0 if style == "number-small" else 1
        page = int(asked.get("cursor") or asked.get("page") or first) - first
        if style == "number-deaf":
            page = 0
        if is_shuffled and page % 2:
            shown = shown[size // 2 :] + shown[: size // 2]
        start = page * size
        rows, is_last = shown[start : start + size], start + size >= len(shown)
        body: dict[str, Any] = {"data": rows}
        headers: dict[str, str] = {}
        following = page + 1 + first
        link = request.url.include_query_params(page=following).remove_query_params("key")
        if style == "cursor":
            body["next_cursor"] = None if is_last else str(following)
        elif style == "number":
            body["meta"] = {"total": len(shown)}
        elif style == "number-short":
            body["meta"] = {"total": len(shown) + 1}
        elif style == "link-body" and not is_last:
            body["links"] = {"next": f"?{link.query}"}
        elif style == "link-header" and not is_last:
            headers["link"] = f'<{request.url.path}?{link.query}>; rel="next", </>; rel="first"'
        elif style == "link-away":
            away = str(link).replace("127.0.0.1", "localhost")
            body["links"] = {"next": away}
        elif style == "link-round":
            body["links"] = {"next": str(request.url)}
        return JSONResponse(body, headers=headers)

    async def told(self, _request: Request) -> Response:
        """How often each path was asked."""
        return JSONResponse(self.asked)


def main() -> None:
    shop = Shop(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    routes = [
        Route("/token", shop.token, methods=["POST"]),
        Route("/asked", shop.told),
        Route("/{proof}/{style}", shop.answer),
    ]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_level="warning")


if __name__ == "__main__":
    main()
