"""A home in which nothing is wrong, small enough to break it in every test anew."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.serving.publish import network_hash, rules_hash
from pipelines.serving.snapshot import point_to
from tests.operating.log_of_pulls import add_pull, day, written_log

NOW = day(4)
VERSION = "motcua-20260619T060000-a1b2c3d4"
SOURCES = """
sources:
- id: shop
  kind: files
  dialect: shop-csv
  files: {path: inbox/*.csv}
- id: system
  kind: rest
  rest: {url: "https://system.example/dossiers", auth: {kind: bearer, env: SYSTEM_TOKEN}}
"""


def write_snapshot(serving: Path, version: str = VERSION, **changes: str) -> Path:
    """A snapshot that holds what it says of itself, and the pointer to it."""
    serving.mkdir(exist_ok=True)
    meta = {
        "version": version, "published_at": NOW.isoformat(), "data_as_of": str(NOW.date()),
        "rules_hash": rules_hash(), "network_hash": network_hash(), "is_synthetic": "false",
        **changes,
    }  # fmt: skip
    file = serving / f"{version}.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as db:
        db.execute("create table meta (key varchar primary key, value varchar)")
        db.executemany("insert into meta values (?, ?)", list(meta.items()))
    point_to(serving, version)
    return file


@pytest.fixture(scope="session")
def _sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sound") / "home"
    home.mkdir()
    (home / "sources.yml").write_text(SOURCES, encoding="utf-8")
    (home / "landing" / "dossiers" / "shop").mkdir(parents=True)
    key = home / "pseudonym.key"
    key.touch(mode=0o600)
    key.write_text("a key of the tests", encoding="ascii")
    with written_log(home) as log:
        for number in range(5):
            for name in ("shop", "system"):
                add_pull(log, day(number), accepted=20, name=name)
    write_snapshot(home / "serving")
    (home / "backups").mkdir()
    (home / "backups" / "b.tar").touch()
    return home


@pytest.fixture
def home(_sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sound home, this test's own, with an environment that suits it."""
    copy = tmp_path / "home"
    shutil.copytree(_sound, copy)
    made = {
        "made_at": (NOW - timedelta(hours=20)).isoformat(),
        "file": str(copy / "backups" / "b.tar"),
        "bytes": 1,
    }
    (copy / "backups.ndjson").write_text(json.dumps(made) + "\n", encoding="utf-8")
    monkeypatch.delenv("MOTCUA_PSEUDONYM_KEY")
    for name, value in {
        "MOTCUA_HOME": str(copy),
        "MOTCUA_NOW": NOW.isoformat(),
        "MOTCUA_KEY_FILE": str(copy / "pseudonym.key"),
        "MOTCUA_DUCKDB_MEMORY": "500MB",
        "SYSTEM_TOKEN": "a token of the tests",
    }.items():
        monkeypatch.setenv(name, value)
    return copy
