"""dbt-duckdb's plugin that brings the home's own lists: its edits of the changes of units.

A seed is the list as it is delivered; what a home says in its place is a source of the models.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig

from pipelines.network.edits import read_edits
from pipelines.settings import settings


class Plugin(BasePlugin):
    """The source `edited`, a table in the warehouse made anew whenever a model asks for it."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing is configured."""

    def load(self, source_config: SourceConfig) -> pl.DataFrame:
        """The rows of `edited.unit_change_edit`, every column text."""
        return read_edits(settings().change_edits_file)
