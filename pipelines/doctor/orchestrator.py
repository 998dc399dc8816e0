"""Dagster's storage: where `DAGSTER_HOME` says, reachable or not. Read without Dagster."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import psycopg2
import yaml

from pipelines.doctor.finding import Finding, broken, note
from pipelines.settings import Settings

_WHY = "the schedule does not run and no run is recorded"
_DO = "docs/operating.md, Dagster"


def check_orchestrator(_config: Settings) -> Iterator[Finding]:
    """The instance that the environment names can store runs; without one there is nothing."""
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        return
    file = Path(home) / "dagster.yaml"
    try:
        document = cast(object, yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        yield broken(f"{file} is not there or no YAML", _WHY, _DO)
        return
    instance = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    storage = instance.get("storage")
    if isinstance(storage, dict) and "postgres" in storage:
        yield from _check_postgres(cast("dict[str, object]", storage["postgres"]))
    else:
        yield from _check_sqlite(Path(home))


def _check_postgres(section: dict[str, object]) -> Iterator[Finding]:
    url = section.get("postgres_url")
    parts = section.get("postgres_db")
    try:
        if isinstance(parts, dict):
            named = {
                name: _value(value) for name, value in cast("dict[str, object]", parts).items()
            }
            connection = psycopg2.connect(
                host=named.get("hostname"), user=named.get("username"),
                password=named.get("password"), dbname=named.get("db_name"),
                port=named.get("port") or 5432, connect_timeout=5,
            )  # fmt: skip
        else:
            # SQLAlchemy names a driver in the scheme, the driver itself knows nothing of that
            address = re.sub(r"^postgresql\+\w+:", "postgresql:", _value(url))
            connection = psycopg2.connect(address, connect_timeout=5)
    except LookupError as error:
        yield broken(f"Dagster's storage: {error.args[0]} is not set", _WHY, _DO)
    except psycopg2.Error as error:
        yield broken(f"Dagster's PostgreSQL does not let us in ({type(error).__name__})", _WHY, _DO)
    else:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("select to_regclass('runs') is not null")
            row = cursor.fetchone()
        if row is None or not row[0]:
            yield note(
                "Dagster's PostgreSQL is empty", "nothing was run yet", "its first start fills it"
            )


def _value(field: object) -> str:
    """A field of dagster.yaml: the text itself, or that of the variable it names."""
    if isinstance(field, dict):
        name = str(cast("dict[str, object]", field).get("env"))
        if not os.environ.get(name):
            raise LookupError(name)
        return os.environ[name]
    return str(field)


def _check_sqlite(home: Path) -> Iterator[Finding]:
    if not os.access(home, os.W_OK):
        yield broken(f"{home} cannot be written by this user", _WHY, _DO)
        return
    for file in sorted(home.glob("**/runs.db")):
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
                database.execute("select count(*) from runs").fetchone()
        except sqlite3.Error as error:
            yield broken(f"{file} cannot be read ({type(error).__name__})", _WHY, _DO)
