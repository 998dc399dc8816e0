"""A PostgreSQL server of the tests' own: Debian's binaries, a data folder of its own, gone after.

`postgres` is a fixture of the whole suite (`tests/conftest.py`), one server for each worker.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from pipelines.commands.ports import free_port

BINARIES = Path("/usr/lib/postgresql")
USER = "motcua"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Postgres:
    """A running server that asks for a password."""

    port: int
    password: str

    def url(self, database: str = "postgres", *, password: str | None = None) -> str:
        """The address of a database, with the password in it."""
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new, empty database; returns its URL."""
        name = f"base_{next(_NUMBERS)}"
        execute(self.url(), f"create database {name}")
        return self.url(name)


def execute(url: str, sql: str, parameters: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement outside of a transaction; returns its rows, if it has any."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the length of the session."""
    with running_postgres() as server:
        yield server


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server in a folder that is removed afterwards. As root it runs as the user `postgres`,
    since it refuses root."""
    binaries = max(BINARIES.glob("*/bin/initdb"), default=None)
    assert binaries is not None, "Debian's package `postgresql` is missing (.ci/run installs it)"
    identity: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="motcua-postgres-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    server = Postgres(free_port(), secrets.token_hex(12))
    try:
        secret = folder / "password"
        secret.write_text(server.password)
        options = ["--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        initialise = [
            str(binaries), *options, f"--username={USER}", f"--pwfile={secret}",
            f"--pgdata={folder / 'data'}",
        ]  # fmt: skip
        subprocess.run(initialise, check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
        run = [
            str(binaries.with_name("postgres")), "-D", str(folder / "data"), "-p", str(server.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}",
            "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=50",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **identity)
        try:
            _await(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: it ends open sessions
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            psycopg2.connect(server.url(), connect_timeout=2).close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL does not answer")
