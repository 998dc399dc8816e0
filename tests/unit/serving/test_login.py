"""What Streamlit is told of the provider, and when a dashboard is not opened."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines.serving.login import (
    LoginError,
    cookie_secret,
    find_provider,
    is_loopback,
    write_streamlit_secrets,
)
from pipelines.settings import PROJECT_ROOT, settings

SECRET = 'a "secret" \\ of the tests'
GOOD = {
    "METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "CLIENT_ID": "motcua",
    "CLIENT_SECRET": SECRET,
    "REDIRECT_URI": "https://motcua.example.org/oauth2callback",
}


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for key, value in GOOD.items():
        monkeypatch.setenv(f"MOTCUA_OIDC_{key}", value)
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


@pytest.mark.usefixtures("name")
def test_secrets_are_for_their_owner_alone_and_in_no_checkout(tmp_path: Path) -> None:
    provider = find_provider(settings())
    assert provider is not None
    assert SECRET not in repr(provider)
    assert SECRET not in repr(settings())
    file = write_streamlit_secrets(provider, cookie_secret(settings()), 8501)
    assert file == tmp_path / "run" / "motcua" / "dashboard-8501.toml"
    assert not file.is_relative_to(PROJECT_ROOT)
    kept = tmp_path / "home" / "dashboard" / ".cookie-secret"
    assert {file.stat().st_mode & 0o777, kept.stat().st_mode & 0o777} == {0o600}
    told = tomllib.loads(file.read_text(encoding="utf-8"))["auth"]
    assert told["client_secret"] == SECRET
    assert told["cookie_secret"] == kept.read_text() == cookie_secret(settings())
    assert len(told["cookie_secret"]) == 64
    assert told["redirect_uri"] == GOOD["REDIRECT_URI"]
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.usefixtures("name")
@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("CLIENT_SECRET", None, "CLIENT_SECRET is not set, the other settings of a login are"),
        ("METADATA_URL", None, "METADATA_URL is not set, the other settings of a login are"),
        ("METADATA_URL", "http://login.example.org/x", "METADATA_URL: has to be https outside"),
        ("METADATA_URL", "ftp://127.0.0.1/x", "METADATA_URL: has to be https outside"),
        ("REDIRECT_URI", "http://motcua.example.org/oauth2callback", "REDIRECT_URI: has to be"),
        ("REDIRECT_URI", "https://motcua.example.org/", "REDIRECT_URI: has to end in /oauth2callb"),
    ],
)
def test_settings_that_cannot_be_followed_are_one_line(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str | None, line: str
) -> None:
    if value is None:
        monkeypatch.delenv(f"MOTCUA_OIDC_{key}")
    else:
        monkeypatch.setenv(f"MOTCUA_OIDC_{key}", value)
    with pytest.raises(LoginError, match=f"^MOTCUA_OIDC_{line}"):
        find_provider(settings())
    assert settings().needs_login  # half a login lets nobody in


def test_without_settings_there_is_no_provider() -> None:
    assert find_provider(settings()) is None
    assert not settings().needs_login


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("[::1]", True),
        ("localhost", True), ("0.0.0.0", False), ("::", False), ("10.0.0.7", False),
        ("", False), ("localhost.example.org", False), ("motcua", False),
    ],
)  # fmt: skip
def test_what_is_this_machine_alone(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one
