"""Who sees what: every role on every page, and everybody who may see nothing."""

from __future__ import annotations

import json
import time
from functools import cached_property
from pathlib import Path

import polars as pl
import pytest

from dashboard.access import NoViewerError, Viewer, check_again, identify, is_over, log_out
from dashboard.components.files import dossier_file, hand_out
from dashboard.handed_out import HANDED_OUT
from dashboard.logins import LOGINS, read_login
from dashboard.reader import SnapshotReader
from dashboard.views import PAGES
from pipelines.serving.access import AccessError
from pipelines.serving.metrics import MetricLayer, MetricQuery
from pipelines.serving.roles import Role, State
from pipelines.serving.snapshot import current_snapshot
from pipelines.serving.visits import Visit
from tests.dashboard.visiting import (
    PATHS,
    PROVIDER,
    busiest_units,
    claims_of,
    html_of,
    make_home,
    open_as,
)

PEOPLE = {role.value: role for role in Role}
FIGURES = ("mc-value", "mc-table", "mc-score-points")


@pytest.fixture(scope="module")
def reader(published_home: Path) -> SnapshotReader:
    return SnapshotReader(current_snapshot(published_home / "serving").file)


@pytest.fixture(scope="module")
def own(reader: SnapshotReader) -> tuple[str, ...]:
    return busiest_units(reader)


