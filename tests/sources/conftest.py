"""The same records behind a service, in a file and in a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.intake.landing import Outcome
from pipelines.intake.pull import Pull, pull_source
from pipelines.intake.sources import Source
from pipelines.intake.windows import Window
from pipelines.settings import settings
from tests.faults.shops import record
from tests.sources.server import CLIENT, SECRET

N = 57
FIRST = datetime(2025, 3, 8, 1)


def records() -> list[dict[str, Any]]:
    """Sound national records, updated a minute apart."""
    return [
        record(n, updated_at=(FIRST + timedelta(minutes=n)).isoformat()) for n in range(1, N + 1)
    ]


def pull_at(home: Path, source: Source, moment: datetime) -> Outcome:
    """One pull of a source at a moment, up to it."""
    asked = Pull(
        home / "landing", settings().reference_dir, home, Window(None, moment), moment, "run",
        lambda _source, _n: None,
    )  # fmt: skip
    return pull_source(source, asked)


PROOFS: dict[str, dict[str, Any]] = {
    "none": {"kind": "none"},
    "bearer": {"kind": "bearer", "env": "SHOP_SECRET"},
    "header": {"kind": "api_key", "env": "SHOP_SECRET", "header": "X-Api-Key"},
    "query": {"kind": "api_key", "file": "secret", "query": "key"},
    "oauth2": {
        "kind": "oauth2", "client_env": "SHOP_CLIENT", "env": "SHOP_SECRET", "scope": "dossiers",
    },
}  # fmt: skip

STYLES: dict[str, dict[str, Any]] = {
    "cursor": {"page": {"style": "cursor", "size": 10}},
    "number": {"page": {"style": "number", "size": 10, "total": "meta.total"}},
    "number-bare": {"page": {"style": "number", "size": 10}},
    "number-small": {"page": {"style": "number", "size": 10, "first": 0}},
    "link-body": {"page": {"style": "link", "size": 10}, "next": "links.next"},
    "link-header": {"page": {"style": "link", "size": 10}},
}


@dataclass(frozen=True)
class Service:
    """The running service."""

    port: int

    def source(self, proof: str, style: str, **rest: Any) -> Source:
        """An entry that asks it for dossiers of the system `shop`."""
        auth = dict(PROOFS[proof])
        if proof == "oauth2":
            auth["token_url"] = f"http://127.0.0.1:{self.port}/token"
        known = STYLES.get(style.removeprefix("shuffled-"), {})
        url = f"http://127.0.0.1:{self.port}/{proof}/{style}"
        return Source.model_validate(
            {
                "id": "shop-dossiers", "kind": "rest", "system": "shop",
                "rest": {"url": url, "auth": auth} | known | rest,
            }
        )  # fmt: skip

    def asked(self) -> dict[str, int]:
        """How often each path was asked so far."""
        return httpx.get(f"http://127.0.0.1:{self.port}/asked").json()


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    serving: Callable[[list[str], int], AbstractContextManager[None]],
    find_port: Callable[[], int],
) -> Iterator[Service]:
    """The records behind a service in a process of its own."""
    file = tmp_path_factory.mktemp("service") / "records.json"
    file.write_text(json.dumps(records()))
    port = find_port()
    server = Path(__file__).with_name("server.py")
    with serving([sys.executable, str(server), str(file), str(port)], port):
        yield Service(port)


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    monkeypatch.setenv("SHOP_CLIENT", CLIENT)
    (tmp_path / "secret").write_text(f"{SECRET}\n")


@pytest.fixture(scope="session")
def as_file() -> Callable[[Path], Source]:
    """The records as a file of JSON in a home."""

    def deliver(home: Path) -> Source:
        (home / "records.json").write_text(json.dumps(records()))
        return Source.model_validate(
            {
                "id": "shop-dossiers", "kind": "files", "system": "shop",
                "files": {"path": "records.json"},
            }
        )  # fmt: skip

    return deliver
