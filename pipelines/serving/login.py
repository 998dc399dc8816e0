"""What Streamlit is told of the login's provider: its `secrets.toml`, and the cookies' secret.

Source of the keys: Streamlit's `st.login`. The file lies where the machine keeps what lives as long
as a service (`RUNTIME_DIRECTORY`, `XDG_RUNTIME_DIR`), else beside the pseudonym key: never in the
home, which is backed up, nor in a checkout.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit

from pipelines.disk import make_folder
from pipelines.settings import Settings

COOKIE_SECRET = ".cookie-secret"
"""File in the dashboard's folder; hidden, so that no backup takes it along."""

_CALLBACK = "/oauth2callback"
_SCOPES = "openid email profile"


class LoginError(ValueError):
    """Settings of a login that cannot be followed; one line that names the setting."""


@dataclass(frozen=True)
class Provider:
    """An OpenID provider and what it knows us by."""

    metadata_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


def find_provider(config: Settings) -> Provider | None:
    """The provider that the settings name; None where none of them is set.

    Raises `LoginError` where one is missing, or an address would show tokens to the network.
    """
    if not config.needs_login:
        return None
    needed = ("oidc_metadata_url", "oidc_client_id", "oidc_client_secret")
    for name in needed:
        if not getattr(config, name):
            raise LoginError(f"MOTCUA_{name.upper()} is not set, the other settings of a login are")
    for name in ("oidc_metadata_url", "oidc_redirect_uri"):
        address = urlsplit(str(getattr(config, name)).replace("{port}", "1"))
        is_safe = address.scheme == "https" or is_loopback(address.hostname or "")
        if address.scheme not in ("http", "https") or not is_safe:
            raise LoginError(f"MOTCUA_{name.upper()}: has to be https outside of this machine")
    if not config.oidc_redirect_uri.endswith(_CALLBACK):
        raise LoginError(f"MOTCUA_OIDC_REDIRECT_URI: has to end in {_CALLBACK}")
    return Provider(
        str(config.oidc_metadata_url),
        str(config.oidc_client_id),
        config.oidc_client_secret.get_secret_value() if config.oidc_client_secret else "",
        config.oidc_redirect_uri,
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is that of this machine alone."""
    if host in ("localhost", ""):
        return host != ""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def cookie_secret(config: Settings) -> str:
    """The secret that signs the dashboard's cookies, made at first use (mode 0600)."""
    file = config.dashboard_dir / COOKIE_SECRET
    if not file.exists():
        make_folder(file.parent)
        write_private(file, secrets.token_hex(32))
    return file.read_text(encoding="ascii")


def write_streamlit_secrets(provider: Provider, cookie: str, port: int) -> Path:
    """Write what `st.login` reads (mode 0600); returns the file, one for each port."""
    named = os.environ.get("RUNTIME_DIRECTORY") or os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(named) / "motcua" if named else Path("~/.config/motcua").expanduser()
    auth = {
        "redirect_uri": provider.redirect_uri,
        "cookie_secret": cookie,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "server_metadata_url": provider.metadata_url,
        "client_kwargs": {"scope": _SCOPES},
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"dashboard-{port}.toml"
    write_private(file, tomlkit.dumps({"auth": auth}))
    return file


def write_private(file: Path, text: str) -> None:
    """Put a file in place as a whole, readable by its owner alone."""
    hidden = file.with_name(f".{file.name}.{os.getpid()}")
    hidden.unlink(missing_ok=True)
    handle = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(handle)
    hidden.replace(file)
