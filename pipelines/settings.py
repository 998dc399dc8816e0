"""Settings, paths and the one clock of the product.

Everything is read from the environment (`MOTCUA_*`), so that a service file, a test and a
notebook say what they need in the same way.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
"""Where servers of ours listen unless told otherwise."""
PROVINCE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Settings(BaseSettings):
    """Typed settings. `home` holds everything the product writes; `now` stops the clock."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_", extra="ignore")

    home: Path = PROJECT_ROOT / "data"
    now: datetime | None = None
    sources: Path | None = None
    geojson: Path | None = None
    key_file: Path = Path("~/.config/motcua/pseudonym.key")
    pseudonym_key: str | None = None
    first_day: date = date(2021, 1, 1)
    duckdb_memory: str = "12GB"
    duckdb_threads: int | None = None
    keep_snapshots: int = 5
    keep_as_of: int = Field(default=10, ge=1)
    keep_landing_days: int | None = Field(default=None, ge=1)
    impact_days: int = Field(default=7, ge=1)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    oidc_metadata_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_redirect_uri: str = "http://127.0.0.1:{port}/oauth2callback"
    stale_after_days: int = Field(default=3, ge=0)
    login_idle_minutes: int = Field(default=30, ge=1)

    @cached_property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def sources_file(self) -> Path:
        """The list of sources: `MOTCUA_SOURCES`, else the home's, else the project's."""
        if self.sources is not None:
            return self.sources
        own = self.root / "sources.yml"
        return own if own.exists() else PROJECT_ROOT / "data" / "sources.yml"

    @property
    def access_file(self) -> Path:
        """Who may see what of the dashboard: the home's list, else the project's example."""
        own = self.root / "access.yml"
        return own if own.exists() else PROJECT_ROOT / "data" / "access.yml"

    @property
    def needs_login(self) -> bool:
        """Whether anything of a provider is named: then nobody sees a figure without a login."""
        return any((self.oidc_metadata_url, self.oidc_client_id, self.oidc_client_secret))

    @property
    def dashboard_dir(self) -> Path:
        """The only folder that the dashboard writes: its logs and the secret of its cookies."""
        return self.root / "dashboard"

    @property
    def landing_dir(self) -> Path:
        """What came, after the allow-list."""
        return self.root / "landing"

    @property
    def warehouse_file(self) -> Path:
        """The one DuckDB file that is written; its catalog is called `motcua`."""
        return self.root / "warehouse" / "motcua.duckdb"

    @property
    def serving_dir(self) -> Path:
        """Published snapshots and the pointer to the current one."""
        return self.root / "serving"

    @property
    def reference_dir(self) -> Path:
        """Facts under version control, also the dbt seeds."""
        return PROJECT_ROOT / "data" / "reference"

    @property
    def change_edits_file(self) -> Path:
        """What this home says of changes of units in the place of the reference list."""
        return self.root / "unit_change_edits.csv"

    @property
    def tiles_file(self) -> Path:
        """Where the communes stand on the schematic map."""
        return PROJECT_ROOT / "data" / "maps" / "unit_tiles.csv"

    @property
    def models_dir(self) -> Path:
        """The dbt project."""
        return PROJECT_ROOT / "models"


def settings() -> Settings:
    """What the environment says now: tests and workers may differ within one process."""
    ours = (
        (name, value) for name, value in os.environ.items() if name.upper().startswith("MOTCUA_")
    )
    return _read(frozenset(ours), Path.cwd())


@lru_cache(maxsize=8)
def _read(_environment: frozenset[tuple[str, str]], _folder: Path) -> Settings:
    return Settings()


def now() -> datetime:
    """The product's clock: local time of the province without zone, to the second."""
    fixed = settings().now
    if fixed is not None:
        return fixed.replace(tzinfo=None)
    return datetime.now(PROVINCE_ZONE).replace(tzinfo=None, microsecond=0)
