"""Each behaviour does what its name says, the same way for the same seed, and only when asked."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.simulator.behaviours.parse import read_behaviours
from pipelines.simulator.server import make_app

TOKEN = "only-for-this-test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Row = dict[str, Any]


@dataclass
class Told:
    """The centre of a province with behaviours, asked in this process."""

    client: TestClient
    records: pl.DataFrame

    def get(self, **params: str) -> httpx.Response:
        return self.client.get("/centre/dossiers", params=params, headers=BEARER)  # pyright: ignore

    def pages(self, size: int = 50, **params: str) -> list[list[Row]]:
        """All pages by cursor, as a client that believes everything would take them."""
        found: list[list[Row]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(size=str(size), **params, **cursor).json()
            found.append(answer["data"])
            if answer["next_cursor"] is None:
                return found
            cursor = {"cursor": answer["next_cursor"]}

    def rows(self, **params: str) -> list[Row]:
        return [row for page in self.pages(**params) for row in page]

    def move_clock(self, moment: datetime) -> None:
        told = self.client.post("/_clock", json={"now": moment.isoformat()}, headers=BEARER)
        assert told.status_code == 204


Serve = Callable[..., Told]


@pytest.fixture
def serve(small_province: Path) -> Iterator[Serve]:
    """Serve the small province with behaviours."""
    file = small_province / "systems" / "centre" / "dossiers.parquet"

    def make(*behaviours: str, now: datetime | None = None, seed: int = 3) -> Told:
        texts = [f"centre={behaviour}" for behaviour in behaviours]
        served = make_app(small_province, TOKEN, behaviours=texts, seed=seed, now=now)
        return Told(TestClient(served), pl.read_parquet(file))

    yield make


def key(row: Row) -> str:
    return json.dumps(row, sort_keys=True)


def statuses(told: Told, requests: int = 40) -> list[int]:
    return [told.get(size="1").status_code for _ in range(requests)]


def test_a_clock_reveals_what_was_told_by_then(serve: Serve) -> None:
    now = datetime(2025, 1, 1, 12)
    told = serve(now=now)
    assert len(told.rows()) == told.records.filter(pl.col("updated_at") <= now).height
    told.move_clock(now + timedelta(days=100))
    later = told.records.filter(pl.col("updated_at") <= now + timedelta(days=100))
    assert len(told.rows()) == later.height < told.records.height


def test_the_clock_moves_only_for_who_knows_the_token(serve: Serve) -> None:
    told = serve(now=datetime(2025, 1, 1))
    assert told.client.post("/_clock", json={"now": "2025-02-01T00:00:00"}).status_code == 401
    for bad in ("[]", "{}", "x", '{"now": "soon"}'):
        assert told.client.post("/_clock", content=bad, headers=BEARER).status_code == 400


def test_error_bursts_have_their_length_and_follow_the_seed(serve: Serve) -> None:
    first, again, other = (
        statuses(serve("error_burst:every=5:length=3", seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again != other
    assert {500, 502, 503, 200} >= set(first) and first.count(200) < 40
    text = "".join("e" if status >= 500 else "." for status in first)
    assert all(len(burst) % 3 == 0 for burst in text.strip("e").split(".") if burst)


def test_too_many_requests_name_the_wait_in_both_forms(serve: Serve) -> None:
    told = serve("rate_limited:every=1:wait=1")
    forms: set[bool] = set()
    for _ in range(2):
        answer = told.get(size="1")
        assert answer.status_code == 429
        forms.add(answer.headers["retry-after"].isdecimal())
        # who asks too early is refused again
        assert told.get(size="1").status_code == 429
        time.sleep(1.05)
    assert forms == {True, False}


def test_a_page_that_comes_twice_loses_nothing(serve: Serve) -> None:
    told = serve("page_twice:every=3")
    rows = [key(row) for row in told.rows()]
    assert len(rows) > told.records.height == len(set(rows))


@pytest.mark.parametrize("behaviour", ["page_twice:every=3:skip=1", "page_order"])
def test_a_client_that_believes_the_cursor_loses_rows(serve: Serve, behaviour: str) -> None:
    told = serve(behaviour)
    assert len({key(row) for row in told.rows()}) < told.records.height


def test_a_page_order_that_changes_tells_all_in_a_page_that_holds_all(serve: Serve) -> None:
    told = serve("page_order")
    (page,) = told.pages(size=5000)
    assert len({key(row) for row in page}) == told.records.height


@pytest.mark.parametrize("hours", [2, -2])
def test_stamps_and_windows_follow_the_systems_own_clock(serve: Serve, hours: int) -> None:
    told = serve(f"clock_skew:hours={hours}")
    stamps = told.records["updated_at"] + timedelta(hours=hours)
    rows = told.rows()
    assert [row["updated_at"] for row in rows] == stamps.dt.strftime("%Y-%m-%dT%H:%M:%S").to_list()
    middle = stamps[stamps.len() // 2]
    after = told.rows(updated_from=middle.isoformat())
    assert len(after) == (stamps >= middle).sum()


def test_a_clock_that_is_ahead_tells_nothing_before_it_happened(serve: Serve) -> None:
    now = datetime(2025, 1, 2, 10)
    ahead = serve("clock_skew:hours=2", now=now)
    assert len(ahead.rows()) == ahead.records.filter(pl.col("updated_at") <= now).height


def test_late_updates_are_told_in_the_end(serve: Serve) -> None:
    now = datetime(2025, 6, 1)
    told = serve("late_updates:share=0.5:days=10", now=now)
    due = told.records.filter(pl.col("updated_at") <= now)
    before = told.rows(updated_to=now.isoformat())
    assert 0.9 * due.height < len(before) < due.height
    told.move_clock(now + timedelta(days=11))
    after = told.rows(updated_to=now.isoformat())
    assert len(after) == due.height
    stamps = [row["updated_at"] for row in before]
    assert stamps == sorted(stamps)


def test_a_system_is_down_on_its_days_alone(serve: Serve) -> None:
    told = serve("down:since=2025-06-10:days=5", now=datetime(2025, 6, 9, 23, 59, 59))
    found: list[int] = []
    for day in (9, 10, 14, 15):
        told.move_clock(datetime(2025, 6, day, 12))
        found.append(told.get().status_code)
    assert found == [200, 503, 503, 200]


def test_a_token_expires_and_the_new_one_is_written_where_it_is_kept(
    serve: Serve, small_province: Path
) -> None:
    told = serve("token_expires:after=3:file=token-of-the-centre")
    kept = small_province / "token-of-the-centre"
    assert kept.read_text() == TOKEN
    assert statuses(told, 6) == [200, 200, 200, 401, 401, 401]
    assert kept.read_text() == f"{TOKEN}-renewed"
    assert kept.stat().st_mode & 0o077 == 0
    renewed = {"Authorization": f"Bearer {kept.read_text()}"}
    assert told.client.get("/centre/dossiers", headers=renewed).status_code == 200
    kept.unlink()  # the province is shared


def test_a_page_in_another_encoding_is_the_same_page(serve: Serve) -> None:
    sound, told = serve().get().json(), serve("wrong_encoding:every=1")
    said, silent = told.get(), told.get()
    assert said.headers["content-type"] == "application/json; charset=windows-1258"
    text = said.content.decode("windows-1258")
    assert json.loads(unicodedata.normalize("NFC", text)) == sound
    assert silent.headers["content-type"] == "application/json"
    assert json.loads(silent.content.decode("utf-16")) == sound


def test_other_systems_behave(serve: Serve) -> None:
    told = serve("error_burst:every=1:length=9")
    assert told.get().status_code >= 500
    assert told.client.get("/vi-xuyen-district/dossiers", headers=BEARER).status_code == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere=cut", "no system 'nowhere'"),
        ("cut", "no system 'cut'"),
        ("centre=sing", "'sing' is not one of rate_limited, error_burst"),
        ("centre=cut:often=1", "often: Extra inputs are not permitted"),
        ("centre=cut:every=0", "every: Input should be greater than or equal to 1"),
        ("centre=cut:every", "'every' is not key=value"),
        ("centre=down:since=2025-06-10", "it happens in time, so --now is needed"),
        ("centre=late_updates", "it happens in time, so --now is needed"),
    ],
)
def test_a_behaviour_that_is_none_is_one_line_before_anything_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    out = tmp_path / "province"
    done = CliRunner().invoke(app, ["simulate", "--out", str(out), "--behaviour", text])
    assert done.exit_code == 2
    assert f"simulate: behaviour '{text}': " in done.stderr
    assert message in done.stderr
    assert not out.exists()


def test_all_systems_may_misbehave_in_several_ways() -> None:
    found = read_behaviours(["all=cut", "b=slow:delay=1"], ["a", "b"], has_clock=False)
    assert [type(one).__name__ for one in found["a"]] == ["Cut"]
    assert [type(one).__name__ for one in found["b"]] == ["Cut", "Slow"]
    assert found["a"][0] is not found["b"][0]
