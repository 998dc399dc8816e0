"""dbt-duckdb's plugin that opens the warehouse of this home.

`profiles.yml` names a constant file: dbt takes the whole project anew, eleven seconds instead of
five, whenever the file it was told differs from the one of its last run.
"""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.settings import settings


class Plugin(BasePlugin):
    """Put the file that `MOTCUA_WAREHOUSE_FILE` names, else the home's, in the profile's place."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Called by dbt-duckdb just before it connects."""
        creds.path = os.environ.get("MOTCUA_WAREHOUSE_FILE") or str(settings().warehouse_file)
