"""Hostile addresses: whatever stands in one, no traceback, and no figure of units of others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views import PAGES
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.roles import Role
from tests.dashboard.visiting import PATHS, claims_of, html_of, make_home, open_as

OWN = "00691@2025-07-01"
FOREIGN = ("00706@2025-07-01", "00691@", "08")
NASTY: tuple[str | list[str], ...] = (
    "", "'; drop table meta; --", "<script>alert(1)</script>", "\x00", "9" * 5_000, "2025-13",
    "None", "{0}", [OWN, FOREIGN[0]],
)  # fmt: skip


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    people: list[dict[str, object]] = [
        {"email": "commune@example.org", "role": "unit_leader", "units": [OWN]},
        {"email": "operator@example.org", "role": "operator"},
    ]
    return make_home(tmp_path_factory.mktemp("home"), published_home, people)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[MetricQuery]:
    """Every question that reaches the metric layer of a snapshot opened anew."""
    from dashboard import data

    questions: list[MetricQuery] = []
    ask = MetricLayer.query
    monkeypatch.setattr(
        MetricLayer, "query", lambda layer, q: (questions.append(q), ask(layer, q))[1]
    )
    data._open.clear()  # pyright: ignore
    return questions


def parameters_of(page: AppTest) -> tuple[str, ...]:
    """What a page takes from its address."""
    return tuple(page.session_state["address-chosen"])


@pytest.mark.parametrize("entry", PAGES, ids=PATHS)
def test_no_address_breaks_a_page(
    monkeypatch: pytest.MonkeyPatch, home: Path, entry: object
) -> None:
    page_entry = next(page for page in PAGES if page is entry)
    page = open_as(monkeypatch, home, claims_of("operator"), page_entry.path)
    names = parameters_of(page)
    assert "lang" in names
    for nasty in NASTY:
        page.query_params.update(dict.fromkeys(names, nasty))
        page.run()
        assert not page.exception, (names, nasty)
        html = html_of(page)
        assert "mc-footer" in html
        assert "<script>alert" not in html


@pytest.mark.parametrize("entry", [e for e in PAGES if Role.unit_leader in e.roles])
def test_no_address_opens_a_unit_of_others(
    monkeypatch: pytest.MonkeyPatch, home: Path, asked: list[MetricQuery], entry: object
) -> None:
    page_entry = next(page for page in PAGES if page is entry)
    page = open_as(monkeypatch, home, claims_of("commune"), page_entry.path)
    names = parameters_of(page)
    for nasty in (*FOREIGN, *NASTY[-3:]):
        page.query_params.update(dict.fromkeys(names, nasty))
        page.run()
        assert not page.exception, (names, nasty)
        assert "mc-footer" in html_of(page)
    assert {query.units for query in asked} <= {(OWN,)}
    assert asked or page_entry.path == "dossiers"


@pytest.mark.parametrize("path", ["overview", "definitions", "score766"])
def test_a_foreign_unit_in_an_address_means_the_own(
    monkeypatch: pytest.MonkeyPatch, home: Path, path: str
) -> None:
    def figures(page: AppTest) -> str:
        html = html_of(page)
        shown = html[html.index('<header class="mc-header"') :]
        return re.sub(r' href="[^"]*"', "", shown)  # links keep what the address had

    page = open_as(monkeypatch, home, claims_of("commune"), path)
    plain = figures(page)
    for value in FOREIGN:
        page.query_params["unit"] = value
        assert figures(page.run()) == plain
