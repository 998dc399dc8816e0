from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import dashboard
from dashboard.i18n import LANGUAGES, LOCALE_DIR, Language
from dashboard.views import PAGES

ROOT = Path(dashboard.__file__).parent


def said_texts() -> Iterator[str]:
    """Every text given to `say` and `say_html` in the code, and every page title."""
    yield from (text for entry in PAGES for text in (entry.title, entry.group))
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and is_saying(node.func):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def is_saying(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in {"say", "say_html"}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "vi"])
def test_every_text_is_translated_with_its_places(code: str) -> None:
    with (LOCALE_DIR / code / "LC_MESSAGES" / "motcua.po").open("rb") as stream:
        catalogue = {str(m.id): str(m.string) for m in read_po(stream) if m.id}
    texts = set(said_texts())
    assert texts == set(catalogue)
    for text, translated in catalogue.items():
        assert translated
        assert places(text) == places(translated)


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


def test_values_are_escaped_in_html() -> None:
    html = Language("en").say_html("tại ngày {day}", day="<b>")
    assert html == "on &lt;b&gt;"
