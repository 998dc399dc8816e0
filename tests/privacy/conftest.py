"""Fixtures of the tests of privacy."""

from tests.postgres import postgres  # noqa: F401  # pyright: ignore[reportUnusedImport]
