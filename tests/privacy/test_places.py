"""Where the scan looks: Dagster's storage as its settings say, and not into the inboxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.scanner.places import DagsterStorage, PlaceError, dagster_storage, own_files

BY_URL = "storage: {postgres: {postgres_url: {env: DAGSTER_PG_URL}}}"
BY_PARTS = """
run_storage:
  module: dagster_postgres.run_storage
  config:
    postgres_db: {username: dagster, password: {env: DAGSTER_PG_SECRET}, hostname: db,
      db_name: runs, port: 5433}
"""


def storage_of(tmp_path: Path, patch: pytest.MonkeyPatch, text: str | None) -> DagsterStorage:
    patch.setenv("DAGSTER_HOME", str(tmp_path))
    if text is not None:
        (tmp_path / "dagster.yaml").write_text(text)
    return dagster_storage()


def test_without_a_home_of_dagster_there_is_no_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert dagster_storage() == DagsterStorage()


def test_a_home_without_settings_is_a_folder_of_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert storage_of(tmp_path, monkeypatch, None) == DagsterStorage(tmp_path.resolve())


def test_a_postgresql_is_found_by_its_url_or_by_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_PG_URL", "postgresql://x/y")
    assert storage_of(tmp_path, monkeypatch, BY_URL).url == "postgresql://x/y"
    monkeypatch.setenv("DAGSTER_PG_SECRET", "a/b@c")
    url = storage_of(tmp_path, monkeypatch, BY_PARTS).url
    assert url == "postgresql://dagster:a%2Fb%40c@db:5433/runs"


@pytest.mark.parametrize("text", [BY_URL, "a: [b"])
def test_settings_that_cannot_be_followed_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.delenv("DAGSTER_PG_URL", raising=False)
    with pytest.raises(PlaceError, match=r"^dagster.yaml: .*$"):
        storage_of(tmp_path, monkeypatch, text)


def test_the_inboxes_of_the_list_are_left_out_but_never_the_home_itself(tmp_path: Path) -> None:
    sources = tmp_path / "sources.yml"
    sources.write_text(
        "sources: [{files: {path: drop/a/*.csv}}, {files: {path: '*.csv'}}, {rest: {}}, 5]"
    )
    left = own_files(tmp_path, sources)
    assert tmp_path / "drop" / "a" in left
    assert not any(tmp_path.is_relative_to(path) for path in left)
