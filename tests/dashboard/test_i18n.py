from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import TypeGuard

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


def test_no_word_of_a_page_stands_outside_the_catalogues() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in ROOT.rglob("*.py")
        if path.parent.name != "locale" and path != ROOT / "views" / "__init__.py"
        for line, text in unsaid_texts(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('st.button("Save")', ["Save"]),
        ('st.selectbox(label="Unit", options=x)', ["Unit"]),
        ("st.html(f'<p class=\"a\">Total: {n}</p>')", ["Total:"]),
        ('name = "Đơn vị"', ["Đơn vị"]),
        ('language.say("Đơn vị")', []),
        ("st.html(f'<p class=\"a b\">{n}</p>')", []),
        ('st.container(key="filters")', []),
        ('def f():\n    """Đơn vị, as people say."""', []),
    ],
)
def test_a_planted_word_is_found(code: str, words: list[str]) -> None:
    assert [text for _, text in unsaid_texts(ast.parse(code))] == words


VIETNAMESE = re.compile(r"[ăâđêôơưạ-ỹ]", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
TAG = re.compile(r"<code>.*?</code>|</?[a-z!][^<>]*>?|&\w+;")
SHOWN = {"label", "body", "text", "help", "placeholder", "caption"}
PROPER = {"PNG", "SVG", "CSV", "XLSX"}


def unsaid_texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Words that a reader would see and no catalogue knows, with their lines."""
    said = {id(node.args[0]) for node in ast.walk(tree) if is_call(node) and is_known(node.func)}
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    pieces = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    shown = {id(text) for node in ast.walk(tree) if is_call(node) for text in texts_shown(node)}
    for node in ast.walk(tree):
        text = text_of(node)
        if text is None or {id(node)} & (said | docs | pieces):
            continue
        seen = visible(text, is_shown=id(node) in shown)
        if seen:
            yield node.lineno, seen


def visible(text: str, *, is_shown: bool) -> str:
    """What of a literal a reader sees: all of Vietnamese, what stands between tags."""
    if text.startswith(("<style", "<script", "<svg")) or "xmlns" in text:
        return ""
    bare = TAG.sub(" ", text).replace("\0", "").strip()
    is_seen = is_shown or VIETNAMESE.search(bare) or (TAG.search(text) and text != bare)
    words = set(WORD.findall(bare)) - PROPER
    return bare if is_seen and words else ""


def text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "\0" for v in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_shown(call: ast.Call) -> Iterator[ast.expr]:
    """What a call of Streamlit puts before the reader's eyes."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return
    if function.value.id != "st" or function.attr in {
        "container",
        "columns",
        "html",
        "fragment",
        "App",
    }:
        return
    yield from call.args[:1]
    yield from (each.value for each in call.keywords if each.arg in SHOWN)


def is_known(function: ast.expr) -> bool:
    """Whether the first text is said in the reader's language, or is a part of the data's names."""
    is_cut = isinstance(function, ast.Attribute) and function.attr == "removeprefix"
    return is_saying(function) or is_cut


def is_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)
