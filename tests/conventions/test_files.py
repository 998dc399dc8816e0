"""Conventions of the files: sizes, docstrings, paths, names."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT

LONGEST = 400
OURS = ("pipelines", "dashboard", "tests", "models/sql", "models/metrics", "models/macros", "data")
SUFFIXES = (".py", ".sql", ".yml", ".css", ".sh", ".md")
# an absolute path of some machine: of a person's home, a workplace, a temporary folder
MACHINE_PATH = re.compile(r"(?<![\w.:/}$)-])/(?:work|home|root|Users|tmp|mnt)/[\w.-]+")


def list_tracked() -> list[Path]:
    """Files that are or would be under version control."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [PROJECT_ROOT / line for line in answer.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def find_machine_paths(text: str) -> list[str]:
    """Machine paths in a text."""
    return MACHINE_PATH.findall(text)


def packages() -> list[str]:
    found = [
        path.parent.relative_to(PROJECT_ROOT).as_posix()
        for top in ("pipelines", "dashboard")
        for path in sorted((PROJECT_ROOT / top).rglob("__init__.py"))
    ]
    assert "pipelines/intake" in found
    return found


@pytest.mark.parametrize("package", packages())
def test_every_package_says_what_belongs_in_it(package: str) -> None:
    text = (PROJECT_ROOT / package / "__init__.py").read_text(encoding="utf-8")
    assert len(ast.get_docstring(ast.parse(text)) or "") > 20


def test_every_folder_of_python_modules_is_a_package() -> None:
    folders = {p.parent for top in ("pipelines", "dashboard") for p in
               (PROJECT_ROOT / top).rglob("*.py")}  # fmt: skip
    without = [str(folder) for folder in folders if not (folder / "__init__.py").exists()]
    assert without == []


def test_no_file_of_ours_is_long() -> None:
    long = {
        path.relative_to(PROJECT_ROOT).as_posix(): lines
        for path in list_tracked()
        if path.suffix in SUFFIXES
        and path.relative_to(PROJECT_ROOT).as_posix().startswith(OURS)
        and path.name not in ("sources.yml",)
        and "__snapshots__" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    found = {}
    for path in list_tracked():
        if path.suffix in (".ttf", ".png", ".gz") or path == Path(__file__):
            continue
        paths = find_machine_paths(path.read_text(encoding="utf-8", errors="ignore"))
        if paths:
            found[path.relative_to(PROJECT_ROOT).as_posix()] = paths[:3]
    assert found == {}


@pytest.mark.parametrize(
    "text", ["see /work" + "/main/data", 'open("/home' + '/someone/x")', "cd /tmp" + "/d1"]
)
def test_a_planted_path_of_a_machine_is_seen(text: str) -> None:
    assert find_machine_paths(text)


def test_the_environment_of_a_source_holds_no_secret() -> None:
    listed = (PROJECT_ROOT / "data" / "sources.yml").read_text(encoding="utf-8")
    assert "Bearer" not in listed
    assert re.findall(r"env: (\w+)", listed)
    assert not re.search(r"token: ", listed)
