"""The server over a small province, as a process of its own on a free port."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import polars as pl
import pytest

from pipelines.commands.ports import free_port
from pipelines.simulator.sources import TOKEN_ENV

TOKEN = "only-for-this-test"


@pytest.fixture(scope="module")
def client(
    small_province: Path, serving: Callable[[list[str], int], AbstractContextManager[None]]
) -> Iterator[httpx.Client]:
    port = free_port()
    script = (
        "import sys; from pathlib import Path; from pipelines.simulator.server import serve;"
        " serve(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, str(small_province), str(port)]
    with (
        pytest.MonkeyPatch.context() as patch,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}
        ) as session,
    ):
        patch.setenv(TOKEN_ENV, TOKEN)
        with serving(command, port):
            yield session


def pages(client: httpx.Client, url: str, **params: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        query = params | ({"cursor": cursor} if cursor else {})
        answer = client.get(url, params=query).raise_for_status().json()
        assert answer["synthetic"] is True
        found += answer["data"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("feed", ["dossiers", "progress"])
def test_pages_together_are_the_file(client: httpx.Client, small_province: Path, feed: str) -> None:
    file = pl.read_parquet(small_province / "systems" / "centre" / f"{feed}.parquet")
    told = file.with_columns(pl.col("updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S")).to_dicts()
    assert pages(client, f"/centre/{feed}", size="97") == told


def test_windows_meet_without_gap_or_overlap(client: httpx.Client, small_province: Path) -> None:
    file = pl.read_parquet(small_province / "systems" / "centre" / "dossiers.parquet")
    middle = file["updated_at"][file.height // 2].strftime("%Y-%m-%dT%H:%M:%S")
    before = pages(client, "/centre/dossiers", updated_to=middle, size="5000")
    after = pages(client, "/centre/dossiers", updated_from=middle, size="5000")
    assert len(before) + len(after) == file.height
    assert max(str(record["updated_at"]) for record in before) < middle
    assert min(str(record["updated_at"]) for record in after) == middle


def test_empty_window(client: httpx.Client) -> None:
    answer = client.get("/centre/dossiers", params={"updated_from": "2030-01-01T00:00:00"}).json()
    assert answer == {"synthetic": True, "data": [], "next_cursor": None}


@pytest.mark.parametrize("header", ["Bearer wrong", "", f"Basic {TOKEN}"])
def test_wrong_token_is_refused(client: httpx.Client, header: str) -> None:
    answer = client.get("/centre/dossiers", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"] == "wrong or missing bearer token"


@pytest.mark.parametrize(
    ("url", "params", "status"),
    [("/nowhere/dossiers", {}, 404), ("/centre/kiosk", {}, 404),
     ("/centre/dossiers", {"size": "5001"}, 400), ("/centre/dossiers", {"size": "-1"}, 400),
     ("/centre/dossiers", {"cursor": "x"}, 400),
     ("/centre/dossiers", {"updated_from": "yesterday"}, 400)],
)  # fmt: skip
def test_bad_requests_say_why(
    client: httpx.Client, url: str, params: dict[str, str], status: int
) -> None:
    answer = client.get(url, params=params)
    assert answer.status_code == status
    assert answer.json()["error"]