@pytest.fixture(scope="module")
def home(
    published_home: Path, own: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The published snapshot, with a list of people for each role."""
    people: list[dict[str, object]] = [
        {"email": f"{name}@example.org", "role": name}
        | ({"units": list(own)} if name == "unit_leader" else {})
        for name in PEOPLE
    ]
    return make_home(tmp_path_factory.mktemp("home"), published_home, people)


@pytest.fixture
def viewer(home: Path, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """The unit leader, just logged in."""
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MOTCUA_HOME", str(home))
    return identify(claims_of("unit_leader"))


@pytest.mark.parametrize("entry", PAGES, ids=PATHS)
@pytest.mark.parametrize("name", PEOPLE)
def test_a_page_is_for_its_roles(
    monkeypatch: pytest.MonkeyPatch, home: Path, name: str, entry: object
) -> None:
    page = next(page for page in PAGES if page is entry)
    shown = open_as(monkeypatch, home, claims_of(name), page.path)
    assert not shown.exception
    html = html_of(shown)
    may = PEOPLE[name] in page.roles
    assert ("mc-footer" in html) is may
    assert ("Trang này không dành cho vai trò của bạn" in html) is not may
    if not may:
        assert not any(mark in html for mark in FIGURES)


def test_a_unit_leader_sees_the_own_units_figures(
    monkeypatch: pytest.MonkeyPatch, home: Path, own: tuple[str, ...], reader: SnapshotReader
) -> None:
    asked: list[MetricQuery] = []
    ask = MetricLayer.query
    monkeypatch.setattr(MetricLayer, "query", lambda layer, q: (asked.append(q), ask(layer, q))[1])
    own_names = set(reader.about.units.filter(pl.col("unit_key").is_in(list(own)))["unit_name_vi"])
    others = set(reader.about.units["unit_name_vi"]) - own_names
    from dashboard import data

    data._open.clear()  # pyright: ignore
    for path in PATHS:
        html = html_of(open_as(monkeypatch, home, claims_of("unit_leader"), path, period="year"))
        assert not {name for name in others if f">{name}<" in html or f"· {name}" in html}
    data._open.clear()  # pyright: ignore
    assert len(asked) > 5
    assert {unit for q in asked for unit in q.units} == set(own)
    assert all(q.units for q in asked)


def test_a_narrowed_reader_is_the_layer_asked_for_the_units(
    own: tuple[str, ...], reader: SnapshotReader
) -> None:
    narrowed = reader.for_viewer(Viewer(Role.unit_leader, frozenset(own), "", "").as_reader)
    query = MetricQuery(("received", "late_rate"), by=("unit", "year"))
    ours, whole = narrowed.ask(query), reader.ask(query)
    assert narrowed.ask(query).equals(
        reader.ask(MetricQuery(query.metrics, by=query.by, units=own))
    )
    assert whole.height > ours.height
    assert reader.ask(query).equals(whole)  # the answers kept for one are not the other's
    one = MetricQuery(("received",), units=(own[0],))
    assert narrowed.ask(one).equals(reader.ask(one))
    foreign = next(key for key in reader.about.units["unit_key"] if key not in own)
    for units in ((foreign,), ("nowhere",)):
        with pytest.raises(AccessError, match="units of others"):
            narrowed.ask(MetricQuery(("received",), units=units))
    both = MetricQuery(("received",), by=("unit",), units=(own[0], foreign))
    assert narrowed.ask(both).height == 1


def test_a_narrowed_reader_finds_everything_out_for_itself(
    own: tuple[str, ...], published_home: Path
) -> None:
    fresh = SnapshotReader(current_snapshot(published_home / "serving").file)
    assert fresh.published
    narrowed = fresh.for_viewer(Viewer(Role.unit_leader, frozenset(own), "", "").as_reader)
    found = [n for n, m in vars(SnapshotReader).items() if isinstance(m, cached_property)]
    assert "published" in found
    assert not set(found) & set(vars(narrowed))
    fresh.close()


def test_a_code_used_twice_opens_the_own_validity_alone(reader: SnapshotReader) -> None:
    new = "00691@2025-07-01"
    narrowed = reader.for_viewer(Viewer(Role.unit_leader, frozenset({new}), "", "").as_reader)
    rows = narrowed.ask(MetricQuery(("received",), by=("unit",), units=("00691",)))
    assert rows["unit_valid_from"].to_list() == [
        reader.about.units.filter(pl.col("unit_key") == new)["unit_valid_from"].item()
    ]


def test_a_unit_that_ended_has_no_series_on_todays_boundaries(reader: SnapshotReader) -> None:
    old, new = "00691@", "00691@2025-07-01"
    today = MetricQuery(("received",), boundaries="today")
    both = reader.for_viewer(Viewer(Role.unit_leader, frozenset({old, new}), "", "").as_reader)
    ours = reader.ask(MetricQuery(("received",), units=(new,), boundaries="today"))
    assert both.ask(today).equals(ours)
    ended = reader.for_viewer(Viewer(Role.unit_leader, frozenset({old}), "", "").as_reader)
    with pytest.raises(AccessError, match="units of others"):
        ended.ask(today)


def test_a_narrowed_reader_lists_no_dossier_of_others(
    own: tuple[str, ...], reader: SnapshotReader
) -> None:
    narrowed = reader.for_viewer(Viewer(Role.unit_leader, frozenset(own[:1]), "", "").as_reader)
    operator = Viewer(Role.operator, frozenset(), "", "").as_reader
    assert set(narrowed.dossiers(operator, State.open)["unit_key"]) == {own[0]}


def nobody(why: str) -> dict[str, object]:
    """What stands in the cookie of somebody who may see nothing."""
    now = int(time.time())
    match why:
        case "anonymous":
            return {"is_logged_in": False}
        case "no provider":
            return {}
        case "expired":
            return claims_of("leader", exp=now - 1, nonce=why)
        case "no expiry":
            return claims_of("leader", exp=None, nonce=why)
        case "idle":
            return claims_of("leader", iat=now - 31 * 60, nonce=f"{why}-{time.time_ns()}")
        case "unverified":
            return claims_of("leader", email_verified=False)
        case _:
            return claims_of("stranger")


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("anonymous", "Đăng nhập để xem"),
        ("no provider", "Hệ thống chưa có đăng nhập"),
        ("expired", "Phiên đăng nhập đã hết hạn"),
        ("no expiry", "Phiên đăng nhập đã hết hạn"),
        ("idle", "vì không hoạt động"),
        ("unlisted", "Tài khoản này không có trong danh sách truy cập"),
        ("unverified", "Tài khoản này không có trong danh sách truy cập"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_nobody_sees_no_figure(
    monkeypatch: pytest.MonkeyPatch, home: Path, why: str, words: str, path: str
) -> None:
    page = open_as(monkeypatch, home, nobody(why), path)
    assert not page.exception
    html = html_of(page)
    assert words in html
    assert not any(mark in html for mark in FIGURES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("people: [{email: leader@example.org, role: emperor}]", "Danh sách truy cập đang có lỗi"),
        (
            'people: [{email: leader@example.org, role: unit_leader, units: ["99999@"]}]',
            "Bản số liệu này không có đơn vị của bạn",
        ),
    ],
    ids=["broken", "unknown unit"],
)
def test_a_list_that_cannot_be_followed_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "serving").symlink_to(home / "serving")
    (tmp_path / "access.yml").write_text(text)
    html = html_of(open_as(monkeypatch, tmp_path, claims_of("leader")))
    assert words in html
    assert not any(mark in html for mark in FIGURES)


def test_a_login_that_ends_in_one_window_ends_in_the_other(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    claims = claims_of("leader")
    one = open_as(monkeypatch, home, claims)
    other = open_as(monkeypatch, home, claims)
    one.button(key="logout").click().run()
    other.run()
    assert "Bạn đã đăng xuất" in html_of(other)
    assert "mc-value" not in html_of(other)


def test_whoever_is_taken_from_the_list_sees_no_more(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path, viewer: Viewer
) -> None:
    assert not is_over(viewer)
    (tmp_path / "access.yml").write_text("people: [{email: leader@example.org, role: leader}]")
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path))
    assert is_over(viewer)
    (tmp_path / "access.yml").write_text("people: [{email: unit_leader@example.org, role: leader}]")
    with pytest.raises(NoViewerError, match="unlisted"):
        check_again(viewer)


def test_looking_for_a_newer_version_keeps_no_login_alive(
    monkeypatch: pytest.MonkeyPatch, viewer: Viewer
) -> None:
    login = read_login(viewer.claims)
    monkeypatch.setattr("dashboard.logins.time.time", lambda: login.issued_at + 29 * 60)
    assert not is_over(viewer)
    monkeypatch.setattr("dashboard.logins.time.time", lambda: login.issued_at + 31 * 60)
    assert is_over(viewer)
    LOGINS.use(login, login.issued_at + 20 * 60)
    assert not is_over(viewer)


def test_a_file_is_made_for_who_is_still_here_and_logged(
    monkeypatch: pytest.MonkeyPatch,
    own: tuple[str, ...],
    reader: SnapshotReader,
    home: Path,
    viewer: Viewer,
) -> None:
    narrowed = reader.for_viewer(viewer.as_reader)
    visit = Visit(
        at=viewer.expires_at, event="export", who=viewer.pseudonym, role="unit_leader",  # pyright: ignore
        page="dossiers", parameters={}, snapshot="s",
    )  # fmt: skip
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return dossier_file(narrowed, viewer, State.open, "csv")

    rows = pl.read_csv(hand_out(make, viewer, visit, "mark-1"), infer_schema=False)
    assert set(rows["unit_key"]) == set(own)
    log = (home / "dashboard" / "exports.ndjson").read_text().splitlines()
    assert json.loads(log[-1])["who"] == viewer.pseudonym
    assert json.loads(log[-1])["rows"] == rows.height
    assert HANDED_OUT.may_fetch("mark-1", viewer.login_key)
    assert not HANDED_OUT.may_fetch("mark-1", None)
    monkeypatch.setattr("dashboard.access.st.logout", lambda: None)
    log_out(viewer.claims)
    with pytest.raises(NoViewerError, match="ended"):
        hand_out(make, viewer, visit, "mark-2")
    assert made == [1]
    assert not HANDED_OUT.may_fetch("mark-2", viewer.login_key)


def test_the_access_log_names_nobody(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    user = claims_of("leader")
    page = open_as(monkeypatch, home, user, "definitions", unit="0912345678", period="last_year")
    page.run()
    text = (home / "dashboard" / "access.ndjson").read_text()
    assert not any(str(user[name]) in text for name in ("email", "name"))
    assert "0912345678" not in text
    line = json.loads(text.splitlines()[-1])
    assert line["who"] == identify(user).pseudonym
    assert line["parameters"] == {"lang": "vi", "period": "last_year"}
    assert (line["page"], line["role"], line["event"]) == ("definitions", "leader", "view")
    assert text.splitlines()[-2:].count(text.splitlines()[-1]) == 1  # once a view
    assert (home / "dashboard" / "access.ndjson").stat().st_mode & 0o777 == 0o600


def test_without_a_provider_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, published_home: Path
) -> None:
    from streamlit.testing.v1 import AppTest

    from tests.dashboard.visiting import APP

    monkeypatch.setenv("MOTCUA_HOME", str(published_home))
    html = html_of(AppTest.from_file(APP, default_timeout=60).run())
    assert "Không có đăng nhập: chỉ mở trên máy này (127.0.0.1)" in html
    assert "mc-value" in html


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({"Host": "127.0.0.1:8501"}, True),
        ({"Host": "localhost:8501"}, True),
        ({"Host": "[::1]:8501"}, True),
        ({"Host": "motcua.example.gov.vn"}, False),
        ({"Host": "127.0.0.1.example.org:8501"}, False),
        ({"Host": "127.0.0.1:8501", "X-Forwarded-For": "10.0.0.7"}, False),
    ],
)
def test_without_a_provider_only_this_machine_is_let_in(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], may: bool
) -> None:
    from streamlit.runtime.context import StreamlitHeaders

    from dashboard import access

    class Context:
        pass

    Context.headers = StreamlitHeaders(headers.items())  # pyright: ignore
    monkeypatch.setattr(access.st, "context", Context)
    if may:
        assert access.current_viewer().role is Role.operator
    else:
        with pytest.raises(NoViewerError, match="no_login"):
            access.current_viewer()
