"""The list of sources: every wrong entry is one line, the others are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.intake.sources import SourceListError, load_sources
from pipelines.settings import PROJECT_ROOT

GOOD: dict[str, Any] = {"id": "shop", "kind": "files", "files": {"path": "inbox/*.csv"}}


def load(tmp_path: Path, *entries: object) -> Any:
    file = tmp_path / "sources.yml"
    file.write_text(yaml.safe_dump({"sources": list(entries)}, allow_unicode=True))
    return load_sources(file)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (GOOD | {"kind": "ftp"}, "shop: kind: 'ftp' is not one of rest, files, database"),
        (GOOD | {"feed": "weather"}, "shop: feed: 'weather' is not one of dossiers, progress"),
        (GOOD | {"kind": "rest"}, "shop: rest: the section is missing"),
        (GOOD | {"id": 7}, "7: id: Input should be a valid string"),
        (GOOD | {"system": "Một Cửa"}, "shop: system: String should match pattern"),
        (GOOD | {"colour": "red"}, "shop: colour: Extra inputs are not permitted"),
        (GOOD | {"files": {}}, "shop: files.path: Field required"),
        (GOOD | {"files": {"path": "a", "after": "burn"}}, "shop: files.after: Input should be"),
        (GOOD | {"expect": {"every": "often"}}, "shop: expect.every: String should match pattern"),
        (GOOD | {"units": "030"}, "shop: units: Input should be a valid tuple"),
        (GOOD | {"kind": "rest", "rest": {"url": "ftp://x"}}, "shop: rest.url: String should"),
        (
            GOOD | {"kind": "rest", "rest": {"url": "http://x", "page": {"size": 0}}},
            "shop: rest.page.size: Input should be greater than or equal to 1",
        ),
        (
            GOOD | {"kind": "rest", "rest": {"url": "http://x", "auth": {"kind": "bearer"}}},
            "shop: rest.auth: env is needed: the name of the variable that holds the token",
        ),
        ({"kind": "files", "files": {"path": "a"}}, "entry-2: id: Field required"),
        ("just a text", "entry-2: Input should be a valid dictionary"),
        (None, "entry-2: Input should be a valid dictionary"),
    ],
)
def test_a_wrong_entry_is_one_line_with_entry_field_and_rule(
    tmp_path: Path, entry: object, message: str
) -> None:
    listed = load(tmp_path, GOOD | {"id": "sound"}, entry)
    assert [source.id for source in listed.sources] == ["sound"]
    (bad,) = listed.bad
    assert bad.message.startswith(message)
    assert "\n" not in bad.message


def test_an_id_that_is_no_id_is_reported_and_is_no_path(tmp_path: Path) -> None:
    for wrong in ("Cửa Một", "../away", "a/b", "A"):
        (bad,) = load(tmp_path, GOOD | {"id": wrong}).bad
        assert ": id: String should match pattern" in bad.message
        assert set(bad.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_an_id_may_stand_in_the_list_once(tmp_path: Path) -> None:
    listed = load(tmp_path, GOOD, GOOD)
    assert len(listed.sources) == 1
    assert listed.bad[0].message == "shop: id: is not unique"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: [", "sources.yml: not readable as YAML in line"),
        ("shops: []", "sources.yml: there is no list `sources`"),
        ("- a", "sources.yml: there is no list `sources`"),
        ("", "sources.yml: there is no list `sources`"),
    ],
)
def test_a_list_that_is_none_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sources.yml").write_text(text)
    with pytest.raises(SourceListError, match=message) as caught:
        load_sources(tmp_path / "sources.yml")
    assert "\n" not in str(caught.value)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceListError, match=r"nowhere\.yml: no such file"):
        load_sources(tmp_path / "nowhere.yml")


def test_feeds_of_one_system_share_its_identity(tmp_path: Path) -> None:
    listed = load(tmp_path, GOOD | {"system": "one"}, GOOD | {"id": "b", "feed": "progress"})
    assert [source.identity for source in listed.sources] == ["one", "b"]


def test_the_delivered_list_is_sound_and_names_twelve_systems_and_two_shops() -> None:
    listed = load_sources(PROJECT_ROOT / "data" / "sources.yml")
    assert listed.bad == ()
    systems = {(source.kind, source.identity) for source in listed.sources}
    assert sum(kind == "rest" for kind, _ in systems) == 12
    assert sum(kind == "files" for kind, _ in systems) == 2
    assert {source.feed for source in listed.sources} == {"dossiers", "progress"}
