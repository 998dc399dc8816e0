"""A shop's system that plays a script of answers, right and wrong ones, on a port.

`python server.py SCRIPT PORT`: SCRIPT is JSON, path -> list of answers {"status", "body",
"token"}; each request takes the next answer, the last one stays. With a "token" the request
must bear it, or it is refused with 401. `{port}` in a body is no feature: bodies go out as they
are, cut or not.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def make_app(script: dict[str, list[dict[str, object]]]) -> Starlette:
    """The application of a script."""
    asked: Counter[str] = Counter()

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        answers = script[name]
        chosen = answers[min(asked[name], len(answers) - 1)]
        asked[name] += 1
        token = chosen.get("token")
        if token and request.headers.get("authorization") != f"Bearer {token}":
            return Response('{"error": "who are you"}', 401, media_type="application/json")
        return Response(
            str(chosen["body"]), int(str(chosen.get("status", 200))), media_type="application/json"
        )

    return Starlette(routes=[Route("/{name}", answer)])


if __name__ == "__main__":
    uvicorn.run(
        make_app(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))),
        port=int(sys.argv[2]),
        log_level="warning",
    )
