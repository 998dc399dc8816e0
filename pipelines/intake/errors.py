"""What ends a pull."""

from __future__ import annotations


class PullError(Exception):
    """A pull that cannot go on: an error class and one line naming field and rule."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class
