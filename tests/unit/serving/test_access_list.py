"""The list of people with access: what is a good entry, and whom it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.serving.access_list import AccessListError, Entry, find_entry, read_access_list
from pipelines.serving.roles import Role
from pipelines.settings import PROJECT_ROOT

GOOD = "{email: a@example.org, role: leader}"


def read(folder: Path, text: str) -> tuple[Entry, ...]:
    file = folder / "access.yml"
    file.write_text(text, encoding="utf-8")
    return read_access_list(file)


def test_the_example_has_every_role() -> None:
    entries = read_access_list(PROJECT_ROOT / "data" / "access.yml")
    assert {entry.role for entry in entries} == set(Role)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("people: [", "not readable as YAML in line 1"),
        ("{}", "there is no list `people`"),
        ("people: {a: b}", "there is no list `people`"),
        ("people: [5]", "entry 1: Input should be a valid dictionary or instance of Entry"),
        (
            f"people: [{GOOD}, {{role: leader}}]",
            "entry 2: exactly one of email, sub and group says who it is for",
        ),
        (
            "people: [{email: a@example.org, sub: b, role: leader}]",
            "entry 1: exactly one of email, sub and group says who it is for",
        ),
        ("people: [{email: nobody, role: leader}]", "entry 1: email: is no e-mail address"),
        (
            "people: [{sub: a, role: emperor}]",
            "entry 1: role: Input should be 'leader', 'unit_leader', 'operator' or 'analyst'",
        ),
        (
            "people: [{sub: a, role: unit_leader}]",
            "entry 1: units: a unit leader has the own units, nobody else has any",
        ),
        (
            'people: [{sub: a, role: leader, units: ["024@"]}]',
            "entry 1: units: a unit leader has the own units, nobody else has any",
        ),
        (
            'people: [{sub: a, role: unit_leader, units: ["024"]}]',
            "entry 1: units: a unit is CODE@ or CODE@YYYY-MM-DD, the first day of its validity",
        ),
        (
            "people: [{sub: a, role: unit_leader, units: [024]}]",
            "entry 1: units.0: Input should be a valid string",
        ),
        (
            "people: [{sub: a, role: leader, colour: red}]",
            "entry 1: colour: Extra inputs are not permitted",
        ),
        (
            f"people: [{GOOD}, {{email: A@Example.org, role: operator}}]",
            "entry 2: email: is named twice",
        ),
    ],
)
def test_a_wrong_list_is_one_line_with_entry_and_field(
    tmp_path: Path, text: str, line: str
) -> None:
    with pytest.raises(AccessListError) as refused:
        read(tmp_path, text)
    assert str(refused.value) == f"access.yml: {line}"


def test_a_list_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(AccessListError, match=r"^access\.yml: there is no such file"):
        read_access_list(tmp_path / "access.yml")


def test_a_changed_list_is_read_anew(tmp_path: Path) -> None:
    assert read(tmp_path, f"people: [{GOOD}]")[0].role is Role.leader
    other = GOOD.replace("leader", "operator")
    assert read(tmp_path, f"people: [{other}]")[0].role is Role.operator


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"sub": "1", "email": "LAN@example.org"}, Role.leader),
        ({"sub": "1", "email": "lan@example.org", "email_verified": True}, Role.leader),
        ({"sub": "1", "email": "lan@example.org", "email_verified": False}, None),
        ({"sub": "s-7"}, Role.operator),
        ({"sub": "s-7", "groups": ["statistics"]}, Role.operator),
        ({"sub": "2", "groups": ["others", "statistics"]}, Role.analyst),
        ({"sub": "2", "groups": "statistics"}, Role.analyst),
        ({"sub": "statistics"}, None),
        ({"sub": "2", "groups": None}, None),
        ({"email": ""}, None),
        ({}, None),
    ],
)
def test_an_entry_is_found_by_its_claim(
    tmp_path: Path, claims: dict[str, object], role: Role | None
) -> None:
    entries = read(
        tmp_path,
        "people: [{group: statistics, role: analyst}, {email: lan@example.org, role: leader},"
        " {sub: s-7, role: operator}]",
    )
    found = find_entry(entries, claims)
    assert (found.role if found else None) is role
